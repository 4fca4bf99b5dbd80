"""What queries refer to by number: actions and cohorts."""

_ACTIONS = """
-- steps is JSON; revision counts changes, so that answers computed before one are known to be outdated
CREATE TABLE actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT,
    description TEXT NOT NULL DEFAULT '',
    steps TEXT NOT NULL DEFAULT '[]',
    post_to_slack INTEGER NOT NULL DEFAULT 0,
    slack_message_format TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    last_calculated_at TEXT NOT NULL,
    pinned_at TEXT,
    creation_context TEXT,
    revision INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX actions_by_team ON actions (team_id, deleted, name);
"""

_COHORTS = """
-- filters is the JSON of a dynamic cohort. version names the members in the column store; pending_version is set while
-- they are written under the next one. facts_seen tells the state of events and persons that they were computed from.
CREATE TABLE cohorts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT,
    description TEXT NOT NULL DEFAULT '',
    is_static INTEGER NOT NULL DEFAULT 0,
    filters TEXT,
    groups TEXT NOT NULL DEFAULT '[]',
    deleted INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    version INTEGER,
    pending_version INTEGER,
    count INTEGER,
    facts_seen TEXT,
    last_calculation TEXT,
    errors_calculating INTEGER NOT NULL DEFAULT 0,
    last_error_at TEXT,
    last_error_message TEXT,
    revision INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX cohorts_by_team ON cohorts (team_id, deleted, name);
-- people of static cohorts, by a distinct id of theirs: it follows its person when persons are merged
CREATE TABLE static_cohort_people (
    cohort_id INTEGER NOT NULL REFERENCES cohorts (id) ON DELETE CASCADE,
    distinct_id TEXT NOT NULL,
    PRIMARY KEY (cohort_id, distinct_id)
) WITHOUT ROWID;
"""

MIGRATIONS = (("040_actions", _ACTIONS), ("041_cohorts", _COHORTS))
