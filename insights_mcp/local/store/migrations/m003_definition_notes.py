"""What people say of event and property definitions."""

_NOTES = """
-- subject is event_definition or property_definition
CREATE TABLE definition_notes (
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    team_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    description TEXT,
    owner INTEGER REFERENCES users (id) ON DELETE SET NULL,
    verified INTEGER NOT NULL DEFAULT 0,
    verified_at TEXT,
    verified_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT NOT NULL,
    updated_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    PRIMARY KEY (subject, subject_id)
) WITHOUT ROWID;
"""

MIGRATIONS = (("003_definition_notes", _NOTES),)
