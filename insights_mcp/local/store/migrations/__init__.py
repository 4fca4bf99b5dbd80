"""Numbered migrations, applied once each, in this order. Add to the end; never change one that was released.

One module per group of tables; each holds `MIGRATIONS`, a tuple of (unique name, SQL script).
"""

from insights_mcp.local.store.migrations import (
    m001_projects,
    m002_insights,
    m003_definition_notes,
    m020_events,
    m030_query_cache,
    m040_actions_cohorts,
)

MIGRATIONS: tuple[tuple[str, str], ...] = (
    *m001_projects.MIGRATIONS,
    *m002_insights.MIGRATIONS,
    *m003_definition_notes.MIGRATIONS,
    *m020_events.MIGRATIONS,
    *m030_query_cache.MIGRATIONS,
    *m040_actions_cohorts.MIGRATIONS,
)
