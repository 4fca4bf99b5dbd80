"""Values that properties were seen with: what a filter can be set to."""

from collections.abc import Sequence

from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.property_definitions import SESSION_PROPERTIES
from insights_mcp.local.lookups.values import MOST, SeenValue, event_names, event_values, group_values, person_values
from insights_mcp.local.problems import invalid


@endpoint("GET", "/events/values/", scope="query:read")
def list_event_values(call: Call) -> Answer:
    """List values of an event property, of some events if asked for; key `custom_event` lists event names."""
    key, search = _read_key(call), _read_search(call)
    if key == "custom_event":
        return _answer(event_names(call.backend.engine, call.team.id, search))
    events = call.query.get_all("event_name")
    return _answer(event_values(call.backend.engine, call.team.id, key, events, search))


@endpoint("GET", "/persons/values/", scope="query:read")
def list_person_values(call: Call) -> Answer:
    """List values of a person property."""
    found = person_values(call.backend.engine, call.team.id, _read_key(call), _read_search(call))
    return Answer([{"name": seen.value, "count": seen.count} for seen in found])


@endpoint("GET", "/groups/property_values/", scope="query:read")
def list_group_values(call: Call) -> Answer:
    """List values of a property of groups."""
    index = call.query.get("group_type_index") or "0"
    if index not in ("0", "1", "2", "3", "4"):
        raise invalid("A number from 0 to 4 is required.", attr="group_type_index")
    found = group_values(call.backend.engine, call.team.id, int(index), _read_key(call), _read_search(call))
    return Answer([{"name": seen.value, "count": seen.count} for seen in found])


@endpoint("GET", "/sessions/values/", scope="query:read")
def list_session_values(call: Call) -> Answer:
    """List values of a property of sessions."""
    key, search = _read_key(call), _read_search(call).lower()
    if key not in SESSION_PROPERTIES:
        return Answer([])
    query = {
        "kind": "HogQLQuery",
        "query": f"SELECT toString(`{key}`) AS value, count() AS seen FROM sessions WHERE value != ''"
        f" GROUP BY value ORDER BY seen DESC, value LIMIT {MOST if not search else 1000}",
    }
    rows = call.backend.queries.answer(call.team, query).results
    found = [SeenValue(str(row[0]), int(row[1])) for row in rows] if isinstance(rows, list) else []
    return _answer([seen for seen in found if search in seen.value.lower()][:MOST])


def _answer(found: Sequence[SeenValue]) -> Answer:
    return Answer([{"name": seen.value} for seen in found])


def _read_key(call: Call) -> str:
    key = call.query.get("key")
    if not key:
        raise invalid("You must provide a key", attr="key", code="required")
    return key


def _read_search(call: Call) -> str:
    return (call.query.get("value") or "").strip()


ROUTES = (list_event_values, list_person_values, list_group_values, list_session_values)
