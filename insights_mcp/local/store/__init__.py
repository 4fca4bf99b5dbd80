"""SQLite: projects, insights, dashboards, activity, sharing, alerts, definitions, persons. Numbered migrations."""
