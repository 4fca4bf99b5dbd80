"""StickinessQuery, answered by loops over events (facts/queries.md 1.6)."""

import math
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights_mcp.local.engine.base import Engine
from tests.oracle.agreement import ask_loaded, check_equal, load
from tests.oracle.events import Event, Project, text_of
from tests.oracle.filters import passes
from tests.oracle.times import Range, instant, keys, previous, resolve

HOLDS = {"gte": int.__ge__, "lte": int.__le__, "exact": int.__eq__}


def check_stickiness(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the engine and this oracle differ."""
    load(engine, project)
    shown = ("data", "days", "count", "labels", "compare_label", "order")
    found = [
        {key: one["action"]["order"] if key == "order" else one.get(key) for key in shown}
        for one in ask_loaded(engine, project, query, now)
    ]
    check_equal(found, answer(project, query, now))


def answer(project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The results: series in order, each with the current period and then the previous one."""
    interval = query.get("interval", "day")
    current = resolve(query, interval, now, ZoneInfo(project.timezone), project.week_start_day)
    is_compared = bool((query.get("compareFilter") or {}).get("compare"))
    periods = [("current", current), *([("previous", previous(current, query))] if is_compared else [])]
    is_cumulative = (query.get("stickinessFilter") or {}).get("computedAs") == "cumulative"
    results = []
    for order, series in enumerate(query["series"]):
        for label, span in periods:
            numbers = count_intervals(project, query, series, span, current)
            size = math.ceil(len(keys(replace(span, weekdays=()))) / (query.get("intervalCount") or 1))
            points = sorted({*range(1, size + 1), *numbers})
            results.append(
                {
                    "data": [
                        sum(numbers[other] for other in points if other == point or (is_cumulative and other > point))
                        for point in points
                    ],
                    "days": points,
                    "count": sum(numbers.values()),
                    "labels": [
                        f"{point} {interval}{'s' if point > 1 else ''}{' or more' if is_cumulative else ''}"
                        for point in points
                    ],
                    "compare_label": label if is_compared else None,
                    "order": order,
                }
            )
    return results


def count_intervals(
    project: Project, query: dict[str, Any], series: dict[str, Any], span: Range, current: Range
) -> Counter[int]:
    """How many actors came in 1, 2, 3 ... intervals."""
    visits: dict[str, Counter[Any]] = {}
    for event in project.events:
        actor = actor_of(project, series, event)
        if actor is not None and span.holds(event.timestamp) and wanted(project, query, series, span, event):
            place: Any = span.bucket(event.timestamp)
            if query.get("intervalCount"):
                place = age(event.timestamp, current) // query["intervalCount"]
            visits.setdefault(actor, Counter())[place] += 1
    criteria = (query.get("stickinessFilter") or {}).get("stickinessCriteria") or {"operator": "gte", "value": 1}
    holds = HOLDS[criteria["operator"]]
    lengths = (
        sum(1 for number in by_interval.values() if holds(number, criteria["value"])) for by_interval in visits.values()
    )
    return Counter(length for length in lengths if length)


def age(moment: datetime, current: Range) -> int:
    """Whole units from a moment to the end of the range: hours as they passed, the rest by the calendar."""
    if current.interval == "hour":
        return (instant(current.upper) - instant(moment)) // timedelta(hours=1)
    end, start = (one.astimezone(current.zone).replace(tzinfo=None) for one in (current.upper, moment))
    if current.interval == "month":
        is_later = (start.day, start.time()) > (end.day, end.time())
        return (end.year - start.year) * 12 + end.month - start.month - is_later
    return (end - start) // timedelta(days=7 if current.interval == "week" else 1)


def wanted(project: Project, query: dict[str, Any], series: dict[str, Any], span: Range, event: Event) -> bool:
    if series.get("event") not in (None, event.event):
        return False
    if span.weekdays and event.timestamp.astimezone(span.zone).isoweekday() not in span.weekdays:
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties")) and passes(project, event, series.get("properties"))


def actor_of(project: Project, series: dict[str, Any], event: Event) -> str | None:
    if series.get("math") == "unique_group":
        return event.properties.get("$group_0") or None
    if series.get("math") == "hogql":
        return text_of(event.properties, "kind")
    return project.people.person_of[event.distinct_id]
