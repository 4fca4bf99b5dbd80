"""The older form of a cohort's conditions: `groups`, any of which is enough."""

from collections.abc import Mapping, Sequence


def filters_of_groups(groups: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return groups as `filters`; what is in no known form is nobody's condition and left out."""
    read = [_read_group(group) for group in groups]
    return {"properties": {"type": "OR", "values": [one for one in read if one is not None]}}


def _read_group(group: Mapping[str, object]) -> dict[str, object] | None:
    properties = group.get("properties")
    if isinstance(properties, Mapping) and "values" in properties:
        return dict(properties)
    if isinstance(properties, Mapping):
        pairs = [{"key": key, "value": value, "type": "person"} for key, value in properties.items()]
        return {"type": "AND", "values": pairs}
    if isinstance(properties, list):
        typed = [{"type": "person", **one} for one in properties if isinstance(one, Mapping)]
        return {"type": "AND", "values": typed}
    action, event = group.get("action_id"), group.get("event_id")
    if action is None and event is None:
        return None
    condition = {
        "type": "behavioral",
        "key": event if action is None else action,
        "event_type": "events" if action is None else "actions",
        "value": "performed_event",
        "time_value": group.get("days"),
        "time_interval": "day",
    }
    if group.get("count") is not None:
        condition |= {
            "value": "performed_event_multiple",
            "operator": group.get("count_operator") or "eq",
            "operator_value": group["count"],
        }
    return {"type": "AND", "values": [condition]}
