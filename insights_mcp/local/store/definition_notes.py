"""What people say of event and property definitions: descriptions, owners, verified, hidden."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time

_WRITABLE = frozenset(("description", "owner", "verified", "verified_at", "verified_by", "hidden"))


@dataclass(frozen=True)
class Note:
    """What was said of one definition."""

    description: str | None = None
    owner: int | None = None
    verified: bool = False
    verified_at: str | None = None
    verified_by: int | None = None
    hidden: bool = False
    updated_at: str | None = None
    updated_by: int | None = None


def get_notes(db: sqlite3.Connection, subject: str, subject_ids: Sequence[str]) -> dict[str, Note]:
    """Return what was said of definitions, by their ids."""
    rows = db.execute(
        "SELECT * FROM definition_notes WHERE subject = ? AND subject_id IN (SELECT value FROM json_each(?))",
        (subject, json.dumps(list(subject_ids))),
    )
    return {
        row["subject_id"]: Note(
            description=row["description"],
            owner=row["owner"],
            verified=bool(row["verified"]),
            verified_at=row["verified_at"],
            verified_by=row["verified_by"],
            hidden=bool(row["hidden"]),
            updated_at=row["updated_at"],
            updated_by=row["updated_by"],
        )
        for row in rows
    }


def write_note(
    db: sqlite3.Connection,
    team_id: int,
    subject: str,
    subject_id: str,
    user_id: int,
    values: Mapping[str, object],
    now: datetime,
) -> None:
    """Set what is said of a definition."""
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable note columns {sorted(unknown)}")
    db.execute(
        "INSERT INTO definition_notes (subject, subject_id, team_id, updated_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at",
        (subject, subject_id, team_id, print_time(now)),
    )
    for column, value in {**values, "updated_by": user_id}.items():
        db.execute(
            f"UPDATE definition_notes SET {column} = ? WHERE subject = ? AND subject_id = ?",
            (value, subject, subject_id),
        )


def noted_ids(db: sqlite3.Connection, team_id: int, subject: str, flag: str) -> list[str]:
    """Return the definitions that are `verified` or `hidden`."""
    if flag not in ("verified", "hidden"):
        raise ValueError(flag)
    rows = db.execute(
        f"SELECT subject_id FROM definition_notes WHERE team_id = ? AND subject = ? AND {flag} = 1",
        (team_id, subject),
    )
    return [row["subject_id"] for row in rows]
