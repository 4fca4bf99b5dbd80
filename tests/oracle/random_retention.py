"""Random retention questions."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Project
from tests.oracle.random_actors import nows, projects
from tests.oracle.random_trends import NAMES, ZONES, date_ranges, filters, query_filters

DAYS = {"Hour": 2, "Day": 6, "Week": 30, "Month": 90}


def entities() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda name, found: {"id": name, "type": "events", **({"properties": found} if found else {})},
        st.sampled_from([None, *NAMES, *NAMES]),
        st.one_of(st.just([]), st.lists(filters(), max_size=1)),
    )


@st.composite
def retention_filters(draw: st.DrawFn, period: str) -> dict[str, Any]:
    start = draw(entities())
    asked: dict[str, Any] = {
        "targetEntity": start,
        "returningEntity": draw(st.one_of(st.just(start), entities())),
        "period": period,
        "totalIntervals": draw(st.integers(1, 9)),
    }
    types = ["retention_recurring", "retention_first_time", "retention_first_ever_occurrence"]
    asked["retentionType"] = draw(st.sampled_from(types))
    choice = draw(st.integers(0, 6))
    if choice == 0:
        asked["timeWindowMode"] = "24_hour_windows"
    elif choice == 1:
        asked["aggregationType"] = draw(st.sampled_from(["sum", "avg"]))
        asked["aggregationProperty"], asked["aggregationPropertyType"] = draw(
            st.sampled_from([("amount", "event"), ("age", "person")])
        )
    elif choice == 2:
        asked["minimumOccurrences"] = draw(st.integers(2, 3))
    if choice in (2, 3, 4) and draw(st.booleans()):
        asked["retentionCustomBrackets"] = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    if choice in (2, 4, 5):
        asked["cumulative"] = draw(st.booleans())
    return asked


def spans(project: Project) -> st.SearchStrategy[dict[str, Any]]:
    """From the first day of the project's events, or soon after, to the last: else few questions are about any."""
    moments = [event.timestamp for event in project.events]
    if not moments:
        return st.just({})
    return st.builds(
        lambda late: {
            "date_from": (min(moments) + timedelta(days=late)).strftime("%Y-%m-%d"),
            "date_to": max(moments).strftime("%Y-%m-%d"),
        },
        st.integers(0, 2),
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project, a question about it, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    period = draw(st.sampled_from(["Hour", "Day", "Day", "Day", "Week", "Month"]))
    project = draw(projects(zone, days=DAYS[period]))
    query: dict[str, Any] = {
        "kind": "RetentionQuery",
        "dateRange": draw(st.one_of(date_ranges(zone), spans(project), spans(project))),
        "properties": draw(query_filters()),
        "filterTestAccounts": draw(st.booleans()),
        "retentionFilter": draw(retention_filters(period)),
    }
    if draw(st.integers(0, 3)) == 0:
        query["aggregation_group_type_index"] = 0
    if draw(st.integers(0, 2)) == 0:
        item = draw(st.sampled_from([("kind", "event"), ("amount", "event"), ("plan", "person")]))
        query["breakdownFilter"] = {"breakdown": item[0], "breakdown_type": item[1]}
        if draw(st.booleans()):
            query["breakdownFilter"]["breakdown_limit"] = draw(st.integers(1, 3))
        if query["retentionFilter"]["retentionType"] == "retention_first_ever_occurrence":
            # the first of two events at once could bring either value
            apart = [
                replace(event, timestamp=event.timestamp + timedelta(microseconds=place))
                for place, event in enumerate(project.events)
            ]
            project = replace(project, events=apart)
    return project, query, draw(nows(zone))
