"""Events and actions of filters as the series of queries."""

from collections.abc import Mapping
from typing import Literal

from insights_mcp.local.legacy.properties import entity_properties
from insights_mcp.local.legacy.values import Filters, given, read_integer, read_json, read_objects, read_text

Entity = Mapping[str, object]
# Which maths a kind of insight has: all of them, those that count people, first times of funnels, none.
Maths = Literal["all", "actors", "first times", "none"]

# What the node of every event is called.
ALL_EVENTS = "All events"
_ACTOR_MATHS = ("dau", "weekly_active", "monthly_active", "unique_group", "hogql")
_FUNNEL_MATH = "first_time_for_user"
_MATH_FIELDS = ("math_property", "math_property_type", "math_hogql")


def read_series(filters: Filters, maths: Maths) -> list[dict[str, object]]:
    """Return actions and events in the order they say; entities without a number or name of theirs are left out."""
    entities = [("actions", one) for one in read_objects(filters, "actions")]
    entities += [("events", one) for one in read_objects(filters, "events")]
    entities.sort(key=lambda entity: read_integer(entity[1], "order") or -1)
    nodes = [_to_node(kind, entity, maths) for kind, entity in entities]
    return [node for node in nodes if node is not None]


def read_exclusions(filters: Filters) -> list[dict[str, object]]:
    """Return what must not happen between steps of a funnel."""
    exclusions = []
    for entity in read_objects(filters, "exclusions"):
        node = _to_node(str(entity.get("type") or "events"), entity, "none", with_properties=False)
        steps = {
            "funnelFromStep": read_integer(entity, "funnel_from_step"),
            "funnelToStep": read_integer(entity, "funnel_to_step"),
        }
        if node is not None:
            exclusions.append({**node, **given(steps)})
    return exclusions


def read_retention_entity(filters: Filters, name: str) -> dict[str, object] | None:
    """Return the event or action that starts or continues a retention."""
    entity = read_json(filters, name)
    if not isinstance(entity, Mapping):
        return None
    kind = "actions" if entity.get("type") == "actions" else "events"
    number = read_integer(entity, "id") if kind == "actions" else None
    return given(
        {
            "id": entity.get("id") if number is None else number,
            "type": kind,
            "name": read_text(entity, "name"),
            "custom_name": read_text(entity, "custom_name"),
            "order": read_integer(entity, "order"),
            "properties": entity_properties(entity),
        }
    )


def _to_node(kind: str, entity: Entity, maths: Maths, *, with_properties: bool = True) -> dict[str, object] | None:
    shared: dict[str, object] = {
        "name": read_text(entity, "name"),
        "custom_name": read_text(entity, "custom_name"),
        "properties": entity_properties(entity) if with_properties else None,
        **_read_math(entity, maths),
    }
    if kind == "actions":
        number = read_integer(entity, "id")
        return None if number is None else {"kind": "ActionsNode", "id": number, **given(shared)}
    given_id = entity.get("id")
    event = str(given_id) if isinstance(given_id, str | int) and not isinstance(given_id, bool) else None
    named = {**shared, "name": shared["name"] or (ALL_EVENTS if event is None else event)}
    return {"kind": "EventsNode", "event": event, **given(named)}


def _read_math(entity: Entity, maths: Maths) -> dict[str, object]:
    math = read_text(entity, "math")
    if maths == "none":
        return {}
    if maths == "first times":
        return {"math": math if math == _FUNNEL_MATH else None}
    if maths == "actors" and math is not None and math not in _ACTOR_MATHS:
        return {"math": "dau"}
    fields: dict[str, object] = {name: read_text(entity, name) for name in _MATH_FIELDS}
    return {"math": math, **fields, "math_group_type_index": read_integer(entity, "math_group_type_index")}
