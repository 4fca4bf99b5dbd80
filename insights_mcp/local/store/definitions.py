"""Definitions: which events and properties a project has seen, and of what type (facts/rest-api.md 12)."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time

NAME_LENGTH = 200
EVENT_ORDERINGS = {
    "name": "name",
    "last_seen_at": "last_seen_at",
    "last_seen_at::date": "substr(last_seen_at, 1, 10)",
    "created_at": "created_at",
    "created_at::date": "substr(created_at, 1, 10)",
    "volume": "volume",
}


@dataclass(frozen=True)
class EventDefinition:
    """An event name that was seen. `volume` counts its events; times are stored text."""

    id: str
    name: str
    created_at: str
    last_seen_at: str | None
    volume: int


@dataclass(frozen=True)
class PropertyDefinition:
    """A property that was seen. `type` is event, person or group; `property_type` may be unknown."""

    id: str
    name: str
    type: str
    group_type_index: int | None
    property_type: str | None

    @property
    def is_numerical(self) -> bool:
        """True when the values are numbers."""
        return self.property_type == "Numeric"


@dataclass
class Sightings:
    """What a batch of events showed: names, properties with their types, which event carries which property."""

    events: Counter[str] = field(default_factory=Counter)
    last_seen: dict[str, datetime] = field(default_factory=dict)
    # (type, group type index or -1, name) -> type of its first typed value
    properties: dict[tuple[str, int, str], str | None] = field(default_factory=dict)
    event_properties: set[tuple[str, str]] = field(default_factory=set)

    def see_event(self, name: str, moment: datetime, count: int = 1) -> None:
        """Count an event."""
        self.events[name] += count
        if name not in self.last_seen or self.last_seen[name] < moment:
            self.last_seen[name] = moment

    def see_property(self, type_: str, name: str, value_type: str | None, group_type_index: int = -1) -> None:
        """Note a property. The first type that is known stays (PostHog's rule)."""
        if len(name) <= NAME_LENGTH:
            key = (type_, group_type_index, name)
            self.properties[key] = self.properties.get(key) or value_type


def record_sightings(
    db: sqlite3.Connection, team_id: int, sightings: Sightings, now: datetime, *, count: bool = True
) -> None:
    """Create or refresh the definitions of what was seen. `count` adds to the volumes."""
    moment = print_time(now)
    db.executemany(
        "INSERT INTO event_definitions (id, team_id, name, created_at, last_seen_at, volume) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (team_id, name) DO UPDATE SET volume = volume + excluded.volume,"
        " last_seen_at = max(coalesce(last_seen_at, ''), excluded.last_seen_at)",
        [
            (str(uuid4()), team_id, name, moment, print_time(min(sightings.last_seen[name], now)), total * count)
            for name, total in sightings.events.items()
        ],
    )
    changed = db.executemany(
        "INSERT INTO property_definitions (id, team_id, type, group_type_index, name, property_type, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team_id, type, group_type_index, name)"
        " DO UPDATE SET property_type = excluded.property_type"
        " WHERE property_type IS NULL AND excluded.property_type IS NOT NULL",
        [
            (str(uuid4()), team_id, type_, index, name, value_type, moment)
            for (type_, index, name), value_type in sightings.properties.items()
        ],
    ).rowcount
    db.executemany(
        "INSERT OR IGNORE INTO event_properties (team_id, event, property) VALUES (?, ?, ?)",
        [(team_id, event, name) for event, name in sightings.event_properties if len(name) <= NAME_LENGTH],
    )
    if changed > 0:
        _bump_version(db, team_id)


def set_volumes(db: sqlite3.Connection, team_id: int, volumes: Iterable[tuple[str, int]]) -> None:
    """Replace the volumes of a project's events by counted ones."""
    db.executemany(
        "UPDATE event_definitions SET volume = ? WHERE team_id = ? AND name = ?",
        [(total, team_id, name) for name, total in volumes],
    )


def list_event_definitions(
    db: sqlite3.Connection,
    team_id: int,
    *,
    search: str = "",
    names: Sequence[str] | None = None,
    posthog_events: bool | None = None,
    excluded: Sequence[str] = (),
    only_ids: Sequence[str] | None = None,
    excluded_ids: Sequence[str] = (),
    seen_since: str | None = None,
    ordering: Sequence[str] = (),
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[EventDefinition], int]:
    """Return a page of event definitions and how many match.

    `search`: every word must occur. `posthog_events`: True only names that start with $, False only others.
    `ordering`: keys of EVENT_ORDERINGS, "-" in front for descending; default: last seen day descending, then name.
    """
    where: list[str] = ["team_id = ?"]
    values: list[object] = [team_id]
    _match_words(search, where, values)
    if names is not None:
        _match_any("name", names, where, values)
    if posthog_events is not None:
        where.append("name LIKE '$%'" if posthog_events else "name NOT LIKE '$%'")
    if excluded:
        where.append(f"name NOT IN ({_marks(excluded)})")
        values.extend(excluded)
    _match_ids(only_ids, excluded_ids, where, values)
    if seen_since is not None:
        where.append("last_seen_at >= ?")
        values.append(seen_since)
    order = [*(_order(item) for item in ordering), "substr(last_seen_at, 1, 10) DESC", "name"]
    condition = " AND ".join(where)
    total = db.execute(f"SELECT count(*) FROM event_definitions WHERE {condition}", values).fetchone()[0]
    rows = db.execute(
        f"SELECT * FROM event_definitions WHERE {condition} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_event(row) for row in rows], total


def get_event_definition(db: sqlite3.Connection, team_id: int, definition_id: str) -> EventDefinition | None:
    """Return an event definition by its id."""
    row = db.execute("SELECT * FROM event_definitions WHERE team_id = ? AND id = ?", (team_id, definition_id))
    found = row.fetchone()
    return _event(found) if found else None


def delete_event_definition(db: sqlite3.Connection, team_id: int, definition_id: str) -> bool:
    """Forget an event definition; the events stay. Return whether there was one."""
    cursor = db.execute("DELETE FROM event_definitions WHERE team_id = ? AND id = ?", (team_id, definition_id))
    return cursor.rowcount > 0


def list_property_definitions(
    db: sqlite3.Connection,
    team_id: int,
    *,
    type_: str = "event",
    group_type_index: int | None = None,
    search: str = "",
    names: Sequence[str] | None = None,
    excluded: Sequence[str] = (),
    event_names: Sequence[str] | None = None,
    is_numerical: bool | None = None,
    is_feature_flag: bool | None = None,
    excluded_ids: Sequence[str] = (),
    exclude_core: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[PropertyDefinition], int]:
    """Return a page of property definitions, by name, and how many match. `event_names`: only what those carry."""
    where: list[str] = ["team_id = ?", "type = ?"]
    values: list[object] = [team_id, type_]
    if group_type_index is not None:
        where.append("group_type_index = ?")
        values.append(group_type_index)
    _match_words(search, where, values)
    if names is not None:
        _match_any("name", names, where, values)
    if excluded:
        where.append(f"name NOT IN ({_marks(excluded)})")
        values.extend(excluded)
    if event_names is not None:
        where.append(
            f"name IN (SELECT property FROM event_properties WHERE team_id = ? AND event IN ({_marks(event_names)}))"
        )
        values.extend([team_id, *event_names])
    if is_numerical is not None:
        where.append("coalesce(property_type, '') " + ("= 'Numeric'" if is_numerical else "<> 'Numeric'"))
    if is_feature_flag is not None:
        where.append("name " + ("LIKE" if is_feature_flag else "NOT LIKE") + " '$feature/%'")
    _match_ids(None, excluded_ids, where, values)
    if exclude_core:  # what the product sets by itself
        where.append("name NOT LIKE '$%' AND name NOT LIKE 'utm\\_%' ESCAPE '\\'")
    condition = " AND ".join(where)
    total = db.execute(f"SELECT count(*) FROM property_definitions WHERE {condition}", values).fetchone()[0]
    rows = db.execute(
        f"SELECT * FROM property_definitions WHERE {condition} ORDER BY name LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_property(row) for row in rows], total


def get_property_definition(db: sqlite3.Connection, team_id: int, definition_id: str) -> PropertyDefinition | None:
    """Return a property definition by its id."""
    found = db.execute(
        "SELECT * FROM property_definitions WHERE team_id = ? AND id = ?", (team_id, definition_id)
    ).fetchone()
    return _property(found) if found else None


def properties_seen_with(db: sqlite3.Connection, team_id: int, event: str) -> set[str]:
    """Return the names of the properties an event was seen with."""
    rows = db.execute("SELECT property FROM event_properties WHERE team_id = ? AND event = ?", (team_id, event))
    return {row["property"] for row in rows}


def read_version(db: sqlite3.Connection, team_id: int) -> int:
    """Return a number that grows whenever a property or its type is new."""
    row = db.execute("SELECT version FROM definition_versions WHERE team_id = ?", (team_id,)).fetchone()
    return row["version"] if row else 0


def read_property_types(db: sqlite3.Connection, team_id: int) -> dict[tuple[str, int, str], str]:
    """Return (type, group type index or -1, name) -> type for every property whose type is known."""
    rows = db.execute(
        "SELECT type, group_type_index, name, property_type FROM property_definitions"
        " WHERE team_id = ? AND property_type IS NOT NULL",
        (team_id,),
    )
    return {(row["type"], row["group_type_index"], row["name"]): row["property_type"] for row in rows}


def _bump_version(db: sqlite3.Connection, team_id: int) -> None:
    db.execute(
        "INSERT INTO definition_versions VALUES (?, 1) ON CONFLICT (team_id) DO UPDATE SET version = version + 1",
        (team_id,),
    )


def _match_words(search: str, where: list[str], values: list[object]) -> None:
    for word in search.split():
        where.append("name LIKE ? ESCAPE '\\'")
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values.append(f"%{escaped}%")


def _match_any(column: str, wanted: Sequence[str], where: list[str], values: list[object]) -> None:
    where.append(f"{column} IN ({_marks(wanted)})")
    values.extend(wanted)


def _match_ids(only: Sequence[str] | None, excluded: Sequence[str], where: list[str], values: list[object]) -> None:
    if only is not None:
        where.append("id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(only)))
    if excluded:
        where.append("id NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(excluded)))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _order(item: str) -> str:
    return EVENT_ORDERINGS[item.removeprefix("-")] + (" DESC" if item.startswith("-") else "")


def _event(row: sqlite3.Row) -> EventDefinition:
    return EventDefinition(
        id=row["id"],
        name=row["name"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        volume=row["volume"],
    )


def _property(row: sqlite3.Row) -> PropertyDefinition:
    return PropertyDefinition(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        group_type_index=row["group_type_index"] if row["group_type_index"] >= 0 else None,
        property_type=row["property_type"],
    )
