"""TrendsQuery, answered by loops over events (facts/queries.md 1.1)."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.events import Event, Project, number_of, print_typed, text_of, value_of
from tests.oracle.filters import passes
from tests.oracle.times import Range, floor, instant, keys, previous, print_key, resolve

NULL = "$$_posthog_breakdown_null_$$"
OTHER = "$$_posthog_breakdown_other_$$"
TOTAL_DISPLAYS = ("BoldNumber", "ActionsPie", "ActionsBarValue", "ActionsTable")
QUANTILES = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
WINDOWS = {"weekly_active": 7, "monthly_active": 30}


def answer(project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The results: series in order, current period first, breakdown values ranked."""
    zone = ZoneInfo(project.timezone)
    display = query.get("trendsFilter", {}).get("display", "ActionsLineGraph")
    is_total = display in TOTAL_DISPLAYS
    interval = "day" if is_total else query.get("interval", "day")
    periods = [("current", resolve(query, interval, now, zone, project.week_start_day))]
    if query.get("compareFilter", {}).get("compare"):
        asked = resolve(query, query.get("interval", "day"), now, zone, project.week_start_day)
        periods.append(("previous", previous(asked, query)))
    results = []
    for label, span in periods:
        for order, series in enumerate(query["series"]):
            for one in answer_series(project, query, series, span, display):
                one["order"] = order
                one["compare_label"] = label if len(periods) > 1 else None
                results.append(one)
    formula = query.get("trendsFilter", {}).get("formula")
    if not formula:
        return results
    span = periods[0][1]
    return apply_formula(formula, results, skips_days=len(keys(span)) < len(keys(replace(span, weekdays=()))))


def apply_formula(formula: str, results: list[dict[str, Any]], *, skips_days: bool) -> list[dict[str, Any]]:
    """The two series of each period made one, by one of the formulas that are asked at random.

    It counts the formula of the sums of both, but where days are left out the sum of what it gives for the others.
    """
    how: Callable[[float, float], float] = {
        "A + B * 2": lambda a, b: a + b * 2,
        "a / b": lambda a, b: a / b if b else 0,
        "(A - B) / (A + B)": lambda a, b: (a - b) / (a + b) if a + b else 0,
    }[formula]
    combined = []
    for first, second in zip(results[::2], results[1::2], strict=True):
        one = {**first, "order": 0}
        if "aggregated_value" in one:
            one["aggregated_value"] = how(first["aggregated_value"], second["aggregated_value"])
        else:
            one["data"] = [how(a, b) for a, b in zip(first["data"], second["data"], strict=True)]
            one["count"] = sum(one["data"]) if skips_days else how(sum(first["data"]), sum(second["data"]))
        combined.append(one)
    return combined


def answer_series(
    project: Project, query: dict[str, Any], series: dict[str, Any], span: Range, display: str
) -> list[dict[str, Any]]:
    kind = math_of(series, query.get("interval", "day"))
    is_total = display in TOTAL_DISPLAYS
    is_cumulative = display == "ActionsLineGraphCumulative"

    def wanted(event: Event, *, with_filters: bool = True) -> bool:
        if series.get("event") is not None and event.event != series["event"]:
            return False
        return not with_filters or filtered(project, query, series, span, event)

    points = collect(project, query, series, span, kind, wanted, is_total=is_total, is_cumulative=is_cumulative)
    breakdown = read_breakdown(query)
    if is_total:
        totals = {value: merge(numbers) for value, numbers in points.items()}
        return finish_totals(totals, kind, breakdown, limit_of(query))
    return finish_series(points, kind, breakdown, query, span, display)


def filtered(project: Project, query: dict[str, Any], series: dict[str, Any], span: Range, event: Event) -> bool:
    if span.weekdays and event.timestamp.astimezone(span.zone).isoweekday() not in span.weekdays:
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties")) and passes(project, event, series.get("properties"))


def math_of(series: dict[str, Any], interval: str) -> str:
    kind = series.get("math") or "total"
    if (kind == "weekly_active" and interval in ("week", "month")) or (
        kind == "monthly_active" and interval == "month"
    ):
        return "dau"
    return str(kind)


Points = dict[Any, dict[Any, float]]


def collect(
    project: Project,
    query: dict[str, Any],
    series: dict[str, Any],
    span: Range,
    kind: str,
    wanted: Callable[..., bool],
    *,
    is_total: bool,
    is_cumulative: bool,
) -> Points:
    """For each breakdown value, the number of each interval (the only interval of a total is None)."""

    def value(event: Event) -> Any:
        return breakdown_value(project, query, event)

    def bucket(event: Event) -> Any:
        return None if is_total else span.bucket(event.timestamp)

    def person(event: Event) -> str:
        return project.people.person_of[event.distinct_id]

    if kind in WINDOWS:
        return collect_active(project, span, WINDOWS[kind], wanted, value, person, is_total=is_total)
    if kind.startswith("first_"):
        return collect_first(project, span, kind, wanted, value, person, bucket)
    is_per_actor = kind.endswith("_count_per_actor")
    inside = [
        event
        for event in project.events
        if wanted(event)
        and (
            instant(span.start.replace(microsecond=0)) <= instant(event.timestamp) <= instant(span.upper)
            if is_per_actor
            else span.holds(event.timestamp)
        )
    ]
    groups: dict[Any, dict[Any, list[Event]]] = {}
    if is_cumulative and kind == "dau":
        firsts: dict[tuple[Any, str], Any] = {}
        for event in inside:
            name = (value(event), person(event))
            firsts[name] = min(firsts.get(name, bucket(event)), bucket(event))
        counted: Points = {}
        for (shown, _), first in firsts.items():
            counted.setdefault(shown, {}).setdefault(first, 0)
            counted[shown][first] += 1
        return counted
    for event in inside:
        groups.setdefault(value(event), {}).setdefault(bucket(event), []).append(event)
    return {
        shown: {moment: aggregate(project, series, kind, events, person) for moment, events in by_bucket.items()}
        for shown, by_bucket in groups.items()
    }


def collect_active(
    project: Project,
    span: Range,
    days: int,
    wanted: Callable[..., bool],
    value: Callable[[Event], Any],
    person: Callable[[Event], str],
    *,
    is_total: bool,
) -> Points:
    """Persons with an event in the window that ends with each label."""
    wall = span.start.replace(tzinfo=None, microsecond=0) - timedelta(days=days)
    earliest = wall.replace(tzinfo=span.zone)
    if is_total:
        end = span.end.replace(tzinfo=None) - timedelta(days=days)
        earliest = end.replace(tzinfo=span.zone, microsecond=0)
    events = [
        event
        for event in project.events
        if wanted(event) and instant(earliest) <= instant(event.timestamp) <= instant(span.upper)
    ]
    active: dict[Any, dict[Any, set[str]]] = {}
    for event in events if is_total else []:
        active.setdefault(value(event), {}).setdefault(None, set()).add(person(event))
    labels = [] if is_total else keys(span)
    for event in events:
        local = event.timestamp.astimezone(span.zone)
        grain = instant(floor(local, "hour", 0)) if span.interval == "hour" else local.date()
        for label in labels:
            if grain <= label and label - timedelta(days=days) < grain:
                active.setdefault(value(event), {}).setdefault(label, set()).add(person(event))
    return {shown: {label: len(people) for label, people in by_label.items()} for shown, by_label in active.items()}


def collect_first(
    project: Project,
    span: Range,
    kind: str,
    wanted: Callable[..., bool],
    value: Callable[[Event], Any],
    person: Callable[[Event], str],
    bucket: Callable[[Event], Any],
) -> Points:
    """Persons whose first event of all history is in the range and passes the filters."""
    needs_filters = kind == "first_matching_event_for_user"
    history: dict[str, list[Event]] = {}
    for event in project.events:
        if wanted(event, with_filters=needs_filters) and instant(event.timestamp) <= instant(span.upper):
            history.setdefault(person(event), []).append(event)
    points: Points = {}
    for events in history.values():
        first = min(instant(event.timestamp) for event in events)
        passing = [event for event in events if instant(event.timestamp) == first and wanted(event)]
        if passing and first >= instant(span.lower):
            by_bucket = points.setdefault(value(passing[0]), {})
            by_bucket[bucket(passing[0])] = by_bucket.get(bucket(passing[0]), 0) + 1
    return points


def aggregate(
    project: Project, series: dict[str, Any], kind: str, events: list[Event], person: Callable[[Event], str]
) -> float:
    if kind == "dau":
        return len({person(event) for event in events})
    if kind == "unique_session":
        return len({event.properties.get("$session_id") or "" for event in events})
    if kind.endswith("_count_per_actor"):
        counts: dict[str, int] = {}
        for event in events:
            counts[person(event)] = counts.get(person(event), 0) + 1
        return statistic(kind.removesuffix("_count_per_actor"), [float(count) for count in counts.values()])
    if kind in ("avg", "sum", "min", "max", *QUANTILES) and series.get("math_property"):
        numbers = []
        for event in events:
            properties = event.properties
            if series.get("math_property_type") == "person_properties":
                properties = project.people.properties.get(person(event), {})
            number = number_of(text_of(properties, series["math_property"]))
            if number is not None:
                numbers.append(number * (series.get("math_multiplier") or 1))
        return statistic(kind, numbers)
    return len(events)


def statistic(kind: str, numbers: list[float]) -> float:
    if not numbers:
        return 0.0
    if kind == "sum":
        return sum(numbers)
    if kind == "avg":
        return sum(numbers) / len(numbers)
    if kind in ("min", "max"):
        return min(numbers) if kind == "min" else max(numbers)
    place = QUANTILES[kind] * (len(numbers) - 1)
    numbers = sorted(numbers)
    low, high = numbers[math.floor(place)], numbers[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def read_breakdown(query: dict[str, Any]) -> list[dict[str, Any]] | None:
    given = query.get("breakdownFilter") or {}
    if given.get("breakdowns"):
        return list(given["breakdowns"])
    if given.get("breakdown") is None:
        return None
    return [{"property": given["breakdown"], "type": given.get("breakdown_type", "event")}]


def is_list(query: dict[str, Any]) -> bool:
    return bool((query.get("breakdownFilter") or {}).get("breakdowns"))


def limit_of(query: dict[str, Any]) -> int:
    return int((query.get("breakdownFilter") or {}).get("breakdown_limit") or 25)


def breakdown_value(project: Project, query: dict[str, Any], event: Event) -> Any:
    items = read_breakdown(query)
    if items is None:
        return None
    texts = [
        print_typed(value_of(project, event, item.get("type") or "event", item["property"])) or NULL for item in items
    ]
    return tuple(texts) if is_list(query) else texts[0]


def place(value: Any) -> int:
    """Real values first, missing ones after them, the rest last."""
    texts = value if isinstance(value, tuple) else (value,)
    return 2 if OTHER in texts else 1 if NULL in texts else 0


def merge(numbers: dict[Any, float]) -> float:
    return numbers[None]


def rest_of(breakdown: list[dict[str, Any]], value: Any) -> Any:
    return (OTHER,) * len(breakdown) if isinstance(value, tuple) else OTHER


def finish_totals(
    totals: dict[Any, float], kind: str, breakdown: list[dict[str, Any]] | None, limit: int
) -> list[dict[str, Any]]:
    if breakdown is None:
        return [{"aggregated_value": totals.get(None, 0), "breakdown_value": None}]
    ranked = sorted(totals, key=lambda value: (-totals[value], value))
    kept = {value: totals[value] for value in ranked[:limit]}
    rest = [totals[value] for value in ranked[limit:]]
    if rest:
        how = {"max": max, "min": min}.get(kind, sum)
        kept[rest_of(breakdown, ranked[0])] = how(rest)
    order = sorted(kept, key=lambda value: (place(value), -kept[value], value))
    return [{"aggregated_value": kept[value], "breakdown_value": value} for value in order]


def finish_series(
    points: Points,
    kind: str,
    breakdown: list[dict[str, Any]] | None,
    query: dict[str, Any],
    span: Range,
    display: str,
) -> list[dict[str, Any]]:
    labels = keys(span)
    rows = {value: [numbers.get(label, 0) for label in labels] for value, numbers in points.items()}
    weights = {value: sum(numbers.values()) for value, numbers in points.items()}
    if display.endswith("Cumulative"):
        every = keys(replace(span, weekdays=()))
        weights = {
            value: sum(accumulate(numbers.get(label, 0) for label in every)) for value, numbers in points.items()
        }
    if breakdown is None:
        rows = {None: rows.get(None, [0] * len(labels))}
    else:
        rows = keep_ranked(rows, weights, kind, breakdown, limit_of(query))
    rows = {
        value: finish_numbers(numbers, query, display, has_breakdown=breakdown is not None)
        for value, numbers in rows.items()
    }
    order = sorted(rows, key=lambda value: (place(value), -sum(rows[value]), value or ""))
    return [
        {
            "data": rows[value],
            "days": [print_key(label, span) for label in labels],
            "count": rows[value][-1] if display.endswith("Cumulative") and rows[value] else sum(rows[value]),
            "breakdown_value": value,
        }
        for value in order
    ]


def keep_ranked(
    rows: dict[Any, list[float]],
    weights: dict[Any, float],
    kind: str,
    breakdown: list[dict[str, Any]],
    limit: int,
) -> dict[Any, list[float]]:
    ranked = sorted(rows, key=lambda value: (place(value), -weights[value], value))
    kept = {value: rows[value] for value in ranked[:limit]}
    rest = [rows[value] for value in ranked[limit:]]
    if rest:
        how = {"max": max, "min": min}.get(kind, sum)
        kept[rest_of(breakdown, ranked[0])] = [how(column) for column in zip(*rest, strict=True)]
    return kept


def finish_numbers(numbers: list[float], query: dict[str, Any], display: str, *, has_breakdown: bool) -> list[float]:
    if display.endswith("Cumulative"):
        numbers = [sum(numbers[: index + 1]) for index in range(len(numbers))]
        for index in range(1, len(numbers)):
            if numbers[index] <= 0 and not has_breakdown:
                numbers[index] = numbers[index - 1]
    smoothing = query.get("trendsFilter", {}).get("smoothingIntervals", 1)
    if smoothing > 1:
        windows = [numbers[max(0, index + 1 - smoothing) : index + 1] for index in range(len(numbers))]
        numbers = [math.floor(sum(window) / len(window)) for window in windows]
    return numbers
