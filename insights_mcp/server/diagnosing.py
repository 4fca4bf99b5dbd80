"""Why a query finds nothing: names that do not exist, values never seen, events that stopped, a period too short.

Looked up only when there is nothing, or before something is saved, and at most a few requests each time. A key that
may not read definitions gets the answer without the diagnosis.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from insights_mcp.client.models.definitions import EventDefinition
from insights_mcp.errors import ApiError, InputError, PermissionDenied
from insights_mcp.render.days import short_moment
from insights_mcp.render.reading import amount, mappings_of, numbers_of
from insights_mcp.render.reports import Result
from insights_mcp.render.tables import word
from insights_mcp.schema.text import nearest
from insights_mcp.server.mentions import PropertyMention, events_of, properties_of
from insights_mcp.server.tool import Call

_MAX_LINES = 3
# Properties looked up for one diagnosis; each costs a request or two.
_MAX_PROPERTIES = 3
_MAX_VALUES = 5
_LONGEST = 60
# Time zones apart, so that an event of the period's first day is never called too old.
_DAY = timedelta(days=1)


class UnknownEvent(InputError):
    """A query that is to be saved asks for an event that was never seen."""


async def refuse_unknown_events(call: Call, source: Mapping[str, object], *, known: Sequence[str] = ()) -> None:
    """Check the events of a query that is to be saved; those in `known` were there before and pass.

    SQL is not read closely enough to refuse it. A project without any events cannot tell right from wrong.
    Raises UnknownEvent with the nearest names.
    """
    if source.get("kind") == "HogQLQuery":
        return
    wanted = [name for name in events_of(source) if name not in known]
    try:
        unknown = [name for name in wanted if await call.vocabulary.find(call.api, name) is None]
    except PermissionDenied:
        return
    if unknown and not call.vocabulary.is_empty:
        told = " ".join(_tell_unknown(name, call) for name in unknown[:_MAX_LINES])
        raise UnknownEvent(told, advice="Nothing was saved. Correct the name, or save it all the same with force=true.")


async def explain_nothing(call: Call, source: Mapping[str, object], result: Result | None = None) -> list[str]:
    """Return at most three sentences on why a query finds nothing, or misses some of what it asks for."""
    try:
        lines = await _explain_events(call, source, result) or await _explain_properties(call, source)
    except PermissionDenied as denied:
        lacks = f" (the key lacks {denied.scope})" if denied.scope else ""
        return [f"Whether the names exist could not be checked{lacks}."]
    except ApiError:  # a diagnosis is worth no failure
        return []
    if lines:
        return lines[:_MAX_LINES]
    if not events_of(source):
        return ["data-schema shows which events and properties exist."]
    return ["The events exist: widen dateRange (date_from -90d), or drop filters one by one."]


def has_gaps(result: Result) -> bool:
    """Return whether a part of the result is empty that has an event of its own: a series, a step of a funnel."""
    rows = [row for row in mappings_of(result.results) if "breakdown_value" not in row]
    if result.kind == "TrendsQuery":
        return any(not any(numbers_of(row.get("data"))) and not amount(row.get("aggregated_value")) for row in rows)
    return result.kind == "FunnelsQuery" and any("count" in row and not amount(row["count"]) for row in rows)


async def _explain_events(call: Call, source: Mapping[str, object], result: Result | None) -> list[str]:
    lines: list[str] = []
    for name in events_of(source):
        found = await call.vocabulary.find(call.api, name)
        if found is None:
            lines.append(_tell_unknown(name, call))
        elif _ended_before(found, result):
            lines.append(f"{word(name)} was last seen {short_moment(found.last_seen_at)}, before this period.")
    return lines


def _ended_before(event: EventDefinition, result: Result | None) -> bool:
    start, last = result.date_from if result is not None else None, event.last_seen_at
    if start is None or last is None:
        return False
    return last.replace(tzinfo=None) < start.replace(tzinfo=None) - _DAY


def _tell_unknown(name: str, call: Call) -> str:
    if call.vocabulary.is_empty:
        return f"No event {word(name[:_LONGEST])} was ever seen: this project has no events yet."
    near = call.vocabulary.nearest(name)
    if near is None:
        return f"No event {word(name[:_LONGEST])} was ever seen; data-schema finds others."
    seen = f" (last seen {short_moment(near.last_seen_at)})" if near.last_seen_at else ""
    return f"No event {word(name[:_LONGEST])} was ever seen; did you mean {word(near.name)}{seen}?"


async def _explain_properties(call: Call, source: Mapping[str, object]) -> list[str]:
    lines = [await _explain_property(call, one) for one in properties_of(source)[:_MAX_PROPERTIES]]
    return [line for line in lines if line]


async def _explain_property(call: Call, mention: PropertyMention) -> str | None:
    definitions = call.api.definitions
    page = await definitions.properties(type=mention.type, event_names=mention.events, limit=500)
    names = [one.name for one in page.results]
    if not names:
        return None
    if mention.key not in names:
        near = nearest(mention.key, names)
        meant = f"; did you mean {word(near)}?" if near else "; data-schema lists those there are."
        return f"{_name_owner(mention)} no property {word(mention.key[:_LONGEST])}{meant}"
    if not mention.values:
        return None
    seen = [
        one.name
        for one in await definitions.values(mention.key, type=mention.type, event_names=mention.events, limit=50)
    ]
    missing = [value for value in mention.values if value not in seen]
    if not seen or not missing or len(seen) >= 50:
        return None
    near = nearest(missing[0], seen)
    meant = f"did you mean {word(near)}?" if near else f"seen are {', '.join(map(word, seen[:_MAX_VALUES]))}."
    return f"{word(mention.key)} was never {word(missing[0][:_LONGEST])}; {meant}"


def _name_owner(mention: PropertyMention) -> str:
    if mention.type == "person":
        return "Persons have"
    return f"{word(mention.events[0])} has" if len(mention.events) == 1 else "These events have"
