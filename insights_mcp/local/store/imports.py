"""How far each imported file has come, so that an import goes on where it was cut off."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time


@dataclass(frozen=True)
class ImportProgress:
    """Totals of one file's import. `rows` counts those read, good or bad; `rejected_bytes` the rejects written."""

    rows: int = 0
    added: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_bytes: int = 0


def read_unfinished(db: sqlite3.Connection, team_id: int, fingerprint: str) -> ImportProgress | None:
    """Return how far an import that was cut off had come; None when there is nothing to go on from."""
    row = db.execute(
        "SELECT * FROM imports WHERE team_id = ? AND fingerprint = ? AND is_finished = 0", (team_id, fingerprint)
    ).fetchone()
    if row is None:
        return None
    return ImportProgress(
        rows=row["rows"],
        added=row["added"],
        duplicates=row["duplicates"],
        rejected=row["rejected"],
        rejected_bytes=row["rejected_bytes"],
    )


def save_progress(
    db: sqlite3.Connection,
    team_id: int,
    fingerprint: str,
    path: str,
    progress: ImportProgress,
    now: datetime,
    *,
    is_finished: bool = False,
) -> None:
    """Write how far an import has come."""
    moment = print_time(now)
    db.execute(
        "INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team_id, fingerprint) DO UPDATE"
        " SET path = excluded.path, is_finished = excluded.is_finished, rows = excluded.rows,"
        " added = excluded.added, duplicates = excluded.duplicates, rejected = excluded.rejected,"
        " rejected_bytes = excluded.rejected_bytes, updated_at = excluded.updated_at",
        (
            team_id,
            fingerprint,
            path,
            is_finished,
            progress.rows,
            progress.added,
            progress.duplicates,
            progress.rejected,
            progress.rejected_bytes,
            moment,
            moment,
        ),
    )
