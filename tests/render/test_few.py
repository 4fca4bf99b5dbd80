"""One of a thing is not told as several."""

import pytest

from insights_mcp.render.numbers import people, plural
from insights_mcp.render.reports import Result, render_report
from insights_mcp.render.results import report_result
from tests.render.answers import Answer
from tests.render.more_answers import cohort

ONE = [
    Answer("retention", {"kind": "RetentionQuery"}, [cohort("2026-11-16", [1, 0], ["Day 0", "Day 1"])]),
    Answer("stickiness", {"kind": "StickinessQuery"}, [{"label": "a", "data": [1, 0], "days": [1, 2]}]),
    Answer("SQL", {"kind": "HogQLQuery"}, [["a", 1]], {"columns": ["b", "c"], "has_more": True}),
    Answer("boxes", {"kind": "TrendsQuery"}, [{"day": "2026-11-16", "p25": 1, "median": 1, "p75": 1, "max": 1}]),
    Answer("an object", {"kind": "X"}, {"a": 1}),
]


@pytest.mark.parametrize("answer", ONE, ids=lambda answer: answer.title)
def test_one_is_not_several(answer: Answer) -> None:
    text = render_report(report_result(answer.result), 1000)
    for wrong in ("1 rows", "1 people", "1 cohorts", "1 boxes", "1 fields", "1 values", "1 series"):
        assert wrong not in text


def test_nouns_follow_their_number() -> None:
    assert [plural(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]
    assert [plural(n, "box", "boxes") for n in (1, 3)] == ["1 box", "3 boxes"]
    assert [people(n) for n in (0, 1, 2.0)] == ["0 people", "1 person", "2 people"]


def test_a_single_value_of_a_breakdown_is_told_by_name() -> None:
    query: dict[str, object] = {"kind": "TrendsQuery", "breakdownFilter": {"breakdown": "$os"}}
    row = {"label": "iOS", "breakdown_value": "iOS", "aggregated_value": 3, "data": [], "action": {"name": "a"}}
    assert render_report(report_result(Result(query, [row])), 1000).splitlines() == [
        "a by $os: 3 in all; highest iOS, 3 (100%).",
        "series,value",
        "iOS,3",
    ]
