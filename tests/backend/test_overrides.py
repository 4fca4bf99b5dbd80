"""Dashboard filters and variables laid over queries (facts/rest-api.md 4.2)."""

from typing import Any

import pytest

from insights_mcp.local.overrides import apply_overrides, keep_named_variables

TRENDS: dict[str, Any] = {"kind": "TrendsQuery", "series": [], "dateRange": {"date_from": "-7d", "date_to": "-1d"}}
FILTER = {"key": "plan", "value": "pro"}
OTHER = {"key": "city", "value": "Rome"}


def test_dates_take_the_place_of_the_querys_own() -> None:
    assert apply_overrides(TRENDS, {"date_from": "-30d"}, {})["dateRange"] == {"date_from": "-30d"}
    assert apply_overrides(TRENDS, {"date_from": None}, {}) == TRENDS


def test_what_else_the_range_says_stays() -> None:
    own = {**TRENDS, "dateRange": {"date_to": "-1d", "explicitDate": True, "daysOfWeek": [1]}}
    laid = apply_overrides(own, {"date_from": "-30d"}, {})["dateRange"]
    assert laid == {"date_from": "-30d", "explicitDate": True, "daysOfWeek": [1]}
    assert apply_overrides(own, {"date_to": "-3d", "explicitDate": False}, {})["dateRange"] == {
        "date_to": "-3d",
        "explicitDate": False,
        "daysOfWeek": [1],
    }


def test_all_time_is_compared_with_nothing() -> None:
    own = {**TRENDS, "compareFilter": {"compare": True, "compare_to": "-1w"}}
    assert apply_overrides(own, {"date_from": "all"}, {})["compareFilter"] == {"compare": False, "compare_to": "-1w"}
    assert apply_overrides(own, {"date_from": "-30d"}, {})["compareFilter"] == own["compareFilter"]
    assert "compareFilter" not in apply_overrides(TRENDS, {"date_from": "all"}, {})


def test_properties_must_hold_beside_the_querys_own() -> None:
    assert apply_overrides(TRENDS, {"properties": [FILTER]}, {})["properties"] == [FILTER]
    both = apply_overrides({**TRENDS, "properties": [OTHER]}, {"properties": [FILTER]}, {})["properties"]
    assert both == {
        "type": "AND",
        "values": [{"type": "AND", "values": [OTHER]}, {"type": "AND", "values": [FILTER]}],
    }
    group = {"type": "OR", "values": [{"type": "AND", "values": [OTHER]}]}
    nested = apply_overrides({**TRENDS, "properties": group}, {"properties": [FILTER]}, {})["properties"]
    assert nested == {"type": "AND", "values": [group, {"type": "AND", "values": [FILTER]}]}


@pytest.mark.parametrize(
    ("kind", "laid"),
    [
        ("TrendsQuery", {"interval", "breakdownFilter", "filterTestAccounts"}),
        ("RetentionQuery", {"breakdownFilter", "filterTestAccounts"}),
        ("LifecycleQuery", {"interval", "filterTestAccounts"}),
        ("PathsQuery", {"filterTestAccounts"}),
    ],
)
def test_kinds_take_what_they_have_a_field_for(kind: str, laid: set[str]) -> None:
    filters = {"interval": "week", "breakdown_filter": {"breakdown": "x"}, "filterTestAccounts": True}
    assert set(apply_overrides({"kind": kind}, filters, {})) == {"kind"} | laid


def test_wrappers_are_kept_around_the_source() -> None:
    node = {"kind": "InsightVizNode", "source": TRENDS, "showTable": True}
    laid = apply_overrides(node, {"interval": "week"}, {})
    assert laid == {**node, "source": {**TRENDS, "interval": "week"}}
    assert node["source"] == TRENDS


def test_sql_takes_filters_and_known_variables() -> None:
    query = {
        "kind": "HogQLQuery",
        "query": "SELECT 1",
        "filters": {"properties": [OTHER]},
        "variables": {"v": {"code_name": "city", "value": "Rome"}},
    }
    laid = apply_overrides(
        query,
        {"date_from": "-1d", "properties": [FILTER]},
        {"v": {"code_name": "city", "value": "Oslo"}, "unknown": {"code_name": "x"}},
    )
    assert laid["filters"] == {"properties": [OTHER, FILTER], "dateRange": {"date_from": "-1d", "explicitDate": False}}
    assert laid["variables"] == {"v": {"code_name": "city", "value": "Oslo"}}


def test_tables_of_events_take_dates_and_filters_in_their_own_fields() -> None:
    query = {"kind": "EventsQuery", "select": ["event"], "after": "-30d", "properties": [OTHER]}
    filters = {"date_to": "-1d", "properties": [FILTER], "interval": "week", "filterTestAccounts": True}
    laid = apply_overrides({"kind": "DataTableNode", "source": query}, filters, {})["source"]
    assert laid == {**query, "after": None, "before": "-1d", "properties": [OTHER, FILTER]}
    assert apply_overrides(query, {"interval": "week"}, {}) == query


def test_lists_of_people_take_them_for_the_insight_they_come_from() -> None:
    actors = {"kind": "InsightActorsQuery", "source": TRENDS}
    query = {"kind": "ActorsQuery", "source": actors, "properties": [OTHER]}
    laid = apply_overrides(query, {"properties": [FILTER]}, {})
    assert laid == {**query, "source": {**actors, "source": {**TRENDS, "properties": [FILTER]}}}
    everybody = {"kind": "ActorsQuery", "properties": [OTHER]}
    assert apply_overrides(everybody, {"properties": [FILTER], "date_from": "-1d"}, {}) == everybody


def test_kinds_without_dates_are_left_alone() -> None:
    query = {"kind": "FunnelCorrelationQuery", "source": actors_of({"kind": "FunnelsQuery"})}
    assert apply_overrides(query, {"date_from": "-1d", "properties": [FILTER]}, {}) == query


def actors_of(source: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "FunnelsActorsQuery", "source": source}


def test_variables_without_a_code_name_are_dropped() -> None:
    assert keep_named_variables({"a": {"value": 1}, "b": {"code_name": "x"}, "c": 3}) == {"b": {"code_name": "x"}}
