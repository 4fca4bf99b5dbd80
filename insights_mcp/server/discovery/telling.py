"""Events, properties and topics as tables: what is used most comes first, and what is cut is said."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.days import short_moment
from insights_mcp.render.insights import compact_json
from insights_mcp.render.marking import quote
from insights_mcp.render.tables import Plain, Table, cell, cut_table, dense_table, word
from insights_mcp.render.tokens import estimate_tokens
from insights_mcp.server.discovery.catalogue import KnownEvent
from insights_mcp.server.discovery.properties import KnownProperty
from insights_mcp.server.discovery.samples import NUMBER
from insights_mcp.server.discovery.suggesting import suggest_query
from insights_mcp.server.discovery.topics import Topic

_EVENTS = 8
_PROPERTIES = 12
_MAX_ASKED = 60
_NEARLY_ALL = 0.995
_UNCOUNTED = "Not counted ({}): the latest seen first."


def event_table(events: Sequence[KnownEvent]) -> Table:
    """Return events as rows, with how often they were seen in 30 days where that is known."""
    rows = [[one.name, one.count, Plain(short_moment(one.last_seen) or ""), one.description or None] for one in events]
    return dense_table(("event", "30 days", "last seen", "description"), rows)


def property_table(properties: Sequence[KnownProperty], *, of: Sequence[str] = ()) -> Table:
    """Return properties as rows: type, on how many of the sampled events, some values; with `of`, on which of these."""
    always = all(one.share is not None and one.share > _NEARLY_ALL for one in properties)
    rows = [
        [
            one.name,
            one.type,
            None if always or one.share is None else Plain(f"{one.share:.0%}"),
            Plain("all" if len(one.events) == len(of) else " ".join(map(word, one.events))) if of else None,
            Plain(" ".join(_tell_value(value) for value in one.shown_values)),
            one.description or None,
        ]
        for one in properties
    ]
    return dense_table(("property", "type", "set", "on", "values", "description"), rows)


def _tell_value(value: str) -> str:
    return value if NUMBER.fullmatch(value) or value in ("true", "false") else word(value)


def note_trouble(trouble: str | None) -> str:
    """Return why events are not counted, as the end of a line."""
    return f" {_UNCOUNTED.format(trouble)}" if trouble else ""


def tell_topic(topic: Topic, where: str, max_tokens: int) -> str:
    """Return all there is about a topic in at most about that many tokens; the query to begin with is never cut."""
    ready = _tell_query(topic)
    room = max_tokens - estimate_tokens(ready) - 60
    parts = [_tell_events(topic, where, room // 3)]
    room -= estimate_tokens(parts[0])
    if people := [one for one in topic.fitting if one.kind == "person"]:
        parts.append(f"Person properties that fit:\n{cut_table(property_table(people), room // 3).text}")
        room -= estimate_tokens(parts[-1])
    if topic.carried and topic.focus:
        parts.append(_tell_properties(topic, room))
    return "\n".join([*parts, *_tell_rest(topic), *([ready] if ready else [])])


def _tell_events(topic: Topic, where: str, room: int) -> str:
    asked = quote(topic.text, _MAX_ASKED)
    if not topic.events:
        on = f"; looked into {word(topic.focus[0].name)}, which carries what fits" if topic.focus else ""
        return f"No event in {where} is called like {asked}{on}."
    cut = cut_table(event_table(topic.events[:_EVENTS]), room)
    whole = len(topic.events)
    more = f" {cut.kept} shown; kind=events lists them all." if cut.kept < whole else ""
    return f"{whole} event{'s fit' if whole > 1 else ' fits'} {asked} in {where}.{more}\n{cut.text}"


def _tell_properties(topic: Topic, room: int) -> str:
    names = [one.name for one in topic.focus]
    fitting = {one.name for one in topic.fitting if one.kind == "event"}
    ordered = sorted(topic.carried, key=lambda one: one.name not in fitting)
    cut = cut_table(property_table(ordered[:_PROPERTIES], of=names if len(names) > 1 else ()), room)
    left = len(ordered) - cut.kept
    more = f" {left} more with {compact_json({'event': names})}." if left else ""
    first = f"Properties of {', '.join(map(word, names))}"
    return f"{first}{', those that fit first' if fitting else ''}.{more}\n{cut.text}"


def _tell_rest(topic: Topic) -> list[str]:
    hits = [f"{word(hit.value)} is a value of {word(hit.property.name)}." for hit in topic.hits]
    lost = [f"Nothing is called {', '.join(map(cell, topic.unknown))}."] if topic.unknown else []
    trouble = [f"Values could not be sampled ({topic.trouble})."] if topic.trouble else []
    return [" ".join([*hits, *lost, *trouble])] if hits or lost or trouble else []


def _tell_query(topic: Topic) -> str:
    query = suggest_query(topic)
    return tell_ready(query) if query is not None else ""


def tell_ready(query: Mapping[str, object]) -> str:
    """Return a query as the arguments of query-run."""
    return f"Ready for query-run: {compact_json({'query': query})}"
