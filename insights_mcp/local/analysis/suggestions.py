"""What to ask next about an insight, as queries ready to run (facts/rest-api.md 9, suggestions)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.errors import QueryInvalid
from insights_mcp.local.analysis.findings import Row
from insights_mcp.schema.queries import parse_query

MOST = 5


@dataclass(frozen=True)
class Suggestion:
    """A question to ask next. `target_query` is an InsightVizNode."""

    title: str
    description: str
    target_query: Mapping[str, object]


def suggest(source: Row) -> list[Suggestion]:
    """Return what to ask after a query, by its kind; only queries that fit the schema."""
    rule = _RULES.get(str(source.get("kind")))
    return list(keep_valid(rule(source)))[:MOST] if rule else []


def keep_valid(suggestions: Iterator[Suggestion] | Sequence[Suggestion]) -> Iterator[Suggestion]:
    """Leave out what could not be run."""
    for suggestion in suggestions:
        try:
            parse_query(dict(suggestion.target_query))
        except QueryInvalid:
            continue
        yield suggestion


def _after_trends(source: Row) -> Iterator[Suggestion]:
    events = _events(source)
    if not events:
        return
    name = events[0]
    if not source.get("breakdownFilter"):
        broken = {**source, "breakdownFilter": {"breakdown": "$device_type", "breakdown_type": "event"}}
        yield _suggest(f"{name} by Device Type", "Shows which devices make up the trend.", broken)
    yield _lifecycle(name, source)
    if len(events) > 1:
        steps = [{"kind": "EventsNode", "event": event} for event in events]
        funnel = {"kind": "FunnelsQuery", "series": steps, **_kept(source)}
        yield _suggest(f"From {name} to {events[-1]}", "Shows how many go from one event to the next.", funnel)
    yield _retention(name, source)


def _after_funnel(source: Row) -> Iterator[Suggestion]:
    settings = source.get("funnelsFilter")
    settings = dict(settings) if isinstance(settings, Mapping) else {}
    rate = {**source, "funnelsFilter": {**settings, "funnelVizType": "trends"}}
    yield _suggest("Conversion over Time", "Shows whether the conversion rate rises or falls.", rate)
    times = {**source, "funnelsFilter": {**settings, "funnelVizType": "time_to_convert"}}
    yield _suggest("Time to Convert", "Shows how long people take to get through.", times)
    if not source.get("breakdownFilter"):
        broken = {**source, "breakdownFilter": {"breakdown": "$device_type", "breakdown_type": "event"}}
        yield _suggest("Conversion by Device Type", "Shows on which devices people drop off.", broken)


def _after_retention(source: Row) -> Iterator[Suggestion]:
    settings = source.get("retentionFilter")
    returning = settings.get("returningEntity") if isinstance(settings, Mapping) else None
    event = returning.get("id") if isinstance(returning, Mapping) else None
    name = str(event) if event else "$pageview"
    yield _stickiness(name, source)
    yield _lifecycle(name, source)


def _after_lifecycle(source: Row) -> Iterator[Suggestion]:
    for name in _events(source)[:1]:
        yield _retention(name, source)
        yield _stickiness(name, source)


def _after_stickiness(source: Row) -> Iterator[Suggestion]:
    for name in _events(source)[:1]:
        yield _retention(name, source)
        yield _lifecycle(name, source)


def _after_paths(source: Row) -> Iterator[Suggestion]:
    trend = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "$pageview"}],
        "breakdownFilter": {"breakdown": "$pathname", "breakdown_type": "event"},
        **_kept(source),
    }
    yield _suggest("Pageviews by Path", "Shows which pages the paths lead over.", trend)


def _stickiness(name: str, source: Row) -> Suggestion:
    query = {"kind": "StickinessQuery", "series": [{"kind": "EventsNode", "event": name}], **_kept(source)}
    return _suggest(f"Stickiness of {name}", "Shows on how many days the same people do it.", query)


def _lifecycle(name: str, source: Row) -> Suggestion:
    query = {"kind": "LifecycleQuery", "series": [{"kind": "EventsNode", "event": name}], **_kept(source)}
    return _suggest(f"Lifecycle of {name}", "Shows who is new, comes back or goes dormant.", query)


def _retention(name: str, source: Row) -> Suggestion:
    entity = {"id": name, "name": name, "type": "events"}
    settings = {"targetEntity": entity, "returningEntity": entity, "period": "Week", "totalIntervals": 8}
    kept = {key: value for key, value in _kept(source).items() if key != "dateRange"}
    query = {"kind": "RetentionQuery", "retentionFilter": settings, **kept}
    return _suggest(f"Weekly Retention of {name}", "Shows how many come back week after week.", query)


def _kept(source: Row) -> dict[str, object]:
    """Return what a follow-up keeps of the question: the period and the filters."""
    names = ("dateRange", "properties", "filterTestAccounts")
    return {name: source[name] for name in names if source.get(name)}


def _events(source: Row) -> list[str]:
    series = source.get("series")
    found = [
        str(node["event"])
        for node in (series if isinstance(series, list) else [])
        if isinstance(node, Mapping) and node.get("event")
    ]
    return list(dict.fromkeys(found))


def _suggest(title: str, description: str, source: Mapping[str, object]) -> Suggestion:
    return Suggestion(title[:100], description, {"kind": "InsightVizNode", "source": dict(source)})


_RULES: Mapping[str, Callable[[Row], Iterator[Suggestion]]] = {
    "TrendsQuery": _after_trends,
    "FunnelsQuery": _after_funnel,
    "RetentionQuery": _after_retention,
    "LifecycleQuery": _after_lifecycle,
    "StickinessQuery": _after_stickiness,
    "PathsQuery": _after_paths,
}
