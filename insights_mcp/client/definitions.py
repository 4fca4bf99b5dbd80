"""Which events, properties and values there are to ask about (facts/rest-api.md 12)."""

import json
from collections.abc import Mapping, Sequence

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.definitions import EventDefinition, PropertyDefinition, PropertyValue
from insights_mcp.client.paging import Page, read_page
from insights_mcp.client.queries import Queries
from insights_mcp.client.views import rows_of
from insights_mcp.errors import ApiError, NotFound, PermissionDenied

# Where each kind of property keeps its values.
_VALUES = {
    "event": ("events", "values"),
    "person": ("persons", "values"),
    "session": ("sessions", "values"),
    "group": ("groups", "property_values"),
}
_FIELDS = {"event": "properties", "person": "person.properties"}


class Definitions:
    """The event and property definitions of the project."""

    def __init__(self, caller: Caller, address: ProjectAddress, queries: Queries) -> None:
        self._caller = caller
        self._address = address
        self._queries = queries

    async def events(
        self,
        *,
        search: str | None = None,
        event_type: str | None = None,
        ordering: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[EventDefinition]:
        """Return the events seen, latest first. `event_type`: event, event_custom or event_posthog."""
        given = (("search", search), ("event_type", event_type), ("ordering", ordering))
        params = [(name, value) for name, value in given if value]
        path = await self._address.path("event_definitions")
        return await read_page(
            self._caller, path, params, lambda item: read_as(EventDefinition, item), limit=limit, offset=offset
        )

    async def properties(
        self,
        *,
        type: str = "event",  # noqa: A002  # the API's own name
        event_names: Sequence[str] = (),
        search: str | None = None,
        names: Sequence[str] = (),
        group_type_index: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[PropertyDefinition]:
        """Return the properties of events, persons, groups or sessions.

        With `event_names` only those seen on these events.
        """
        params = [("type", type)]
        if search:
            params.append(("search", search))
        if names:
            params.append(("properties", ",".join(names)))
        if group_type_index is not None:
            params.append(("group_type_index", str(group_type_index)))
        if event_names and type == "event":
            params.append(("event_names", json.dumps(list(event_names), ensure_ascii=False)))
            # Without this the names only mark what was seen on them.
            params.append(("filter_by_event_names", "true"))
        path = await self._address.path("property_definitions")
        return await read_page(
            self._caller, path, params, lambda item: read_as(PropertyDefinition, item), limit=limit, offset=offset
        )

    async def values(
        self,
        key: str,
        *,
        type: str = "event",  # noqa: A002  # the API's own name
        event_names: Sequence[str] = (),
        search: str | None = None,
        group_type_index: int | None = None,
        limit: int = 20,
    ) -> Sequence[PropertyValue]:
        """Return values that a property was seen with; where the server has no list of them, by a query."""
        params = [("key", key), *(("event_name", name) for name in event_names)]
        if search:
            params.append(("value", search))
        if group_type_index is not None:
            params.append(("group_type_index", str(group_type_index)))
        try:
            path = await self._address.path(*_VALUES.get(type, _VALUES["event"]))
            answer = await self._caller.read(Call("GET", path, params))
        except ApiError as error:
            if type not in _FIELDS or not _has_no_such_endpoint(error):
                raise
            return await self._query_values(key, type, event_names, search, limit)
        rows = [row if isinstance(row, Mapping) else {"name": row} for row in rows_of(answer.data)]
        return [read_as(PropertyValue, row) for row in rows][:limit]

    async def _query_values(
        self, key: str, kind: str, event_names: Sequence[str], search: str | None, limit: int
    ) -> Sequence[PropertyValue]:
        """Count the values of the last 30 days."""
        value = f"toString({_FIELDS[kind]}.{_quoted(key, '`')})"
        where = [f"{value} IS NOT NULL", "timestamp >= now() - INTERVAL 30 DAY"]
        if event_names:
            where.append(f"event IN ({', '.join(_quoted(name, chr(39)) for name in event_names)})")
        if search:
            pattern = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            where.append(f"{value} ILIKE {_quoted(f'%{pattern}%', chr(39))}")
        text = (
            f"SELECT {value} AS name, count() AS seen FROM events WHERE {' AND '.join(where)} "
            f"GROUP BY name ORDER BY seen DESC, name LIMIT {int(limit)}"
        )
        answer = await self._queries.run({"kind": "HogQLQuery", "query": text})
        rows = answer.results if isinstance(answer.results, list) else []
        return [PropertyValue(name=str(row[0]), count=int(row[1])) for row in rows]


def _has_no_such_endpoint(error: ApiError) -> bool:
    if isinstance(error, PermissionDenied):
        return error.scope is None
    return isinstance(error, NotFound) or error.status == 405


def _quoted(text: str, mark: str) -> str:
    """Return a HogQL string or identifier: backslash escapes both the mark and itself."""
    return mark + text.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark
