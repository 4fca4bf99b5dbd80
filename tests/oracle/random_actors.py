"""Random small projects whose few actors come back again and again: around a clock change, with ties and odd keys."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Event, People, Project
from tests.oracle.random_trends import DISTINCT_IDS, NAMES, PERSON_OF, TEST_ACCOUNTS, TEXTS, TYPES, ZONES

# Hours of the day in UTC: on both sides of midnight in every zone, and around the change of the clocks.
HOURS = [0, 1, 2, 6, 7, 8, 9, 10, 12, 18, 19, 22, 23]
# Often the very same moment, often just inside an interval or just outside.
EXTRAS = [
    timedelta(0),
    timedelta(0),
    timedelta(minutes=30),
    timedelta(minutes=59, seconds=59),
    timedelta(minutes=59, seconds=59, microseconds=500_000),
]


def moments(zone: str, days: int) -> st.SearchStrategy[datetime]:
    """Instants in the days around a zone's clock change."""
    around = ZONES[zone]
    return st.builds(
        lambda day, hour, extra: around + timedelta(days=day, hours=hour) + extra,
        st.integers(-days, days),
        st.sampled_from(HOURS),
        st.sampled_from(EXTRAS),
    )


def properties() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "amount": st.sampled_from([0, 1, 2.5, 10, -3, None, "many"]),
            "kind": st.sampled_from(TEXTS),
            "$group_0": st.sampled_from(["g1", "g1", "g2", ""]),
            "$process_person_profile": st.sampled_from([True, True, True, False]),
        },
    )


@st.composite
def projects(draw: st.DrawFn, zone: str, *, days: int = 6, most: int = 30) -> Project:
    at = moments(zone, days)
    event = st.builds(
        Event,
        event=st.sampled_from(NAMES),
        distinct_id=st.sampled_from(DISTINCT_IDS),
        timestamp=at,
        properties=properties(),
    )
    plan = st.fixed_dictionaries({}, optional={"plan": st.sampled_from(["free", "paid", "test", "", None])})
    people = sorted(set(PERSON_OF.values()))
    return Project(
        events=draw(st.lists(event, max_size=most)),
        people=People(PERSON_OF, {person: draw(plan) for person in people}, {person: draw(at) for person in people}),
        timezone=zone,
        week_start_day=draw(st.sampled_from([0, 1])),
        property_types=TYPES,
        test_account_filters=TEST_ACCOUNTS,
        groups={"g1": draw(at), "g2": draw(at)},
    )


def nows(zone: str) -> st.SearchStrategy[datetime]:
    """When a question is asked."""
    return st.builds(
        lambda day, hour: ZONES[zone].astimezone(UTC) + timedelta(days=day, hours=hour, minutes=17),
        st.integers(0, 7),
        st.integers(0, 23),
    )
