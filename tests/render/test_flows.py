"""Paths as a model reads them: the question, the way most walked, the edges, the addresses in short."""

from typing import Any

import pytest

from insights_mcp.render.flows import report_paths
from insights_mcp.render.reports import Result, render_report

FUNNEL = {"kind": "FunnelsQuery", "series": []}


def edge(source: str, target: str, value: int) -> dict[str, Any]:
    return {"source": source, "target": target, "value": value, "average_conversion_time": 90_000}


def read(results: list[dict[str, Any]], **query: Any) -> list[str]:
    return render_report(report_paths(Result({"kind": "PathsQuery", **query}, results)), 2000).splitlines()


def test_addresses_of_one_site_are_told_without_it() -> None:
    edges = [
        edge("1_https://x.org", "2_https://x.org/pay", 7),
        edge("2_https://x.org/pay", "3_paid", 5),
        edge("1_seen", "2_paid", 2),
    ]
    assert read(edges) == [
        "Most walked: / to /pay, 7 times, then to paid, 5. 3 edges.",
        "Addresses are under https://x.org; startPoint and endPoint need them whole.",
        "step,from,to,times,mean time",
        "1,/,/pay,7,1m 30s",
        "2,/pay,paid,5,1m 30s",
        "1,seen,paid,2,1m 30s",
    ]
    assert read(edges, pathsFilter={"showFullUrls": True})[-2] == "2,https://x.org/pay,paid,5,1m 30s"


def test_addresses_of_several_sites_are_told_whole() -> None:
    lines = read([edge("1_https://x.org/", "2_https://y.org/", 7)])
    assert lines == [
        "Most walked: https://x.org/ to https://y.org/, 7 times. 1 edge.",
        "step,from,to,times,mean time",
        "1,https://x.org/,https://y.org/,7,1m 30s",
    ]


def test_as_many_edges_as_were_asked_for_are_not_all() -> None:
    lines = read([edge("1_a", "2_b", 7), edge("2_c", "3_b", 5)], pathsFilter={"edgeLimit": 2})
    assert lines[0] == "Most walked: a to b, 7 times. The 2 most walked edges."


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"pathsFilter": {"startPoint": "signed up"}}, 'from "signed up"'),
        ({"pathsFilter": {"startPoint": "a", "endPoint": "b"}}, "from a to b"),
        ({"pathsFilter": {"endPoint": "b\n\u202e"}}, 'to "b\\n\\u202e"'),
        (
            {"funnelPathsFilter": {"funnelPathType": "funnel_path_before_step", "funnelStep": 2}},
            "before step 2 of the funnel",
        ),
        (
            {"funnelPathsFilter": {"funnelPathType": "funnel_path_between_steps", "funnelStep": 2}},
            "between steps 1 and 2 of the funnel",
        ),
        (
            {"funnelPathsFilter": {"funnelPathType": "funnel_path_after_step", "funnelStep": -3}},
            "after step 2 of those who left before step 3",
        ),
        ({"pathsFilter": {"startPoint": "a"}, "funnelPathsFilter": {"funnelStep": None}}, "from a through the funnel"),
    ],
)
def test_the_question_comes_first(query: dict[str, Any], told: str) -> None:
    assert read([edge("1_a", "2_b", 7)], **query)[0] == f"Paths {told}. Most walked: a to b, 7 times. 1 edge."


def test_nothing_is_told_with_what_may_be_the_reason() -> None:
    assert read([]) == ["No paths in this period."]
    assert read([], pathsFilter={"startPoint": "a"}) == [
        "No paths from a in this period.",
        "Points are event names or whole addresses; a pause of 30 minutes ends a path.",
    ]
