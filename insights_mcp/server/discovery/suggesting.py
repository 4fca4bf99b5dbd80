"""A query to begin with: built from what fits a topic, so that it runs as it is."""

import re
from collections.abc import Mapping, Sequence

from insights_mcp.server.discovery.catalogue import KnownEvent
from insights_mcp.server.discovery.properties import KnownProperty
from insights_mcp.server.discovery.topics import Topic
from insights_mcp.server.discovery.words import split_words

_PERIOD = "-30d"
_LONG_PERIOD = "-90d"
_INTERVALS = ((r"\bhour(s|ly)?\b", "hour"), (r"\bweek(s|ly)?\b", "week"), (r"\bmonth(s|ly)?\b", "month"))
_PEOPLE = re.compile(r"\b(users?|people|persons?|visitors?|customers?|unique|active|dau|wau|mau)\b", re.IGNORECASE)
_MATHS = ((r"\b(average|avg|mean)\b", "avg"), (r"\bmedian\b", "median"), (r"\b(max|maximum|highest)\b", "max"))
_MAX_STEPS = 4
_ACTIVE = ((r"\b(wau|weekly active)\b", "weekly_active"), (r"\b(mau|monthly active)\b", "monthly_active"))
_ANY_ACTIVE = re.compile(r"\b(active|activity|dau|wau|mau|engaged|engagement)\b", re.IGNORECASE)


def suggest_query(topic: Topic) -> dict[str, object] | None:
    """Return a query body about a topic, None without an event.

    The kind that it names, such as retention; a funnel when it names several events; else a trend.
    """
    steps = _steps(topic)
    if not steps:
        return None
    if (named := _named_kind(topic.text, steps[0].name)) is not None:
        return named
    filters = [_filter(hit.property, hit.value) for hit in topic.hits]
    if len(steps) > 1:
        series = [{"kind": "EventsNode", "event": step.name} for step in steps]
        return {"kind": "FunnelsQuery", "series": series, **_rest(topic, filters, _PERIOD)}
    interval = _interval(topic.text)
    period = _LONG_PERIOD if interval in ("week", "month") else _PERIOD
    query: dict[str, object] = {"kind": "TrendsQuery", "series": [_series(steps[0], topic)]}
    if interval is not None:
        query["interval"] = interval
    return {**query, **_rest(topic, filters, period)}


def suggest_active(text: str, events: Sequence[KnownEvent]) -> dict[str, object] | None:
    """Return a query for how many people are active, by the event that is seen most; None when nobody asked for it."""
    if not _ANY_ACTIVE.search(text) or not events:
        return None
    busiest = max(events, key=lambda event: event.count or 0)
    interval = _interval(text)
    math = next((math for pattern, math in _ACTIVE if re.search(pattern, text, re.IGNORECASE)), "dau")
    series = [{"kind": "EventsNode", "event": busiest.name, "math": math}]
    dates = {"date_from": _LONG_PERIOD if interval in ("week", "month") else _PERIOD}
    query: dict[str, object] = {"kind": "TrendsQuery", "series": series}
    return {**query, **({"interval": interval} if interval else {}), "dateRange": dates}


def _named_kind(text: str, event: str) -> dict[str, object] | None:
    """Return a query of the kind that the text names, None when it names none."""
    series = [{"kind": "EventsNode", "event": event}]
    dates = {"date_from": _PERIOD}
    words = set(split_words(text))
    if words & {"retention", "retained", "retain", "returning", "comeback"}:
        entity = {"id": event, "type": "events"}
        period = {"hour": "Hour", "month": "Month"}.get(_interval(text) or "", "Week")
        retention = {"targetEntity": entity, "returningEntity": entity, "period": period, "totalIntervals": 8}
        return {"kind": "RetentionQuery", "retentionFilter": retention}
    if words & {"lifecycle", "dormant", "resurrected"}:
        return {"kind": "LifecycleQuery", "series": series, "interval": "week", "dateRange": {"date_from": "-90d"}}
    if words & {"stickiness", "sticky"}:
        return {"kind": "StickinessQuery", "series": series, "dateRange": dates}
    if words & {"paths", "journey", "journeys"}:
        paths = {"includeEventTypes": ["$pageview", "custom_event"], "startPoint": event}
        return {"kind": "PathsQuery", "pathsFilter": paths, "dateRange": dates}
    return None


def _steps(topic: Topic) -> list[KnownEvent]:
    """Return the events in the order the topic names them: of those that stand for the same word only the best."""
    chosen: list[tuple[int, KnownEvent]] = []
    taken: set[int] = set()
    for event, places in zip(topic.events, topic.places, strict=True):
        if places and taken.isdisjoint(places):
            chosen.append((min(places), event))
            taken |= places
    if not chosen:
        return list(topic.focus[:1])
    return [event for _, event in sorted(chosen, key=lambda found: found[0])][:_MAX_STEPS]


def _series(event: KnownEvent, topic: Topic) -> dict[str, object]:
    series: dict[str, object] = {"kind": "EventsNode", "event": event.name}
    numbers = (one for one in topic.fitting if one.type == "Numeric" and one.kind == "event" and not one.is_internal)
    number = next((one for one in numbers if event.name in one.events), None)
    if number is not None:
        math = next((math for pattern, math in _MATHS if re.search(pattern, topic.text, re.IGNORECASE)), "sum")
        return {**series, "math": math, "math_property": number.name}
    return {**series, "math": "dau"} if _PEOPLE.search(topic.text) else series


def _rest(topic: Topic, filters: Sequence[Mapping[str, object]], period: str) -> dict[str, object]:
    rest: dict[str, object] = {"properties": list(filters)} if filters else {}
    filtered = {item["key"] for item in filters}
    split = next((one for one in topic.fitting if one.is_split and one.name not in filtered), None)
    if split is not None:
        rest["breakdownFilter"] = {"breakdown": split.name, "breakdown_type": split.kind}
    return {**rest, "dateRange": {"date_from": period}}


def _filter(one: KnownProperty, value: str) -> dict[str, object]:
    return {"key": one.name, "value": [value], "operator": "exact", "type": one.kind}


def _interval(text: str) -> str | None:
    return next((interval for pattern, interval in _INTERVALS if re.search(pattern, text, re.IGNORECASE)), None)
