"""Random tables of events, and of the people behind random points of trends."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.events import Project
from tests.oracle.random_trends import NAMES, ZONES, date_ranges, filters, projects, query_filters
from tests.oracle.tables import days_of
from tests.oracle.times import resolve

NULL = "$$_posthog_breakdown_null_$$"
MATHS = [
    None,
    "total",
    "dau",
    "weekly_active",
    "monthly_active",
    "first_time_for_user",
    "first_matching_event_for_user",
]
# Items of a breakdown and values they may have; `nothing` never occurs.
BREAKDOWNS = [
    ({"breakdown": "kind", "breakdown_type": "event"}, ["x", "X long", "7", "true", NULL, "nothing"]),
    ({"breakdown": "flag", "breakdown_type": "event"}, ["true", "false", NULL]),
    ({"breakdown": "amount", "breakdown_type": "event"}, ["2.5", "10", "-3", NULL]),
    ({"breakdown": "plan", "breakdown_type": "person"}, ["free", "paid", NULL]),
]


def nows(zone: str) -> st.SearchStrategy[datetime]:
    return st.integers(-12, 14).map(lambda days: ZONES[zone] + timedelta(days=days, hours=13, minutes=5))


@st.composite
def events_questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project, a table of its events, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    around = ZONES[zone].date()
    dates = st.integers(-12, 13).map(lambda days: (around + timedelta(days=days)).isoformat())
    query: dict[str, Any] = {
        "kind": "EventsQuery",
        "select": ["timestamp", "event", "distinct_id"],
        "orderBy": ["timestamp", "event", "distinct_id"],
        "properties": draw(st.lists(filters(), max_size=2)),
        "filterTestAccounts": draw(st.booleans()),
    }
    optional = {
        "event": st.sampled_from(NAMES),
        "events": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
        "after": st.one_of(st.just("all"), dates, st.sampled_from(["-1d", "-7d"])),
        "before": st.one_of(dates, st.just("-1d")),
        "limit": st.integers(1, 5),
        "offset": st.integers(0, 5),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(optional)))) - draw(st.sampled_from([{"event"}, {"events"}]))
    query |= {name: draw(optional[name]) for name in sorted(chosen)}
    return draw(projects(zone)), query, draw(nows(zone))


@st.composite
def actors_questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project whose people say who they are, who is behind a point of a trend, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    project, now = draw(projects(zone)), draw(nows(zone))
    for person, known in project.people.properties.items():
        known["self"] = person
    display = draw(st.sampled_from(["ActionsLineGraph", "ActionsLineGraph", "ActionsTable"]))
    breakdown, values = draw(st.sampled_from(BREAKDOWNS)) if draw(st.booleans()) else (None, [None])
    math = draw(st.sampled_from(MATHS))
    one = {"kind": "EventsNode", "event": draw(st.sampled_from([None, *NAMES])), "properties": draw(filter_lists())}
    trend: dict[str, Any] = {
        "kind": "TrendsQuery",
        "series": [{**one, "math": math} if math else one],
        "interval": draw(st.sampled_from(["hour", "day", "day", "week", "month"])),
        "dateRange": draw(date_ranges(zone)),
        "properties": draw(query_filters()),
        "filterTestAccounts": draw(st.booleans()),
        "trendsFilter": {"display": display},
    }
    source: dict[str, Any] = {"kind": "InsightActorsQuery", "source": trend, "series": 0}
    if breakdown:
        trend["breakdownFilter"] = breakdown
        source["breakdown"] = draw(st.sampled_from(values))
    if display == "ActionsLineGraph":
        span = resolve(trend, trend["interval"], now, ZoneInfo(project.timezone), project.week_start_day)
        days = days_of(span)
        source["day"] = draw(st.sampled_from(days)) if days else span.start.date().isoformat()
    query = {
        "kind": "ActorsQuery",
        "source": source,
        "select": ["properties.self", "event_count", "event_distinct_ids"],
        "limit": 50,
    }
    return project, query, now


def filter_lists() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(filters(), max_size=1)
