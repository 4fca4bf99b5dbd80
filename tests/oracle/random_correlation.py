"""Random small projects and correlations."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.events import Project
from tests.oracle.random_funnels import START, WINDOWS, projects, steps

NAMES = ["seen", "bought", "left", "other", "more"]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, list[dict[str, Any]], datetime]:
    """A project, correlations over it, and the time they are asked."""
    project = draw(projects([*NAMES, "seen", "bought"]))
    return project, draw(st.lists(correlations(), min_size=3, max_size=3)), START + timedelta(days=5, hours=10)


@st.composite
def correlations(draw: st.DrawFn) -> dict[str, Any]:
    series = draw(steps(overlap=draw(st.integers(0, 3)) == 0))[:2]
    count, unit = draw(st.sampled_from(WINDOWS))
    funnel = {
        "kind": "FunnelsQuery",
        "series": [{key: value for key, value in step.items() if key != "math"} for step in series],
        "dateRange": {"date_from": "2024-03-28", "date_to": draw(st.sampled_from(["2024-04-03", "2024-03-30"]))},
        "funnelsFilter": {
            "funnelOrderType": draw(st.sampled_from(["ordered", "strict", "unordered"])),
            "funnelWindowInterval": count,
            "funnelWindowIntervalUnit": unit,
        },
    }
    source: dict[str, Any] = {"kind": "FunnelsActorsQuery", "source": funnel}
    query: dict[str, Any] = {"kind": "FunnelCorrelationQuery", "source": source}
    kind = draw(st.sampled_from(["events", "events", "properties", "event_with_properties"]))
    query["funnelCorrelationType"] = kind
    if kind == "events" and draw(st.booleans()):
        query["funnelCorrelationExcludeEventNames"] = draw(st.lists(st.sampled_from(NAMES), max_size=2))
    if kind == "properties":
        query["funnelCorrelationNames"] = draw(st.sampled_from([["plan"], ["plan", "age"], ["$all"]]))
        query["funnelCorrelationExcludeNames"] = draw(st.sampled_from([[], ["plan"]]))
    if kind == "event_with_properties":
        query["funnelCorrelationEventNames"] = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
        query["funnelCorrelationEventExcludePropertyNames"] = draw(st.sampled_from([[], ["kind"]]))
    return query
