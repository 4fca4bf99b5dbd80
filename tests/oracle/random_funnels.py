"""Random small projects and funnels: many ties, steps that overlap, every order, view and attribution."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Event, People, Project
from tests.oracle.random_trends import PERSON_OF, TEST_ACCOUNTS, TYPES, filters, query_filters

NAMES = ["seen", "bought", "left", "other"]
START = datetime(2024, 3, 29, tzinfo=UTC)
WINDOWS = [(1, "hour"), (3, "hour"), (1, "day"), (2, "day"), (30, "minute"), (1, "week"), (14, "day"), (5400, "second")]
# An hour apart, but for a few: many ties, and gaps that are just a window.
# Asked of each project: filling the tables takes as long as several answers.
QUESTIONS = 4
OFFSETS = [timedelta(0), timedelta(0), timedelta(0), timedelta(microseconds=1), timedelta(seconds=30)]


def moments(spread: int) -> st.SearchStrategy[datetime]:
    hours = st.integers(0, spread).map(lambda hour: START + timedelta(hours=hour))
    return st.builds(lambda at, more: at + more, hours, st.sampled_from(OFFSETS))


@st.composite
def projects(draw: st.DrawFn, names: list[str]) -> Project:
    spread = draw(st.sampled_from([6, 12, 40, 100]))
    properties = st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["x", "y", "", None]),
            "amount": st.sampled_from([1, 2.5, None]),
            "$browser": st.sampled_from(["Chrome", "Safari", ""]),
            "$session_id": st.sampled_from(["s1", "s2", ""]),
        },
    )
    events = draw(
        st.lists(
            st.builds(
                Event,
                event=st.sampled_from(names),
                distinct_id=st.sampled_from(["a1", "a1", "a2", "a2", "b1", "c1"]),
                timestamp=moments(spread),
                properties=properties,
            ),
            min_size=4,
            max_size=30,
        )
    )
    known = st.fixed_dictionaries({}, optional={"plan": st.sampled_from(["free", "paid", "test", None])})
    people = {person: draw(known) for person in sorted(set(PERSON_OF.values()))}
    return Project(
        events=events,
        people=People(PERSON_OF, people),
        timezone=draw(st.sampled_from(["UTC", "Europe/Berlin", "US/Pacific"])),
        week_start_day=draw(st.sampled_from([0, 1])),
        property_types=TYPES,
        test_account_filters=TEST_ACCOUNTS,
    )


@st.composite
def steps(draw: st.DrawFn, *, overlap: bool) -> list[dict[str, Any]]:
    count = draw(st.integers(2, 4))
    if not overlap:
        names = draw(st.permutations(NAMES[:3]))[: min(count, 3)]
        return [{"kind": "EventsNode", "event": name} for name in names]
    found = []
    for _ in range(count):
        step: dict[str, Any] = {"kind": "EventsNode", "event": draw(st.sampled_from([*NAMES[:2], "seen", None]))}
        if draw(st.integers(0, 5)) == 0:
            step["properties"] = draw(st.lists(filters(), min_size=1, max_size=1))
        if draw(st.integers(0, 9)) == 0:
            step["math"] = draw(st.sampled_from(["first_time_for_user", "first_time_for_user_with_filters"]))
        found.append(step)
    return found


def optional_steps(series: list[dict[str, Any]], draw: st.DrawFn) -> None:
    for index in range(1, len(series)):
        if not draw(st.booleans()):
            continue
        following = series[index + 1] if index + 1 < len(series) else None
        if (
            following is None
            or following.get("event") != series[index].get("event")
            or following.get("optionalInFunnel")
        ):
            series[index]["optionalInFunnel"] = True
    for one, following in pairwise(series):
        is_before_required = one.get("optionalInFunnel") and not following.get("optionalInFunnel")
        if is_before_required and one.get("event") == following.get("event"):
            del one["optionalInFunnel"]


@st.composite
def exclusions(draw: st.DrawFn, series: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(1, 2))):
        first = 0 if order == "unordered" else draw(st.integers(0, len(series) - 2))
        last = len(series) - 1 if order == "unordered" else draw(st.integers(first + 1, len(series) - 1))
        used = {step.get("event") for step in series[first : last + 1]}
        names = [name for name in [*NAMES, "other", "other"] if name not in used]
        if names:
            found.append(
                {
                    "kind": "EventsNode",
                    "event": draw(st.sampled_from(names)),
                    "funnelFromStep": first,
                    "funnelToStep": last,
                }
            )
    return found


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, list[dict[str, Any]], datetime]:
    """A project, funnels over it, and the time they are asked."""
    project = draw(projects(NAMES))
    asked = draw(st.lists(funnels(), min_size=QUESTIONS, max_size=QUESTIONS))
    return project, asked, START + timedelta(days=5, hours=10)


@st.composite
def funnels(draw: st.DrawFn) -> dict[str, Any]:
    overlap = draw(st.booleans())
    series = draw(steps(overlap=overlap))
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "unordered"]))
    viz = draw(st.sampled_from(["steps", "steps", "steps", "trends", "trends", "time_to_convert"]))
    count, unit = draw(st.sampled_from(WINDOWS))
    shown: dict[str, Any] = {
        "funnelOrderType": order,
        "funnelVizType": viz,
        "funnelWindowInterval": count,
        "funnelWindowIntervalUnit": unit,
    }
    if draw(st.integers(0, 2)) == 0:
        shown["exclusions"] = draw(exclusions(series, order))
    if viz == "steps" and order != "unordered" and draw(st.integers(0, 2)) == 0:
        optional_steps(series, draw)
    if viz != "steps" and len(series) > 2 and draw(st.booleans()):
        shown["funnelFromStep"] = draw(st.integers(0, len(series) - 2))
        shown["funnelToStep"] = draw(st.integers(shown["funnelFromStep"] + 1, len(series) - 1))
    if viz == "time_to_convert" and draw(st.booleans()):
        shown["binCount"] = draw(st.sampled_from([1, 3, 200]))
    if draw(st.integers(0, 5)) == 0:
        shown["funnelAggregateByHogQL"] = "properties.$session_id"
    query: dict[str, Any] = {
        "kind": "FunnelsQuery",
        "series": series,
        "interval": draw(st.sampled_from(["hour", "day", "day", "week", "month"])),
        "dateRange": draw(
            st.sampled_from(
                [
                    {"date_from": "2024-03-29", "date_to": "2024-04-03"},
                    {"date_from": "2024-03-28", "date_to": "2024-04-03"},
                    {"date_from": "2024-03-28", "date_to": "2024-04-20"},
                    {"date_from": "2024-03-30", "date_to": "2024-03-31"},
                ]
            )
        ),
        "funnelsFilter": shown,
    }
    if draw(st.integers(0, 7)) == 0:
        weekdays = sorted(draw(st.sets(st.integers(1, 7), min_size=2, max_size=5)))
        query["dateRange"] = {**query["dateRange"], "daysOfWeek": weekdays}
    if draw(st.integers(0, 7)) == 0:
        query["properties"] = draw(query_filters())
        query["filterTestAccounts"] = draw(st.booleans())
    if draw(st.integers(0, 2)) == 0:
        add_breakdown(draw, query, shown)
    if draw(st.integers(0, 4)) == 0:
        query["compareFilter"] = {"compare": True}
    return query


def add_breakdown(draw: st.DrawFn, query: dict[str, Any], shown: dict[str, Any]) -> None:
    name, type_ = draw(
        st.sampled_from(
            [
                ("kind", "event"),
                ("$browser", "event"),
                ("amount", "event"),
                ("plan", "person"),
                (["kind", "$browser"], "event"),
            ]
        )
    )
    query["breakdownFilter"] = {"breakdown": name, "breakdown_type": type_}
    if draw(st.booleans()):
        query["breakdownFilter"]["breakdown_limit"] = draw(st.integers(1, 2))
    mode = draw(st.sampled_from(["first_touch", "last_touch", "all_events", "step", "step"]))
    shown["breakdownAttributionType"] = mode
    if mode == "step":
        last = 0 if shown["funnelOrderType"] == "unordered" else len(query["series"]) - 1
        shown["breakdownAttributionValue"] = draw(st.integers(0, last))
