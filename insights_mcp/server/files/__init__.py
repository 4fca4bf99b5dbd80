"""Insights and dashboards as YAML files: exported, compared with a project, applied to it."""
