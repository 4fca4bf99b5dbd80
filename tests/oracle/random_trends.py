"""Random small projects and trends questions: ties, nulls, days of clock changes, events out of order, empty ranges."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Event, People, Project

ZONES = {
    # zone: an instant close to a change of its clocks
    "UTC": datetime(2024, 3, 10, tzinfo=UTC),
    "Europe/Berlin": datetime(2024, 3, 31, tzinfo=UTC),
    "US/Pacific": datetime(2024, 11, 3, tzinfo=UTC),
    "Asia/Kolkata": datetime(2024, 3, 1, tzinfo=UTC),
}
DISTINCT_IDS = ["a1", "a2", "b1", "c1", "d1"]
PERSON_OF = {"a1": "a1", "a2": "a1", "b1": "b1", "c1": "c1", "d1": "d1"}
NAMES = ["seen", "bought", "left"]
# Binary fractions: sums do not depend on their order.
NUMBERS = [0, 1, 2, 2.5, 10, -3, 0.25]
TEXTS = ["x", "y", "z", "X long", "", None, True, False, 7]
FLAGS = [True, False, None, "maybe"]
SPREAD_MINUTES = 12 * 24 * 60
COUNTING = ["total", "dau", "unique_session"]
WINDOWS = ["weekly_active", "monthly_active"]
FIRSTS = ["first_time_for_user", "first_matching_event_for_user"]
STATISTICS = ["sum", "avg", "min", "max", "median", "p75", "p90", "p95", "p99"]
PER_ACTOR = [f"{name}_count_per_actor" for name in ("avg", "min", "max", "median", "p75", "p90", "p95", "p99")]
DISPLAYS = [
    "ActionsLineGraph",
    "ActionsBar",
    "ActionsLineGraphCumulative",
    "ActionsPie",
    "ActionsBarValue",
    "ActionsTable",
]
TYPES = {"event": {"amount": "Numeric", "flag": "Boolean"}, "person": {"age": "Numeric"}}
TEST_ACCOUNTS = [{"key": "plan", "value": "test", "operator": "is_not", "type": "person"}]


def moments(zone: str) -> st.SearchStrategy[datetime]:
    """Instants around a clock change; often the same ones, often on a full hour."""
    around = ZONES[zone]
    minutes = st.integers(-SPREAD_MINUTES // 30, SPREAD_MINUTES // 30).map(lambda n: n * 30)
    extra = st.sampled_from([timedelta(0), timedelta(0), timedelta(seconds=59), timedelta(microseconds=500_000)])
    return st.builds(lambda n, more: around + timedelta(minutes=n) + more, minutes, extra)


def properties() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "amount": st.sampled_from([*NUMBERS, None, "many"]),
            "raw": st.sampled_from(NUMBERS),
            "kind": st.sampled_from(TEXTS),
            "flag": st.sampled_from(FLAGS),
            "$browser": st.sampled_from(["Chrome", "Safari", "", None]),
            "$session_id": st.sampled_from(["s1", "s2", "s3"]),
        },
    )


@st.composite
def projects(draw: st.DrawFn, zone: str) -> Project:
    events = draw(
        st.lists(
            st.builds(
                Event,
                event=st.sampled_from(NAMES),
                distinct_id=st.sampled_from(DISTINCT_IDS),
                timestamp=moments(zone),
                properties=properties(),
            ),
            max_size=14,
        )
    )
    known = st.fixed_dictionaries(
        {},
        optional={
            "plan": st.sampled_from(["free", "paid", "test", "", None]),
            "age": st.sampled_from([20, 30.5, None]),
        },
    )
    people = {person: draw(known) for person in sorted(set(PERSON_OF.values()))}
    return Project(
        events=events,
        people=People(PERSON_OF, people),
        timezone=zone,
        week_start_day=draw(st.sampled_from([0, 1])),
        property_types=TYPES,
        test_account_filters=TEST_ACCOUNTS,
    )


def filters() -> st.SearchStrategy[dict[str, Any]]:
    texts = st.sampled_from(["x", "y", "X", "7", "true", "", "long"])
    text_filter = st.builds(
        lambda operator, value: {"key": "kind", "type": "event", "operator": operator, "value": value},
        st.sampled_from(["exact", "is_not", "icontains", "not_icontains", "regex", "not_regex"]),
        st.one_of(texts.filter(bool), st.lists(texts.filter(bool), min_size=1, max_size=3)),
    )
    number_filter = st.builds(
        lambda key, operator, value: {"key": key, "type": "event", "operator": operator, "value": value},
        st.sampled_from(["amount", "raw"]),
        st.sampled_from(["exact", "is_not", "gt", "gte", "lt", "lte"]),
        st.sampled_from(NUMBERS),
    )
    between_filter = st.builds(
        lambda operator: {"key": "amount", "type": "event", "operator": operator, "value": [0, 2]},
        st.sampled_from(["between", "not_between"]),
    )
    set_filter = st.builds(
        lambda key, type_, operator: {"key": key, "type": type_, "operator": operator, "value": operator},
        st.sampled_from(["kind", "amount", "flag", "plan"]),
        st.sampled_from(["event", "person"]),
        st.sampled_from(["is_set", "is_not_set"]),
    )
    flag_filter = st.builds(
        lambda operator, value: {"key": "flag", "type": "event", "operator": operator, "value": value},
        st.sampled_from(["exact", "is_not"]),
        st.sampled_from(["true", "false", True, ["true"]]),
    )
    person_filter = st.builds(
        lambda operator, value: {"key": "plan", "type": "person", "operator": operator, "value": value},
        st.sampled_from(["exact", "is_not", "icontains"]),
        st.sampled_from(["free", "paid", ["free", "paid"]]),
    )
    return st.one_of(text_filter, number_filter, between_filter, set_filter, flag_filter, person_filter)


def query_filters() -> st.SearchStrategy[Any]:
    groups = st.builds(
        lambda outer, inner: {"type": outer, "values": inner},
        st.sampled_from(["AND", "OR"]),
        st.lists(
            st.builds(
                lambda type_, values: {"type": type_, "values": values},
                st.sampled_from(["AND", "OR"]),
                st.lists(filters(), max_size=2),
            ),
            max_size=2,
        ),
    )
    return st.one_of(st.just([]), st.just([]), st.lists(filters(), max_size=2), groups)


@st.composite
def series(draw: st.DrawFn, *, has_breakdown: bool) -> dict[str, Any]:
    # with a breakdown, the first of two events at once could bring either value
    maths = [*COUNTING, *WINDOWS, *STATISTICS, *PER_ACTOR, *([] if has_breakdown else FIRSTS)]
    kind = draw(st.sampled_from([None, "total", "dau", *maths]))
    one: dict[str, Any] = {"kind": "EventsNode", "event": draw(st.sampled_from([None, *NAMES]))}
    if kind:
        one["math"] = kind
    if kind in STATISTICS:
        type_, key = draw(
            st.sampled_from([("event_properties", "amount"), ("event_properties", "raw"), ("person_properties", "age")])
        )
        one |= {"math_property": key, "math_property_type": type_}
        if draw(st.booleans()):
            one["math_multiplier"] = 0.5
    if draw(st.booleans()):
        one["properties"] = draw(st.lists(filters(), max_size=1))
    return one


def breakdowns() -> st.SearchStrategy[dict[str, Any] | None]:
    items = st.sampled_from(
        [
            {"property": "kind", "type": "event"},
            {"property": "$browser", "type": "event"},
            {"property": "flag", "type": "event"},
            {"property": "amount", "type": "event"},
            {"property": "plan", "type": "person"},
        ]
    )
    limit = st.sampled_from([{}, {"breakdown_limit": 1}, {"breakdown_limit": 2}])
    single = st.builds(
        lambda item, more: {"breakdown": item["property"], "breakdown_type": item["type"], **more}, items, limit
    )
    several = st.builds(
        lambda found, more: {"breakdowns": found, **more},
        st.lists(items, min_size=1, max_size=2, unique_by=lambda item: item["property"]),
        limit,
    )
    return st.one_of(st.none(), single, several)


@st.composite
def date_ranges(draw: st.DrawFn, zone: str) -> dict[str, Any]:
    around = ZONES[zone].date()
    first = around + timedelta(days=draw(st.integers(-12, 6)))
    last = first + timedelta(days=draw(st.integers(0, 14)))
    choice = draw(st.integers(0, 3))
    span: dict[str, Any] = {"date_from": first.isoformat(), "date_to": last.isoformat()}
    if choice == 1:
        span = {"date_from": f"-{draw(st.sampled_from([1, 3, 7, 14]))}d"}
    if choice == 2:
        span = {}
    if draw(st.integers(0, 5)) == 0:
        span["daysOfWeek"] = sorted(draw(st.sets(st.integers(1, 7), min_size=1, max_size=4)))
    return span


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project, a question about it, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    project = draw(projects(zone))
    breakdown = draw(breakdowns())
    interval = draw(st.sampled_from(["hour", "day", "day", "week", "month"]))
    query: dict[str, Any] = {
        "kind": "TrendsQuery",
        "series": draw(st.lists(series(has_breakdown=breakdown is not None), min_size=1, max_size=2)),
        "interval": interval,
        "dateRange": draw(date_ranges(zone)),
        "properties": draw(query_filters()),
        "filterTestAccounts": draw(st.booleans()),
        "trendsFilter": {"display": draw(st.sampled_from(DISPLAYS))},
    }
    if breakdown:
        query["breakdownFilter"] = breakdown
    if draw(st.integers(0, 3)) == 0:
        query["compareFilter"] = {"compare": True}
    can_smooth = query["trendsFilter"]["display"] == "ActionsLineGraph" and "daysOfWeek" not in query["dateRange"]
    if can_smooth and draw(st.integers(0, 4)) == 0:
        query["trendsFilter"]["smoothingIntervals"] = draw(st.sampled_from([2, 3]))
    if breakdown is None and len(query["series"]) == 2 and draw(st.integers(0, 3)) == 0:
        query["trendsFilter"]["formula"] = draw(st.sampled_from(["A + B * 2", "a / b", "(A - B) / (A + B)"]))
    now = ZONES[zone] + timedelta(days=draw(st.integers(0, 6)), hours=draw(st.integers(0, 23)), minutes=17)
    return project, query, now
