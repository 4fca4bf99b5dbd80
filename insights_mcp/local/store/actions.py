"""Actions: events recognised by their name, page, element or properties, saved under a name (facts/queries.md 1.0)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time

_JSON = ("steps",)
# Columns that a write may set, and no others.
_WRITABLE = frozenset(
    (
        "name",
        "description",
        "steps",
        "post_to_slack",
        "slack_message_format",
        "deleted",
        "pinned_at",
        "creation_context",
    )
)
# A change of one of these changes what queries answer.
_MATERIAL = frozenset(("name", "steps", "deleted"))


@dataclass(frozen=True)
class StoredAction:
    """One action as stored. Every step has every field of a step."""

    id: int
    team_id: int
    name: str | None
    description: str
    steps: Sequence[Mapping[str, object]]
    post_to_slack: bool
    slack_message_format: str
    deleted: bool
    created_at: str
    created_by: int | None
    last_calculated_at: str
    pinned_at: str | None
    creation_context: str | None


def create_action(
    db: sqlite3.Connection, team_id: int, user_id: int, values: Mapping[str, object], now: datetime
) -> StoredAction:
    """Store a new action with the given columns and return it."""
    moment = print_time(now)
    columns = {
        **_storable(values),
        "team_id": team_id,
        "created_at": moment,
        "created_by": user_id,
        "last_calculated_at": moment,
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    row = db.execute(f"INSERT INTO actions ({names}) VALUES ({marks}) RETURNING *", tuple(columns.values())).fetchone()
    return _action(row)


def update_action(db: sqlite3.Connection, action_id: int, values: Mapping[str, object]) -> StoredAction:
    """Set columns of an action and return it."""
    for name, value in _storable(values).items():
        db.execute(f"UPDATE actions SET {name} = ? WHERE id = ?", (value, action_id))
    if _MATERIAL & set(values):
        db.execute("UPDATE actions SET revision = revision + 1 WHERE id = ?", (action_id,))
    return _action(db.execute("SELECT * FROM actions WHERE id = ?", (action_id,)).fetchone())


def get_action(db: sqlite3.Connection, team_id: int, action_id: int) -> StoredAction | None:
    """Return an action by its number, a deleted one too."""
    row = db.execute("SELECT * FROM actions WHERE team_id = ? AND id = ?", (team_id, action_id)).fetchone()
    return _action(row) if row else None


def find_action_by_name(
    db: sqlite3.Connection, team_id: int, name: str | None, *, other_than: int | None = None
) -> StoredAction | None:
    """Return the oldest action of this name that is not deleted."""
    row = db.execute(
        "SELECT * FROM actions WHERE team_id = ? AND name = ? AND deleted = 0 AND id IS NOT ? ORDER BY id LIMIT 1",
        (team_id, name, other_than),
    ).fetchone()
    return _action(row) if row else None


def list_actions(
    db: sqlite3.Connection, team_id: int, *, search: str, limit: int, offset: int
) -> tuple[list[StoredAction], int]:
    """Return a page of the actions that are not deleted, those calculated last first, and the number of all."""
    where, values = "team_id = ? AND deleted = 0", list[object]([team_id])
    if search:
        where += " AND instr(lower(coalesce(name, '')), ?)"
        values.append(search.lower())
    count = db.execute(f"SELECT count(*) FROM actions WHERE {where}", values).fetchone()[0]
    sql = f"SELECT * FROM actions WHERE {where} ORDER BY last_calculated_at DESC, name, id LIMIT ? OFFSET ?"
    return [_action(row) for row in db.execute(sql, (*values, limit, offset))], count


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable action columns {sorted(unknown)}")
    return {name: json.dumps(value, ensure_ascii=False) if name in _JSON else value for name, value in values.items()}


def _action(row: sqlite3.Row) -> StoredAction:
    return StoredAction(
        id=row["id"],
        team_id=row["team_id"],
        name=row["name"],
        description=row["description"],
        steps=json.loads(row["steps"]),
        post_to_slack=bool(row["post_to_slack"]),
        slack_message_format=row["slack_message_format"],
        deleted=bool(row["deleted"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        last_calculated_at=row["last_calculated_at"],
        pinned_at=row["pinned_at"],
        creation_context=row["creation_context"],
    )
