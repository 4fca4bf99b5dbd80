"""Which events and properties a query speaks of, so that they can be looked up before or after it runs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.render.reading import mapping, mappings_of, rows_of

# `event = 'x'` and `event in ('x', 'y')` in SQL; comments and the like may slip in, so SQL is only ever advised on.
_EVENT_IN_SQL = re.compile(r"\bevent\s*(?:=|==|in)\s*\(?\s*((?:'(?:[^'\\]|\\.)*'\s*,?\s*)+)", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_LOOKED_UP = ("event", "person")


@dataclass(frozen=True)
class PropertyMention:
    """A property that a query filters, sums or splits by. `values` are those it must be equal to one of."""

    key: str
    type: str
    events: tuple[str, ...]
    values: tuple[str, ...] = ()


def events_of(source: Mapping[str, object]) -> list[str]:
    """Return the names of the events that a query asks for, each once."""
    found = [event for event, _ in _entries(source)]
    if source.get("kind") == "HogQLQuery":
        found += _events_in_sql(str(source.get("query") or ""))
    if source.get("kind") == "EventsQuery":
        event = source.get("event")
        found += [event] if isinstance(event, str) else []
    return list(dict.fromkeys(found))


def properties_of(source: Mapping[str, object]) -> list[PropertyMention]:
    """Return the event and person properties that a query uses, filters first."""
    events = tuple(events_of(source))
    found: list[PropertyMention] = []
    for event, entry in _entries(source):
        found += _filters(entry.get("properties"), (event,))
        if isinstance(key := entry.get("math_property"), str):
            kind = "person" if str(entry.get("math_property_type")).startswith("person") else "event"
            found.append(PropertyMention(key, kind, (event,)))
    found += _filters(source.get("properties"), events)
    found += _breakdowns(mapping(source.get("breakdownFilter")), events)
    return [one for one in dict.fromkeys(found) if one.type in _LOOKED_UP and one.key]


def _entries(source: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every event with the entry that holds its filters."""
    series = [*mappings_of(source.get("series")), *mappings_of(mapping(source.get("funnelsFilter")).get("exclusions"))]
    for entry in series:
        for node in (entry, *mappings_of(entry.get("nodes"))):
            if isinstance(event := node.get("event"), str) and event:
                yield event, node
    retention = mapping(source.get("retentionFilter"))
    for name in ("targetEntity", "returningEntity"):
        entity = mapping(retention.get(name))
        if isinstance(event := entity.get("id"), str) and entity.get("type") in (None, "events"):
            yield event, entity


def _filters(value: object, events: tuple[str, ...]) -> Iterator[PropertyMention]:
    given: Sequence[object] = [value] if isinstance(value, Mapping) else rows_of(value)
    for one in mappings_of(given):
        if "values" in one:
            yield from _filters(one["values"], events)
        elif isinstance(key := one.get("key"), str):
            exact = one.get("operator") in (None, "exact")
            asked = one.get("value") if exact else None
            values = [item for item in (asked if isinstance(asked, list) else [asked]) if isinstance(item, str)]
            yield PropertyMention(key, str(one.get("type") or "event"), events, tuple(values))


def _breakdowns(split: Mapping[str, object], events: tuple[str, ...]) -> Iterator[PropertyMention]:
    kind = str(split.get("breakdown_type") or "event")
    keys = split.get("breakdown")
    for key in keys if isinstance(keys, list) else [keys]:
        if isinstance(key, str):
            yield PropertyMention(key, kind, events)
    for one in mappings_of(split.get("breakdowns")):
        if isinstance(key := one.get("property"), str):
            yield PropertyMention(key, str(one.get("type") or "event"), events)


def _events_in_sql(text: str) -> list[str]:
    return [name for group in _EVENT_IN_SQL.findall(text) for name in _QUOTED.findall(group)]
