"""The outbox: which changes of persons and groups the column store has already been told.

Every change takes the next number of one sequence, inside its transaction. The column store keeps the row with the
highest number, so telling it twice does no harm: after a crash, everything above the last number told is told again.
"""

import sqlite3

PERSONS = "persons"
DISTINCT_IDS = "person_distinct_ids"
GROUPS = "groups"


def next_version(db: sqlite3.Connection) -> int:
    """Take the next number of the sequence."""
    row = db.execute(
        "UPDATE mirror_state SET version = version + 1 WHERE name = 'sequence' RETURNING version"
    ).fetchone()
    return int(row["version"])


def read_mirrored(db: sqlite3.Connection) -> dict[str, int]:
    """Return how far each table is told, and under `sequence` the last number taken."""
    return {row["name"]: row["version"] for row in db.execute("SELECT name, version FROM mirror_state")}


def note_mirrored(db: sqlite3.Connection, table: str, version: int) -> None:
    """Note that a table is told up to a version."""
    db.execute("UPDATE mirror_state SET version = max(version, ?) WHERE name = ?", (version, table))
