"""Random lifecycle questions."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Project
from tests.oracle.random_actors import nows, projects
from tests.oracle.random_trends import NAMES, ZONES, date_ranges, filters, query_filters


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project, a question about it, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    interval = draw(st.sampled_from(["hour", "day", "day", "day", "week", "month"]))
    project = draw(projects(zone, days={"hour": 2, "day": 6, "week": 30, "month": 90}[interval]))
    series: dict[str, Any] = {"kind": "EventsNode", "event": draw(st.sampled_from([None, *NAMES]))}
    if draw(st.booleans()):
        series["properties"] = draw(st.lists(filters(), max_size=1))
    query: dict[str, Any] = {
        "kind": "LifecycleQuery",
        "series": [series],
        "interval": interval,
        "dateRange": draw(date_ranges(zone)),
        "properties": draw(query_filters()),
        "filterTestAccounts": draw(st.booleans()),
    }
    if draw(st.integers(0, 3)) == 0:
        query["aggregation_group_type_index"] = 0
    if draw(st.integers(0, 5)) == 0:
        query["lifecycleFilter"] = {"onlyUseInsightDates": True}
    return project, query, draw(nows(zone))
