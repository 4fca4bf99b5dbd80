"""What captured events show of a project's events and properties."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from insights_mcp.local.events.captured import CapturedEvent, mapping_of
from insights_mcp.local.events.inference import NOT_PROPERTIES, infer_type
from insights_mcp.local.store.definitions import Sightings

# Which properties an event carries is not noted for these: every flag on every event says nothing.
_NOT_PAIRED = ("$feature/", "$feature_enrollment/")


def see_captured(events: Iterable[CapturedEvent], group_index: Callable[[str], int | None], now: datetime) -> Sightings:
    """Return the sightings of a batch of events."""
    seen = Sightings()
    for event in events:
        seen.see_event(event.event, event.timestamp)
        if event.event == "$groupidentify":
            name = event.properties.get("$group_type")
            index = group_index(name) if isinstance(name, str) and name else None
            if index is not None:
                see_values(seen, "group", mapping_of(event.properties.get("$group_set")), now, group_type_index=index)
            continue
        see_event_properties(seen, event.event, event.properties, now)
    return seen


def see_event_properties(seen: Sightings, event: str, properties: Mapping[str, object], now: datetime) -> None:
    """Note an event's properties, and those it sets on its person."""
    for key, value in properties.items():
        if (event, key) in seen.event_properties and seen.properties.get(("event", -1, key)):
            continue  # nearly always: this runs for every property of every event
        if key in NOT_PROPERTIES:
            if key in ("$set", "$set_once"):
                see_values(seen, "person", mapping_of(value), now)
            continue
        seen.see_property("event", key, infer_type(key, value, now))
        if not key.startswith(_NOT_PAIRED):
            seen.event_properties.add((event, key))


def see_values(
    seen: Sightings, type_: str, values: Mapping[str, object], now: datetime, *, group_type_index: int = -1
) -> None:
    """Note properties by their values."""
    for name, value in values.items():
        if not seen.properties.get((type_, group_type_index, name)):
            seen.see_property(type_, name, infer_type(name, value, now), group_type_index)
