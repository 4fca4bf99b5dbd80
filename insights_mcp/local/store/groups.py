"""Group types (at most five a project) and groups with their properties."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.mirror import next_version
from insights_mcp.local.store.times import print_time

MAX_GROUP_TYPES = 5


@dataclass(frozen=True)
class GroupType:
    """A kind of group, such as `company`; events name its group in `$group_<index>`."""

    index: int
    name: str
    created_at: str


@dataclass(frozen=True)
class StoredGroup:
    """A group as it is mirrored to the column store. Times are microseconds since the epoch."""

    team_id: int
    index: int
    key: str
    properties: str
    created_at: int
    updated_at: int
    version: int


def list_group_types(db: sqlite3.Connection, team_id: int) -> list[GroupType]:
    """Return a project's group types by index."""
    rows = db.execute("SELECT * FROM group_types WHERE team_id = ? ORDER BY type_index", (team_id,))
    return [GroupType(index=row["type_index"], name=row["name"], created_at=row["created_at"]) for row in rows]


def ensure_group_type(db: sqlite3.Connection, team_id: int, name: str, now: datetime) -> int | None:
    """Return the index of a group type, creating it; None when the project already has five others."""
    known = list_group_types(db, team_id)
    for group_type in known:
        if group_type.name == name:
            return group_type.index
    if len(known) >= MAX_GROUP_TYPES:
        return None
    db.execute("INSERT INTO group_types VALUES (?, ?, ?, ?)", (team_id, len(known), name, print_time(now)))
    return len(known)


def set_group_properties(
    db: sqlite3.Connection, team_id: int, index: int, key: str, properties: Mapping[str, object], moment: int
) -> None:
    """Merge properties into a group, creating it. `moment` is microseconds since the epoch."""
    row = db.execute(
        "SELECT properties FROM groups WHERE team_id = ? AND type_index = ? AND key = ?", (team_id, index, key)
    ).fetchone()
    merged = {**(json.loads(row["properties"]) if row else {}), **properties}
    db.execute(
        "INSERT INTO groups (team_id, type_index, key, properties, created_at, updated_at, version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team_id, type_index, key) DO UPDATE"
        " SET properties = excluded.properties, updated_at = excluded.updated_at, version = excluded.version",
        (
            team_id,
            index,
            key,
            json.dumps(merged, ensure_ascii=False, separators=(",", ":")),
            moment,
            moment,
            next_version(db),
        ),
    )


def groups_after(db: sqlite3.Connection, version: int) -> list[StoredGroup]:
    """Return the groups that changed after a version."""
    rows = db.execute("SELECT * FROM groups WHERE version > ? ORDER BY version", (version,))
    return [
        StoredGroup(
            team_id=row["team_id"],
            index=row["type_index"],
            key=row["key"],
            properties=row["properties"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            version=row["version"],
        )
        for row in rows
    ]
