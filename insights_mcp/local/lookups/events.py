"""Single events, latest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insights_mcp.local.lookups.reading import read_rows

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

_COLUMNS = "uuid, toString(event) AS name, distinct_id, properties, timestamp, elements_chain, person_id"


@dataclass(frozen=True)
class StoredEvent:
    """One event as stored."""

    uuid: str
    event: str
    distinct_id: str
    properties: Mapping[str, object]
    timestamp: datetime
    elements_chain: str
    person_id: str


@dataclass(frozen=True)
class EventFilter:
    """Which events to list."""

    event: str | None = None
    distinct_ids: list[str] | None = None
    after: datetime | None = None
    before: datetime | None = None


def list_events(engine: "Engine", team_id: int, wanted: EventFilter, limit: int) -> list[StoredEvent]:
    """Return events, latest first. Raises Problem."""
    conditions, params = ["team_id = {team:UInt32}"], dict[str, object](team=team_id)
    for name, condition in (
        ("event", "event = {event:String}"),
        ("distinct_ids", "distinct_id IN {distinct_ids:Array(String)}"),
        ("after", "timestamp > {after:DateTime64(6, 'UTC')}"),
        ("before", "timestamp < {before:DateTime64(6, 'UTC')}"),
    ):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(condition)
            params[name] = value
    where = " AND ".join(conditions)
    sql = f"SELECT {_COLUMNS} FROM events WHERE {where} ORDER BY timestamp DESC, uuid DESC LIMIT {limit:d}"
    return [_event(row) for row in read_rows(engine, sql, params)]


def get_event(engine: "Engine", team_id: int, uuid: UUID) -> StoredEvent | None:
    """Return one event. Raises Problem."""
    sql = f"SELECT {_COLUMNS} FROM events WHERE team_id = {{team:UInt32}} AND uuid = {{uuid:UUID}} LIMIT 1"
    rows = read_rows(engine, sql, {"team": team_id, "uuid": uuid})
    return _event(rows[0]) if rows else None


def _event(row: tuple[object, ...]) -> StoredEvent:
    uuid, name, distinct_id, properties, timestamp, chain, person_id = row
    if not isinstance(timestamp, datetime):
        raise TypeError("a timestamp column holds datetimes")
    return StoredEvent(
        uuid=str(uuid),
        event=str(name),
        distinct_id=str(distinct_id),
        properties=_object(str(properties)),
        timestamp=timestamp,
        elements_chain=str(chain),
        person_id=str(person_id),
    )


def _object(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
