"""Values that properties were seen with, the commonest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights_mcp.local.engine.tables import HOT_EVENT_PROPERTIES, PROPERTY_TEXT, materialized_column
from insights_mcp.local.lookups.reading import like_pattern, read_rows, recent_start

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

MOST = 50
_TEXT = PROPERTY_TEXT.format(column="properties", key="{key:String}")


@dataclass(frozen=True)
class SeenValue:
    """A value and how often it was seen."""

    value: str
    count: int


def event_values(
    engine: "Engine", team_id: int, key: str, events: Sequence[str] = (), search: str = ""
) -> list[SeenValue]:
    """Return values of an event property in the last 90 days of events. Raises Problem."""
    since = recent_start(engine, team_id)
    if since is None:
        return []
    text = f"`{materialized_column(key)}`" if key in HOT_EVENT_PROPERTIES else _TEXT
    condition = "timestamp >= {since:DateTime64(6, 'UTC')}"
    if events:
        condition += " AND event IN {events:Array(String)}"
    params = {"team": team_id, "key": key, "since": since, "events": list(events)}
    return _read(
        engine, f"SELECT {text} AS value FROM events WHERE team_id = {{team:UInt32}} AND {condition}", params, search
    )


def event_names(engine: "Engine", team_id: int, search: str = "") -> list[SeenValue]:
    """Return names of custom events. Raises Problem."""
    sql = "SELECT toString(event) AS value FROM events WHERE team_id = {team:UInt32} AND NOT startsWith(event, '$')"
    return _read(engine, sql, {"team": team_id}, search)


def person_values(engine: "Engine", team_id: int, key: str, search: str = "") -> list[SeenValue]:
    """Return values of a person property. Raises Problem."""
    sql = f"SELECT {_TEXT} AS value FROM persons FINAL WHERE team_id = {{team:UInt32}} AND is_deleted = 0"
    return _read(engine, sql, {"team": team_id, "key": key}, search)


def group_values(engine: "Engine", team_id: int, index: int, key: str, search: str = "") -> list[SeenValue]:
    """Return values of a property of groups of one type. Raises Problem."""
    sql = f"SELECT {_TEXT} AS value FROM groups FINAL WHERE team_id = {{team:UInt32}} AND index = {{index:UInt8}}"
    return _read(engine, sql, {"team": team_id, "key": key, "index": index}, search)


def _read(engine: "Engine", sql: str, params: dict[str, object], search: str) -> list[SeenValue]:
    condition = "isNotNull(value)"
    if search:
        condition += " AND value ILIKE {pattern:String}"
    counted = f"SELECT value, count() AS seen FROM ({sql}) WHERE {condition} GROUP BY value"
    given = {**params, "pattern": like_pattern(search)}
    used = {name: value for name, value in given.items() if f"{{{name}:" in counted}
    rows = read_rows(engine, f"{counted} ORDER BY seen DESC, value LIMIT {MOST}", used)
    return [SeenValue(str(value), int(str(seen))) for value, seen in rows]
