"""Random stickiness questions."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Project
from tests.oracle.random_actors import nows, projects
from tests.oracle.random_trends import NAMES, ZONES, date_ranges, filters, query_filters


@st.composite
def series(draw: st.DrawFn) -> dict[str, Any]:
    one: dict[str, Any] = {"kind": "EventsNode", "event": draw(st.sampled_from([None, *NAMES]))}
    if draw(st.booleans()):
        one["properties"] = draw(st.lists(filters(), max_size=1))
    maths = [{}, {}, {"math": "dau"}, {"math": "unique_group", "math_group_type_index": 0}]
    by_expression = {"math": "hogql", "math_hogql": "properties.kind"}
    return one | draw(st.sampled_from([*maths, by_expression]))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, dict[str, Any], datetime]:
    """A project, a question about it, and the time it is asked."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    interval = draw(st.sampled_from(["hour", "day", "day", "day", "week", "month"]))
    project = draw(projects(zone, days={"hour": 2, "day": 6, "week": 30, "month": 90}[interval]))
    shown: dict[str, Any] = {"computedAs": draw(st.sampled_from(["non_cumulative", "cumulative"]))}
    if draw(st.booleans()):
        operator = draw(st.sampled_from(["gte", "lte", "exact"]))
        shown["stickinessCriteria"] = {"operator": operator, "value": draw(st.integers(1, 3))}
    query: dict[str, Any] = {
        "kind": "StickinessQuery",
        "series": draw(st.lists(series(), min_size=1, max_size=2)),
        "interval": interval,
        "dateRange": draw(date_ranges(zone)),
        "properties": draw(query_filters()),
        "filterTestAccounts": draw(st.booleans()),
        "stickinessFilter": shown,
    }
    if draw(st.integers(0, 2)) == 0:
        query["compareFilter"] = {"compare": True}
    if draw(st.integers(0, 2)) == 0:
        query["intervalCount"] = draw(st.integers(1, 3))
    return project, query, draw(nows(zone))
