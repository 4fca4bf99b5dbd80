"""Queries come in as JSON and go out as the same JSON."""

import json
from pathlib import Path

import pytest

from insights_mcp.schema.queries import QUERY_KINDS, dump_query, parse_query, unwrap_query, wrap_query
from insights_mcp.schema.trends import TrendsQuery

CASES = json.loads((Path(__file__).parent / "queries.json").read_text(encoding="utf-8"))
TREND = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": None, "math": "dau"}]}
WRAPPED = {
    "TrendsQuery": "InsightVizNode",
    "FunnelsQuery": "InsightVizNode",
    "RetentionQuery": "InsightVizNode",
    "PathsQuery": "InsightVizNode",
    "StickinessQuery": "InsightVizNode",
    "LifecycleQuery": "InsightVizNode",
    "HogQLQuery": "DataVisualizationNode",
    "EventsQuery": "DataTableNode",
    "ActorsQuery": "DataTableNode",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_query_comes_back_as_it_was_given(case: dict[str, object]) -> None:
    assert dump_query(parse_query(case["query"])) == case["query"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_query_given_as_json_text_comes_back_as_it_was_given(case: dict[str, object]) -> None:
    assert dump_query(parse_query(json.dumps(case["query"]))) == case["query"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_query_is_wrapped_for_saving_and_unwrapped_for_running(case: dict[str, object]) -> None:
    query = unwrap_query(parse_query(case["query"]))
    dumped = dump_query(query)
    wrapped = dump_query(wrap_query(query))
    if query.kind in WRAPPED:
        assert wrapped == {"kind": WRAPPED[query.kind], "source": dumped}
    else:
        assert wrapped == dumped


def test_a_wrapped_query_is_not_wrapped_again() -> None:
    wrapped = wrap_query(parse_query(TREND))
    assert wrap_query(wrapped) is wrapped


def test_every_kind_has_a_case() -> None:
    text = json.dumps([case["query"] for case in CASES])
    assert [kind for kind in QUERY_KINDS if f'"kind": "{kind}"' not in text] == []


def test_defaults_are_those_of_posthog() -> None:
    query = parse_query({"kind": "TrendsQuery", "series": []})
    assert isinstance(query, TrendsQuery)
    assert (query.interval, query.filterTestAccounts, query.properties) == ("day", False, [])
    assert query.dateRange.date_from is None
    assert (query.trendsFilter.display, query.trendsFilter.smoothingIntervals) == ("ActionsLineGraph", 1)
    assert query.compareFilter.compare is False


def test_funnel_defaults_are_those_of_posthog() -> None:
    query = parse_query({"kind": "FunnelsQuery", "series": []})
    assert query.kind == "FunnelsQuery"
    found = query.funnelsFilter
    assert (found.funnelVizType, found.funnelOrderType) == ("steps", "ordered")
    assert (found.funnelWindowInterval, found.funnelWindowIntervalUnit) == (14, "day")
    assert (found.breakdownAttributionType, found.exclusions) == ("first_touch", [])


def test_retention_without_entities_is_about_pageviews() -> None:
    query = parse_query({"kind": "RetentionQuery", "retentionFilter": {}})
    assert query.kind == "RetentionQuery"
    found = query.retentionFilter
    assert (found.targetEntity.id, found.returningEntity.id, found.period) == ("$pageview", "$pageview", "Day")
    assert (found.totalIntervals, found.minimumOccurrences, found.retentionType) == (8, 1, None)


def test_null_for_a_field_with_a_default_means_the_default() -> None:
    query = parse_query({**TREND, "interval": None, "trendsFilter": None, "breakdownFilter": None})
    assert isinstance(query, TrendsQuery)
    assert (query.interval, query.trendsFilter.display) == ("day", "ActionsLineGraph")
    assert dump_query(query) == {**TREND, "breakdownFilter": None}


def test_values_keep_their_json_types() -> None:
    values = ["1", 1, 1.5, True, None]
    query = {"kind": "EventsQuery", "select": [], "properties": [{"key": "a", "value": values, "type": "event"}]}
    dumped = json.dumps(dump_query(parse_query(query)))
    assert dumped == json.dumps(query)


def test_a_query_never_changes() -> None:
    query = parse_query(TREND)
    with pytest.raises(ValueError, match="frozen"):
        query.kind = "HogQLQuery"  # type: ignore[misc,assignment]  # the point of the test
