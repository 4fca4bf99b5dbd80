"""Filters, the older form of questions, as queries."""

from typing import Any

import pytest

from insights_mcp.local.legacy.conversion import correlation_of_filters, node_of_filters, query_of_filters
from insights_mcp.schema.queries import parse_query, unwrap_query

SEEN = {"kind": "EventsNode", "event": "seen", "name": "seen"}
EVENTS = [{"id": "seen", "type": "events", "order": 0}]


def test_trend_keeps_its_series_dates_and_display() -> None:
    filters = {
        "insight": "TRENDS",
        "events": [
            {"id": "seen", "name": "Seen", "type": "events", "order": 1, "math": "dau"},
            {"id": None, "type": "events", "order": 2},
        ],
        "actions": [
            {"id": "12", "name": "Paid", "type": "actions", "order": 0, "math": "sum", "math_property": "price"}
        ],
        "interval": "week",
        "date_from": "-8w",
        "date_to": None,
        "display": "ActionsBar",
        "formula": "A/B",
        "smoothing_intervals": 3,
        "compare": True,
        "filter_test_accounts": True,
        "sampling_factor": "0.1",
    }
    assert query_of_filters(filters) == {
        "kind": "TrendsQuery",
        "series": [
            {"kind": "ActionsNode", "id": 12, "name": "Paid", "math": "sum", "math_property": "price"},
            {"kind": "EventsNode", "event": "seen", "name": "Seen", "math": "dau"},
            {"kind": "EventsNode", "event": None, "name": "All events"},
        ],
        "interval": "week",
        "dateRange": {"date_from": "-8w"},
        "samplingFactor": 0.1,
        "filterTestAccounts": True,
        "trendsFilter": {"display": "ActionsBar", "formula": "A/B", "smoothingIntervals": 3},
        "compareFilter": {"compare": True},
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"breakdown": "$os", "breakdown_type": "person"}, {"breakdown": "$os", "breakdown_type": "person"}),
        ({"breakdown": "$os"}, {"breakdown": "$os", "breakdown_type": "event"}),
        ({"breakdown": "$os", "breakdown_type": "events"}, {"breakdown": "$os", "breakdown_type": "event"}),
        (
            {"breakdown": [3, None, "all"], "breakdown_type": "cohort"},
            {"breakdown": [3, "all"], "breakdown_type": "cohort"},
        ),
        ({"breakdown": "[3, 4]", "breakdown_type": "cohort"}, {"breakdown": [3, 4], "breakdown_type": "cohort"}),
        (
            {"breakdown": "size", "breakdown_type": "group", "breakdown_group_type_index": "1", "breakdown_limit": "5"},
            {"breakdown": "size", "breakdown_type": "group", "breakdown_group_type_index": 1, "breakdown_limit": 5},
        ),
        ({"breakdowns": [{"property": "$os"}]}, {"breakdowns": [{"property": "$os", "type": "event"}]}),
        (
            {"insight": "FUNNELS", "breakdowns": [{"property": "$os"}]},
            {"breakdown": "$os", "breakdown_type": "event"},
        ),
        ({"breakdowns": [{"type": "event"}]}, None),
        (
            {"breakdowns": [{"property": name, "type": "person"} for name in "abcd"], "breakdown_type": "undefined"},
            {"breakdowns": [{"property": name, "type": "person"} for name in "abc"]},
        ),
        (
            {"breakdowns": [{"property": "a", "type": "event"}, {"property": "b", "type": "person"}]},
            {"breakdowns": [{"property": "a", "type": "event"}, {"property": "b", "type": "person"}]},
        ),
        ({"breakdown": False, "breakdown_type": "undefined"}, None),
        ({"breakdown_type": "undefined"}, None),
        ({"breakdown": [None], "breakdown_type": "cohort"}, None),
        ({"breakdown": "", "breakdown_type": "event"}, None),
    ],
)
def test_breakdown_is_mended_or_left_out(given: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert query_of_filters({"events": EVENTS, **given}).get("breakdownFilter") == expected


HOST = {"key": "$host", "type": "event", "value": "x.org", "operator": "exact"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], None),
        ({}, None),
        ([HOST], [[HOST]]),
        ({"type": "OR", "values": [HOST]}, [{"type": "OR", "values": [HOST]}]),
        ({"type": "AND", "values": [{"type": "OR", "values": [HOST]}]}, [{"type": "OR", "values": [HOST]}]),
        ({"type": "AND", "values": []}, [[]]),
        (
            {"utm_medium__icontains": "email"},
            [[{"key": "utm_medium", "value": "email", "operator": "icontains", "type": "event"}]],
        ),
        ({"plan": "pro"}, [[{"key": "plan", "value": "pro", "operator": "exact", "type": "event"}]]),
        ([{**HOST, "type": "events", "operator": None}], [[HOST]]),
        ([{"key": "$host", "type": "event", "values": "x.org"}], [[HOST]]),
        ([{**HOST, "value": [None, "x.org"]}], [[{**HOST, "value": ["x.org"]}]]),
        (
            [{"key": "cohort", "type": "static-cohort", "value": 7, "operator": "exact"}],
            [[{"key": "id", "type": "cohort", "value": 7, "operator": "in"}]],
        ),
        (
            [{"key": "id", "type": "cohort", "value": 7, "negation": True}],
            [[{"key": "id", "type": "cohort", "value": 7, "operator": "not_in"}]],
        ),
        (
            [{"key": "id", "type": "cohort", "value": 7, "operator": "not_in"}],
            [[{"key": "id", "type": "cohort", "value": 7, "operator": "not_in"}]],
        ),
        ([{"key": "1 = 1", "type": "hogql", "value": None}], [[{"key": "1 = 1", "type": "hogql"}]]),
        ('[{"key": "$host", "type": "event", "value": "x.org"}]', [[HOST]]),
        ("not json", None),
    ],
)
def test_properties_become_groups_of_groups(given: Any, expected: list[Any] | None) -> None:
    query = query_of_filters({"events": EVENTS, "properties": given})
    groups = [{"type": "AND", "values": one} if isinstance(one, list) else one for one in expected or []]
    assert query.get("properties") == ({"type": "AND", "values": groups} if expected is not None else None)
    parse_query(query)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([HOST], [HOST]),
        ({"type": "AND", "values": [HOST]}, [HOST]),
        ([{"type": "AND", "values": [HOST]}], [HOST]),
        ({"$host": "x.org"}, [HOST]),
        ({}, None),
    ],
)
def test_properties_of_an_event_become_a_list(given: Any, expected: list[Any] | None) -> None:
    series = query_of_filters({"events": [{"id": "seen", "properties": given}]})["series"]
    assert series == [{**SEEN, "properties": expected} if expected else SEEN]


def test_funnel_keeps_its_window_order_and_exclusions() -> None:
    filters = {
        "insight": "FUNNELS",
        "events": [{"id": "seen", "order": 0, "math": "dau"}, {"id": "paid", "order": 1}],
        "funnel_viz_type": "time_to_convert",
        "funnel_order_type": "strict",
        "funnel_window_interval": "3",
        "funnel_window_interval_type": "HOUR",
        "funnel_from_step": 0,
        "funnel_to_step": 1,
        "bin_count": "4",
        "exclusions": [{"id": "left", "type": "events", "funnel_from_step": 0, "funnel_to_step": 1}],
        "aggregation_group_type_index": 0,
        "breakdown_attribution_type": "step",
        "breakdown_attribution_value": 1,
    }
    assert query_of_filters(filters) == {
        "kind": "FunnelsQuery",
        "series": [SEEN, {"kind": "EventsNode", "event": "paid", "name": "paid"}],
        "aggregation_group_type_index": 0,
        "funnelsFilter": {
            "funnelVizType": "time_to_convert",
            "funnelOrderType": "strict",
            "funnelFromStep": 0,
            "funnelToStep": 1,
            "funnelWindowInterval": 3,
            "funnelWindowIntervalUnit": "hour",
            "breakdownAttributionType": "step",
            "breakdownAttributionValue": 1,
            "binCount": 4,
            "exclusions": [
                {"kind": "EventsNode", "event": "left", "name": "left", "funnelFromStep": 0, "funnelToStep": 1}
            ],
        },
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"display": "ActionsLineGraph"}, {"funnelVizType": "trends"}),
        ({"display": "FunnelViz"}, None),
        ({"funnel_window_days": 5}, {"funnelWindowInterval": 5, "funnelWindowIntervalUnit": "day"}),
        ({"funnel_window_interval_type": "days"}, {"funnelWindowIntervalUnit": "day"}),
    ],
)
def test_older_ways_to_say_things_of_funnels_are_read(given: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert query_of_filters({"insight": "FUNNELS", "events": EVENTS, **given}).get("funnelsFilter") == expected


def test_funnel_keeps_no_math_but_first_times() -> None:
    events = [{"id": "seen", "math": "first_time_for_user"}, {"id": "seen", "math": "sum", "math_property": "price"}]
    query = query_of_filters({"insight": "FUNNELS", "events": events})
    assert query["series"] == [{**SEEN, "math": "first_time_for_user"}, SEEN]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"hidden_legend_keys": {"1": True, "2": False, "x": True}}, {"hiddenLegendIndexes": [1]}),
        ({"hidden_legend_keys": [1]}, None),
        ({"insight": "RETENTION", "show_mean": False}, {"totalIntervals": 11, "meanRetentionCalculation": "none"}),
        (
            {"insight": "RETENTION", "mean_retention_calculation": "weighted", "total_intervals": 3},
            {"totalIntervals": 3, "meanRetentionCalculation": "weighted"},
        ),
    ],
)
def test_what_only_concerns_the_chart_is_kept(given: dict[str, Any], expected: dict[str, Any] | None) -> None:
    query = query_of_filters({"events": EVENTS, **given})
    name = "retentionFilter" if query["kind"] == "RetentionQuery" else "trendsFilter"
    assert query.get(name) == expected
    parse_query(query)


def test_retention_has_eleven_intervals_unless_told() -> None:
    filters = {
        "insight": "RETENTION",
        "period": "Week",
        "retention_type": "retention_first_time",
        "target_entity": '{"id": "$pageview", "type": "events", "math": null}',
        "returning_entity": {"id": "4912", "type": "actions", "properties": [HOST]},
    }
    assert query_of_filters(filters) == {
        "kind": "RetentionQuery",
        "retentionFilter": {
            "retentionType": "retention_first_time",
            "totalIntervals": 11,
            "period": "Week",
            "targetEntity": {"id": "$pageview", "type": "events"},
            "returningEntity": {"id": 4912, "type": "actions", "properties": [HOST]},
        },
    }
    given = query_of_filters({**filters, "total_intervals": "4"})["retentionFilter"]
    assert isinstance(given, dict)
    assert given["totalIntervals"] == 4


def test_paths_keep_their_ends_and_funnel() -> None:
    filters = {
        "insight": "PATHS",
        "path_type": "$pageview",
        "start": "/",
        "end_point": "/pay",
        "path_groupings": '["/files/*"]',
        "exclude_events": [],
        "local_path_cleaning_filters": [{"regex": "a", "alias": "b", "order": 0}],
        "step_limit": "4",
        "funnel_paths": "funnel_path_after_step",
        "funnel_filter": {"events": EVENTS * 2, "funnel_step": 2},
    }
    assert query_of_filters(filters) == {
        "kind": "PathsQuery",
        "pathsFilter": {
            "includeEventTypes": ["$pageview"],
            "startPoint": "/",
            "endPoint": "/pay",
            "excludeEvents": [],
            "pathGroupings": ["/files/*"],
            "localPathCleaningFilters": [{"regex": "a", "alias": "b"}],
            "stepLimit": 4,
        },
        "funnelPathsFilter": {
            "funnelPathType": "funnel_path_after_step",
            "funnelSource": {"kind": "FunnelsQuery", "series": [SEEN, SEEN]},
            "funnelStep": 2,
        },
    }


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "TrendsQuery"),
        ({"insight": "SESSIONS"}, "TrendsQuery"),
        ({"insight": "STICKINESS"}, "StickinessQuery"),
        ({"insight": "LIFECYCLE"}, "LifecycleQuery"),
        ({"insight": "TRENDS", "shown_as": "Stickiness"}, "StickinessQuery"),
        ({"insight": "TRENDS", "shown_as": "Lifecycle"}, "LifecycleQuery"),
        ({"insight": "TRENDS", "shown_as": "Volume"}, "TrendsQuery"),
        ({"insight": "nonsense"}, "TrendsQuery"),
        ({"insight": 7}, "TrendsQuery"),
    ],
)
def test_kind_is_that_of_the_insight_or_of_what_it_is_shown_as(given: dict[str, Any], kind: str) -> None:
    assert query_of_filters({"events": EVENTS, **given})["kind"] == kind


def test_stickiness_counts_people_where_its_math_is_of_another_kind() -> None:
    events = [
        {"id": "a", "math": "total"},
        {"id": "b", "math": "unique_group", "math_group_type_index": 1},
        {"id": "c"},
    ]
    query = query_of_filters({"insight": "STICKINESS", "events": events, "interval": "minute", "compare": True})
    assert query == {
        "kind": "StickinessQuery",
        "series": [
            {"kind": "EventsNode", "event": "a", "name": "a", "math": "dau"},
            {"kind": "EventsNode", "event": "b", "name": "b", "math": "unique_group", "math_group_type_index": 1},
            {"kind": "EventsNode", "event": "c", "name": "c"},
        ],
        "interval": "hour",
        "compareFilter": {"compare": True},
    }


def test_correlation_is_that_of_the_funnel() -> None:
    filters = {
        "events": EVENTS * 2,
        "funnel_correlation_type": "properties",
        "funnel_correlation_names": '["$browser"]',
        "funnel_correlation_exclude_event_names": ["left"],
    }
    assert correlation_of_filters(filters) == {
        "kind": "FunnelCorrelationQuery",
        "source": {
            "kind": "FunnelsActorsQuery",
            "source": {"kind": "FunnelsQuery", "series": [SEEN, SEEN]},
            "funnelStep": 1,
        },
        "funnelCorrelationType": "properties",
        "funnelCorrelationNames": ["$browser"],
        "funnelCorrelationExcludeEventNames": ["left"],
    }


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"events": "[{"},
        {"events": ["{EXAMPLE}", 7, None, {"id": "seen", "order": "x"}], "actions": [{"id": None}, {"id": "x"}]},
        {"events": {"id": "seen"}, "actions": 7},
        {"display": "ActionsLineGrap[…]ccounts=false", "events": EVENTS},
        {"sampling_factor": "", "interval": "", "date_from": "", "events": EVENTS},
        {"smoothing_intervals": "many", "compare": "no", "events": EVENTS},
        {"insight": "FUNNELS", "exclusions": "none", "funnel_window_interval": "NaN", "bin_count": "1e999"},
        {"insight": "RETENTION", "target_entity": "[]", "total_intervals": {}},
        {"insight": "PATHS", "funnel_filter": "x", "funnel_paths": "y", "step_limit": [], "path_groupings": "/a"},
        {"insight": "LIFECYCLE", "events": EVENTS, "toggledLifecycles": ["new"]},
        {"properties": {"type": "AND", "values": "x"}, "events": EVENTS},
        {"properties": {"type": "AND", "values": [7, {"type": "OR", "values": [[], HOST]}]}, "events": EVENTS},
        {"breakdowns": "x", "breakdown": {"a": 1}, "events": EVENTS},
    ],
)
def test_nonsense_in_filters_is_left_out_of_a_query_that_parses(filters: dict[str, Any]) -> None:
    node = node_of_filters(filters)
    assert node["full"] is True
    unwrap_query(parse_query(node))
