"""Insights, tags, dashboards with tiles, activity, views, sharing, alerts, elements."""

_INSIGHTS = """
CREATE TABLE insights (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    short_id TEXT NOT NULL,
    name TEXT,
    derived_name TEXT,
    description TEXT,
    query TEXT,
    filters TEXT NOT NULL DEFAULT '{}',
    "order" INTEGER,
    deleted INTEGER NOT NULL DEFAULT 0,
    saved INTEGER NOT NULL DEFAULT 1,
    favorited INTEGER NOT NULL DEFAULT 0,
    is_sample INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    last_modified_at TEXT NOT NULL,
    last_modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    updated_at TEXT NOT NULL,
    -- read from the query when it is written, so that lists can filter by them
    query_kind TEXT,
    source_kind TEXT,
    query_events TEXT NOT NULL DEFAULT '[]',
    UNIQUE (team_id, short_id)
);
CREATE INDEX insights_by_modified ON insights (team_id, deleted, last_modified_at);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (team_id, name)
);
-- subject is insight, dashboard, event_definition or property_definition
CREATE TABLE tagged (
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    PRIMARY KEY (subject, subject_id, tag_id)
) WITHOUT ROWID;
CREATE INDEX tagged_by_tag ON tagged (tag_id, subject);
CREATE TABLE insight_views (
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    insight_id INTEGER NOT NULL REFERENCES insights (id) ON DELETE CASCADE,
    last_viewed_at TEXT NOT NULL,
    PRIMARY KEY (insight_id, user_id)
) WITHOUT ROWID;
CREATE INDEX insight_views_by_user ON insight_views (team_id, user_id, last_viewed_at);
CREATE TABLE activity_log (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    activity TEXT NOT NULL,
    scope TEXT NOT NULL,
    item_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX activity_log_by_item ON activity_log (team_id, scope, item_id, sequence);
CREATE INDEX activity_log_by_scope ON activity_log (team_id, scope, sequence);
"""

_DASHBOARDS = """
CREATE TABLE dashboards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT,
    description TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    last_accessed_at TEXT,
    last_refresh TEXT,
    creation_mode TEXT NOT NULL DEFAULT 'default',
    restriction_level INTEGER NOT NULL DEFAULT 21,
    filters TEXT NOT NULL DEFAULT '{}',
    variables TEXT NOT NULL DEFAULT '{}',
    breakdown_colors TEXT NOT NULL DEFAULT '[]',
    data_color_theme_id INTEGER,
    quick_filter_ids TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX dashboards_by_team ON dashboards (team_id, deleted, pinned, name);
CREATE TABLE dashboard_texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    body TEXT,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    last_modified_at TEXT NOT NULL,
    last_modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
);
-- deleted is null until the tile is first removed, 0 after it came back (facts/rest-api.md 3.1)
CREATE TABLE dashboard_tiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dashboard_id INTEGER NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    insight_id INTEGER REFERENCES insights (id) ON DELETE CASCADE,
    text_id INTEGER REFERENCES dashboard_texts (id) ON DELETE CASCADE,
    deleted INTEGER,
    layouts TEXT NOT NULL DEFAULT '{}',
    color TEXT,
    "order" INTEGER,
    filters_overrides TEXT,
    show_description INTEGER,
    transparent_background INTEGER,
    last_refresh TEXT,
    UNIQUE (dashboard_id, insight_id)
);
CREATE INDEX dashboard_tiles_by_insight ON dashboard_tiles (insight_id);
"""

_SHARING = """
CREATE TABLE sharing (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    insight_id INTEGER REFERENCES insights (id) ON DELETE CASCADE,
    dashboard_id INTEGER REFERENCES dashboards (id) ON DELETE CASCADE,
    enabled INTEGER NOT NULL DEFAULT 0,
    access_token TEXT NOT NULL UNIQUE,
    settings TEXT,
    password_required INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    -- set on the old row when its token is replaced
    expires_at TEXT
);
CREATE INDEX sharing_by_insight ON sharing (insight_id);
CREATE INDEX sharing_by_dashboard ON sharing (dashboard_id);
CREATE TABLE share_passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sharing_id INTEGER NOT NULL REFERENCES sharing (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    note TEXT,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    is_active INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX share_passwords_by_sharing ON share_passwords (sharing_id);
"""

_ALERTS = """
CREATE TABLE thresholds (
    id TEXT PRIMARY KEY,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    insight_id INTEGER NOT NULL REFERENCES insights (id) ON DELETE CASCADE,
    name TEXT NOT NULL DEFAULT '',
    configuration TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX thresholds_by_insight ON thresholds (insight_id);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    insight_id INTEGER NOT NULL REFERENCES insights (id) ON DELETE CASCADE,
    threshold_id TEXT REFERENCES thresholds (id) ON DELETE SET NULL,
    name TEXT NOT NULL DEFAULT '',
    enabled INTEGER NOT NULL DEFAULT 1,
    condition TEXT NOT NULL DEFAULT '{}',
    config TEXT,
    detector_config TEXT,
    calculation_interval TEXT NOT NULL DEFAULT 'daily',
    snoozed_until TEXT,
    skip_weekend INTEGER NOT NULL DEFAULT 0,
    schedule_restriction TEXT,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX alerts_by_insight ON alerts (insight_id);
CREATE TABLE alert_subscribers (
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (alert_id, user_id)
) WITHOUT ROWID;
"""

_ELEMENTS = """
CREATE TABLE elements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    text TEXT,
    tag_name TEXT,
    attr_class TEXT,
    href TEXT,
    attr_id TEXT,
    nth_child INTEGER,
    nth_of_type INTEGER,
    attributes TEXT NOT NULL DEFAULT '{}',
    "order" INTEGER
);
CREATE INDEX elements_by_team ON elements (team_id);
"""

MIGRATIONS = (
    ("002_insights", _INSIGHTS),
    ("002_dashboards", _DASHBOARDS),
    ("002_sharing", _SHARING),
    ("002_alerts", _ALERTS),
    ("002_elements", _ELEMENTS),
)
