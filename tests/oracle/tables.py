"""EventsQuery, and ActorsQuery over points of trends, answered by loops over events (facts/queries.md 1.9)."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights_mcp.local.engine.base import Engine
from tests.oracle.agreement import ask_loaded, load
from tests.oracle.events import Event, Project
from tests.oracle.filters import passes
from tests.oracle.times import Range, floor, instant, next_day, read, resolve
from tests.oracle.trends import TOTAL_DISPLAYS, WINDOWS, breakdown_value, filtered, math_of

Row = tuple[Any, ...]


def check_events(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the engine's page of events is another than ours."""
    load(engine, project)
    found = [tuple(row) for row in ask_rows(engine, project, query, now)]
    assert found == answer_events(project, query, now), (found, answer_events(project, query, now))


def check_actors(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the engine finds others behind a point than we do."""
    load(engine, project)
    found = sorted((name, count, tuple(ids)) for name, count, ids in ask_rows(engine, project, query, now))
    expected = answer_actors(project, query["source"], now)
    assert found == expected, (found, expected)


def ask_rows(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> list[list[Any]]:
    rows: list[Any] = ask_loaded(engine, project, query, now)
    return rows


def answer_events(project: Project, query: dict[str, Any], now: datetime) -> list[Row]:
    """The rows of `timestamp, event, distinct_id`, ordered by all of them."""
    zone = ZoneInfo(project.timezone)
    before = read_exactly(query["before"], now, zone) if query.get("before") else instant(now) + timedelta(seconds=5)
    after = query.get("after") or "-1d"
    rows = []
    for event in project.events:
        moment = instant(event.timestamp)
        is_late_enough = after == "all" or moment > read_exactly(after, now, zone)
        named = query.get("event") in (None, event.event) and event.event in (query.get("events") or [event.event])
        is_wanted = named and passes(project, event, query.get("properties"))
        if query.get("filterTestAccounts"):
            is_wanted = is_wanted and passes(project, event, project.test_account_filters)
        if is_wanted and is_late_enough and moment < before:
            rows.append((moment, event.event, event.distinct_id))
    first = query.get("offset", 0)
    page = sorted(rows)[first : first + query.get("limit", 100)]
    return [(print_moment(moment, zone), name, distinct_id) for moment, name, distinct_id in page]


def read_exactly(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    return instant(read(text, now.astimezone(zone), zone, keep_clock=True))


def print_moment(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat().replace("+00:00", "Z")


def answer_actors(project: Project, source: dict[str, Any], now: datetime) -> list[Row]:
    """Who is behind a point: (name of the person, number of events, their distinct ids)."""
    query, zone = source["source"], ZoneInfo(project.timezone)
    series = query["series"][source.get("series", 0)]
    is_total = query["trendsFilter"]["display"] in TOTAL_DISPLAYS
    span = resolve(query, "day" if is_total else query["interval"], now, zone, project.week_start_day)
    kind = math_of(series, query["interval"])
    start, end = period(source, span, WINDOWS.get(kind, 1), is_total=is_total)

    def in_point(event: Event) -> bool:
        moment = instant(event.timestamp)
        return instant(start) <= moment and (moment <= instant(end) if is_total else moment < instant(end))

    def is_named(event: Event) -> bool:
        return series.get("event") in (None, event.event)

    def is_counted(event: Event) -> bool:
        value = source.get("breakdown")
        has_value = value is None or breakdown_value(project, query, event) == as_key(value)
        return has_value and filtered(project, query, series, span, event)

    events = [event for event in project.events if is_named(event)]
    if kind.startswith("first_"):
        is_matching = kind.startswith("first_matching")
        history = [event for event in events if not is_matching or filtered(project, query, series, span, event)]
        counted = firsts(project, history, in_point, is_counted)
    else:
        counted = [event for event in events if in_point(event) and is_counted(event)]
    behind: dict[str, list[str]] = defaultdict(list)
    for event in counted:
        behind[project.people.person_of[event.distinct_id]].append(event.distinct_id)
    return sorted((person, len(ids), tuple(sorted(set(ids)))) for person, ids in behind.items())


def as_key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def firsts(project: Project, events: list[Event], in_point: Any, is_counted: Any) -> list[Event]:
    """One of the first events of each person, where a first one is in the point and counts."""
    by_person: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_person[project.people.person_of[event.distinct_id]].append(event)
    found = []
    for own in by_person.values():
        first = min(instant(event.timestamp) for event in own)
        fitting = [
            event for event in own if instant(event.timestamp) == first and in_point(event) and is_counted(event)
        ]
        found += fitting[:1]
    return found


def period(source: dict[str, Any], span: Range, days: int, *, is_total: bool) -> tuple[datetime, datetime]:
    if is_total:
        start = span.lower if days == 1 else span.upper - timedelta(days=days - 1)
        return start, span.upper
    start = datetime.fromisoformat(source["day"]).replace(tzinfo=span.zone)
    if span.interval == "hour":
        return start - timedelta(days=days - 1), start + timedelta(hours=1)
    if span.interval == "month":
        end = start.replace(day=1) + timedelta(days=32)
        return start - timedelta(days=days - 1), end.replace(day=1)
    return start - timedelta(days=days - 1), start + timedelta(days=7 if span.interval == "week" else 1)


def days_of(span: Range) -> list[str]:
    """The starts of the intervals of a range, as a chart's `days` has them."""
    first, last = (floor(end, span.interval, span.week_start_day) for end in (span.start, span.end))
    if span.interval == "hour":
        hours = int((last.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds() // 3600)
        starts = [first.replace(tzinfo=None) + timedelta(hours=n) for n in range(hours + 1)]
        return [start.isoformat(sep=" ") for start in starts]
    found, day = [], first.date()
    while day <= last.date():
        found.append(day.isoformat())
        day = next_day(day, span.interval)
    return found
