"""The activity log: who did what to which object, with differences (facts/rest-api.md 7)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time


@dataclass(frozen=True)
class Change:
    """One field that changed. None before or after means that there was or is nothing, unless `action` says else."""

    field: str
    before: object
    after: object
    type: str = "Insight"
    action: str | None = None

    def body(self) -> dict[str, object]:
        """Return the change as the API shows it."""
        action = "created" if self.before is None else "deleted" if self.after is None else "changed"
        return {
            "type": self.type,
            "action": self.action or action,
            "field": self.field,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True)
class Entry:
    """One entry of the log; no user means the system."""

    id: str
    user_id: int | None
    activity: str
    scope: str
    item_id: str
    detail: Mapping[str, object]
    created_at: str


def log_activity(
    db: sqlite3.Connection,
    team_id: int,
    user_id: int | None,
    activity: str,
    *,
    scope: str,
    item_id: int,
    name: str | None,
    short_id: str | None,
    changes: Sequence[Change] | None,
    now: datetime,
) -> None:
    """Write an entry."""
    detail = {
        "changes": None if changes is None else [change.body() for change in changes],
        "trigger": None,
        "type": None,
        "name": name,
        "short_id": short_id,
    }
    db.execute(
        "INSERT INTO activity_log (id, team_id, user_id, activity, scope, item_id, detail, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(uuid4()),
            team_id,
            user_id,
            activity,
            scope,
            str(item_id),
            json.dumps(detail, ensure_ascii=False),
            print_time(now),
        ),
    )


def list_activity(
    db: sqlite3.Connection, team_id: int, scope: str, item_id: int | None, limit: int, offset: int
) -> tuple[list[Entry], int]:
    """Return a page of entries, newest first, and the number of all: of one object, or of every object of a scope."""
    where, values = "team_id = ? AND scope = ?", [team_id, scope]
    if item_id is not None:
        where += " AND item_id = ?"
        values.append(str(item_id))
    count = db.execute(f"SELECT count(*) FROM activity_log WHERE {where}", values).fetchone()[0]
    sql = f"SELECT * FROM activity_log WHERE {where} ORDER BY sequence DESC LIMIT ? OFFSET ?"
    return [_entry(row) for row in db.execute(sql, (*values, limit, offset))], count


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        id=row["id"],
        user_id=row["user_id"],
        activity=row["activity"],
        scope=row["scope"],
        item_id=row["item_id"],
        detail=json.loads(row["detail"]),
        created_at=row["created_at"],
    )
