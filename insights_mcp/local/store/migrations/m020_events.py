"""What is known of events beside the events themselves: persons, groups, definitions, imports."""

_PERSONS = """
CREATE TABLE mirror_state (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO mirror_state VALUES ('sequence', 0), ('persons', 0), ('person_distinct_ids', 0), ('groups', 0);
CREATE TABLE persons (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    properties TEXT NOT NULL DEFAULT '{}',
    is_identified INTEGER NOT NULL DEFAULT 0,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL
);
CREATE INDEX persons_by_version ON persons (version);
CREATE TABLE person_distinct_ids (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL,
    distinct_id TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES persons (id),
    is_override INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    UNIQUE (team_id, distinct_id)
);
CREATE INDEX person_distinct_ids_by_person ON person_distinct_ids (person_id);
CREATE INDEX person_distinct_ids_by_version ON person_distinct_ids (version);
CREATE INDEX person_overrides ON person_distinct_ids (team_id) WHERE is_override = 1;
CREATE TABLE personless_distinct_ids (
    team_id INTEGER NOT NULL,
    distinct_id TEXT NOT NULL,
    PRIMARY KEY (team_id, distinct_id)
) WITHOUT ROWID;
"""

_GROUPS = """
CREATE TABLE group_types (
    team_id INTEGER NOT NULL,
    type_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, type_index),
    UNIQUE (team_id, name)
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL,
    type_index INTEGER NOT NULL,
    key TEXT NOT NULL,
    properties TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (team_id, type_index, key)
);
CREATE INDEX groups_by_version ON groups (version);
"""

_DEFINITIONS = """
CREATE TABLE event_definitions (
    id TEXT PRIMARY KEY,
    team_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT,
    volume INTEGER NOT NULL DEFAULT 0,
    UNIQUE (team_id, name)
);
CREATE TABLE property_definitions (
    id TEXT PRIMARY KEY,
    team_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    group_type_index INTEGER NOT NULL DEFAULT -1,
    name TEXT NOT NULL,
    property_type TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (team_id, type, group_type_index, name)
);
CREATE TABLE event_properties (
    team_id INTEGER NOT NULL,
    event TEXT NOT NULL,
    property TEXT NOT NULL,
    PRIMARY KEY (team_id, event, property)
) WITHOUT ROWID;
CREATE INDEX event_properties_by_property ON event_properties (team_id, property);
CREATE TABLE definition_versions (
    team_id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL
);
"""

_IMPORTS = """
CREATE TABLE imports (
    team_id INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    path TEXT NOT NULL,
    is_finished INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    rejected_bytes INTEGER NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (team_id, fingerprint)
) WITHOUT ROWID;
"""

MIGRATIONS = (
    ("020_persons", _PERSONS),
    ("021_groups", _GROUPS),
    ("022_definitions", _DEFINITIONS),
    ("023_imports", _IMPORTS),
)
