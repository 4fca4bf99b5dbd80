"""Insights: saved queries with a name (facts/rest-api.md 3, 5, 6)."""

import json
import secrets
import sqlite3
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time

SHORT_ID_LENGTH = 8
_ALPHABET = string.ascii_letters + string.digits
_JSON = ("query", "query_events")
# Columns that an update may set, and no others.
_WRITABLE = frozenset(
    (
        "name",
        "derived_name",
        "description",
        "query",
        "order",
        "deleted",
        "saved",
        "favorited",
        "is_sample",
        "last_modified_at",
        "last_modified_by",
        "query_kind",
        "source_kind",
        "query_events",
    )
)


@dataclass(frozen=True)
class Insight:
    """One insight as stored. `query` is exactly what was written."""

    id: int
    team_id: int
    short_id: str
    name: str | None
    derived_name: str | None
    description: str | None
    query: Mapping[str, object] | None
    filters: Mapping[str, object]
    order: int | None
    deleted: bool
    saved: bool
    favorited: bool
    is_sample: bool
    created_at: str
    created_by: int | None
    last_modified_at: str
    last_modified_by: int | None
    updated_at: str

    @property
    def title(self) -> str | None:
        """The name an activity shows; insights without one are not logged."""
        return self.name or self.derived_name


def create_insight(
    db: sqlite3.Connection, team_id: int, user_id: int | None, values: Mapping[str, object], now: datetime
) -> Insight:
    """Store a new insight with the given columns and return it."""
    moment = print_time(now)
    columns = {
        **_storable(values),
        "team_id": team_id,
        "short_id": _free_short_id(db, team_id),
        "created_at": moment,
        "created_by": user_id,
        "last_modified_at": moment,
        "last_modified_by": user_id,
        "updated_at": moment,
    }
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO insights ({names}) VALUES ({marks}) RETURNING *"
    return _insight(db.execute(sql, tuple(columns.values())).fetchone())


def update_insight(db: sqlite3.Connection, insight_id: int, values: Mapping[str, object], now: datetime) -> Insight:
    """Set columns of an insight and return it."""
    columns = {**_storable(values), "updated_at": print_time(now)}
    assignments = ", ".join(f'"{name}" = ?' for name in columns)
    sql = f"UPDATE insights SET {assignments} WHERE id = ? RETURNING *"
    return _insight(db.execute(sql, (*columns.values(), insight_id)).fetchone())


def find_insight(db: sqlite3.Connection, team_id: int, key: str, *, include_deleted: bool = False) -> Insight | None:
    """Return the insight with a number or short_id; digits are a number first (facts/rest-api.md 4.2)."""
    alive = "" if include_deleted else " AND deleted = 0"
    if key.isascii() and key.isdecimal() and len(key) < 19:
        row = db.execute(f"SELECT * FROM insights WHERE team_id = ? AND id = ?{alive}", (team_id, int(key))).fetchone()
        if row:
            return _insight(row)
    row = db.execute(f"SELECT * FROM insights WHERE team_id = ? AND short_id = ?{alive}", (team_id, key)).fetchone()
    return _insight(row) if row else None


def get_insights(db: sqlite3.Connection, insight_ids: Sequence[int]) -> list[Insight]:
    """Return insights by number, in the order asked for; unknown ones are left out."""
    wanted = json.dumps(list(insight_ids))
    rows = db.execute("SELECT * FROM insights WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    found = {row["id"]: _insight(row) for row in rows}
    return [found[insight_id] for insight_id in insight_ids if insight_id in found]


def existing_ids(db: sqlite3.Connection, team_id: int, insight_ids: Sequence[int]) -> list[int]:
    """Return which of these numbers are insights of the project that are not deleted."""
    rows = db.execute(
        "SELECT insights.id FROM insights JOIN json_each(?) AS wanted ON wanted.value = insights.id"
        " WHERE team_id = ? AND deleted = 0",
        (json.dumps(list(insight_ids)), team_id),
    )
    return [row["id"] for row in rows]


def list_with_queries(db: sqlite3.Connection, team_id: int) -> list[Insight]:
    """Return every insight of a project that is not deleted and has a query."""
    rows = db.execute("SELECT * FROM insights WHERE team_id = ? AND deleted = 0 AND query IS NOT NULL", (team_id,))
    return [_insight(row) for row in rows]


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable insight columns {sorted(unknown)}")
    return {
        name: json.dumps(value, ensure_ascii=False) if name in _JSON and value is not None else value
        for name, value in values.items()
    }


def _free_short_id(db: sqlite3.Connection, team_id: int) -> str:
    while True:
        short_id = "".join(secrets.choice(_ALPHABET) for _ in range(SHORT_ID_LENGTH))
        if not db.execute("SELECT 1 FROM insights WHERE team_id = ? AND short_id = ?", (team_id, short_id)).fetchone():
            return short_id


def _insight(row: sqlite3.Row) -> Insight:
    return Insight(
        id=row["id"],
        team_id=row["team_id"],
        short_id=row["short_id"],
        name=row["name"],
        derived_name=row["derived_name"],
        description=row["description"],
        query=json.loads(row["query"]) if row["query"] else None,
        filters=json.loads(row["filters"]),
        order=row["order"],
        deleted=bool(row["deleted"]),
        saved=bool(row["saved"]),
        favorited=bool(row["favorited"]),
        is_sample=bool(row["is_sample"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        last_modified_at=row["last_modified_at"],
        last_modified_by=row["last_modified_by"],
        updated_at=row["updated_at"],
    )
