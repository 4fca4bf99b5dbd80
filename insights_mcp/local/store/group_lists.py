"""Lists of groups with their properties."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from insights_mcp.local.store.times import print_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ListedGroup:
    """A group as lists show it."""

    index: int
    key: str
    properties: Mapping[str, object]
    created_at: str


def list_groups(
    db: sqlite3.Connection, team_id: int, index: int, *, search: str = "", limit: int = 100, offset: int = 0
) -> list[ListedGroup]:
    """Return groups of a type, newest first. `search` looks into keys and properties."""
    where, values = "team_id = ? AND type_index = ?", list[object]([team_id, index])
    if search:
        where += " AND (instr(lower(key), ?) OR instr(lower(properties), ?))"
        values += [search.lower(), search.lower()]
    sql = f"SELECT * FROM groups WHERE {where} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return [_group(row) for row in db.execute(sql, (*values, limit, offset))]


def get_group(db: sqlite3.Connection, team_id: int, index: int, key: str) -> ListedGroup | None:
    """Return a group by its type and key."""
    row = db.execute(
        "SELECT * FROM groups WHERE team_id = ? AND type_index = ? AND key = ?", (team_id, index, key)
    ).fetchone()
    return _group(row) if row else None


def count_group_properties(db: sqlite3.Connection, team_id: int) -> dict[int, list[tuple[str, int]]]:
    """Return how many groups have which property, the commonest first, by group type."""
    rows = db.execute(
        "SELECT groups.type_index, found.key AS name, count(*) AS total"
        " FROM groups, json_each(groups.properties) AS found WHERE groups.team_id = ?"
        " GROUP BY groups.type_index, found.key ORDER BY total DESC, found.key",
        (team_id,),
    )
    counts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        counts[row["type_index"]].append((row["name"], row["total"]))
    return counts


def _group(row: sqlite3.Row) -> ListedGroup:
    return ListedGroup(
        index=row["type_index"],
        key=row["key"],
        properties=json.loads(row["properties"]),
        created_at=print_time(_EPOCH + timedelta(microseconds=row["created_at"])),
    )
