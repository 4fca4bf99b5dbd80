"""Near-misses are mended where only one thing can be meant, and each mend is told."""

from typing import Any

import pytest

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.date_words import is_readable
from insights_mcp.schema.mending import mend_query
from insights_mcp.schema.queries import parse_query

EVENT = {"kind": "EventsNode", "event": "a"}
TREND: dict[str, Any] = {"kind": "TrendsQuery", "series": [EVENT]}
FUNNEL: dict[str, Any] = {"kind": "FunnelsQuery", "series": [EVENT, EVENT]}
VIZ = {"kind": "InsightVizNode", "source": TREND}
SQL = {"kind": "HogQLQuery", "query": "select 1"}


def trend(**more: Any) -> dict[str, Any]:
    return {**TREND, **more}


def of_series(**entry: Any) -> dict[str, Any]:
    return {"kind": "TrendsQuery", "series": [entry]}


OUTSIDES = [
    ({"query": TREND}, TREND, "query within query"),
    ({"source": TREND}, TREND, "source without a node"),
    ({"query": "select 1"}, SQL, "kind added: HogQLQuery"),
    ({"sql": "select 1"}, SQL, "kind added: HogQLQuery"),
    ({"kind": "sql", "sql": "select 1"}, SQL, "kind sql -> HogQLQuery"),
    ({**TREND, "kind": "trends"}, TREND, "kind trends -> TrendsQuery"),
    ({**TREND, "kind": "TrendQuery"}, TREND, "kind TrendQuery -> TrendsQuery"),
    ({**FUNNEL, "kind": "funnel"}, FUNNEL, "kind funnel -> FunnelsQuery"),
    ({"series": [EVENT], "funnelsFilter": {}}, {**FUNNEL, "series": [EVENT], "funnelsFilter": {}}, "kind added"),
    ({"kind": "DataVisualizationNode", "source": TREND}, VIZ, "-> InsightVizNode"),
    ({"kind": "InsightVizNode", "source": SQL}, {"kind": "DataVisualizationNode", "source": SQL}, "holds a HogQLQuery"),
    (
        {"kind": "InsightVizNode", "series": [EVENT], "trendsFilter": {}},
        {**VIZ, "source": trend(trendsFilter={})},
        "source of InsightVizNode",
    ),
]
PLACES = [
    (trend(breakdown="$browser"), trend(breakdownFilter={"breakdown": "$browser"}), "breakdownFilter.breakdown"),
    (trend(group_by="$browser"), trend(breakdownFilter={"breakdown": "$browser"}), "breakdownFilter.breakdown"),
    (
        trend(breakdown="plan", breakdown_type="user"),
        trend(breakdownFilter={"breakdown": "plan", "breakdown_type": "person"}),
        '"user" -> person',
    ),
    (
        trend(breakdown=["$os", {"property": "plan", "type": "person"}]),
        trend(
            breakdownFilter={
                "breakdowns": [{"property": "$os", "type": "event"}, {"property": "plan", "type": "person"}]
            }
        ),
        "breakdownFilter.breakdowns",
    ),
    (trend(breakdownFilter={"property": "$os"}), trend(breakdownFilter={"breakdown": "$os"}), "property -> breakdown"),
    (trend(breakdownFilter="$os"), trend(breakdownFilter={"breakdown": "$os"}), "breakdownFilter: text"),
    (
        {**FUNNEL, "funnelWindowInterval": 7, "funnelWindowIntervalUnit": "days"},
        {**FUNNEL, "funnelsFilter": {"funnelWindowInterval": 7, "funnelWindowIntervalUnit": "day"}},
        "funnelsFilter.funnelWindowInterval",
    ),
    (
        {**FUNNEL, "funnel_window_days": 7},
        {**FUNNEL, "funnelsFilter": {"funnelWindowInterval": 7, "funnelWindowIntervalUnit": "day"}},
        "funnel_window_days",
    ),
    (trend(display="line"), trend(trendsFilter={"display": "ActionsLineGraph"}), "trendsFilter.display"),
    (
        {**VIZ, "display": "big number"},
        {**VIZ, "source": trend(trendsFilter={"display": "BoldNumber"})},
        "display -> source",
    ),
    (trend(formula="A/B"), trend(trendsFilter={"formula": "A/B"}), "trendsFilter.formula"),
    (trend(compare=True), trend(compareFilter={"compare": True}), "compareFilter.compare"),
    (trend(date_from="-7d"), trend(dateRange={"date_from": "-7d"}), "dateRange.date_from"),
    (trend(date_range={"date_from": "-7d"}), trend(dateRange={"date_from": "-7d"}), "date_range -> dateRange"),
    (
        {"kind": "RetentionQuery", "targetEntity": "a", "returningEntity": {"event": "b"}, "period": "weekly"},
        {
            "kind": "RetentionQuery",
            "retentionFilter": {
                "targetEntity": {"id": "a", "type": "events"},
                "returningEntity": {"id": "b"},
                "period": "Week",
            },
        },
        "retentionFilter.targetEntity",
    ),
]
WORDS = [
    (trend(trendsFilter={"display": "pie chart"}), trend(trendsFilter={"display": "ActionsPie"}), "ActionsPie"),
    (trend(interval="weekly"), trend(interval="week"), '"weekly" -> week'),
    (of_series(**EVENT, math="unique users"), of_series(**EVENT, math="dau"), '"unique users" -> dau'),
    (
        trend(properties=[{"key": "plan", "operator": "=", "value": "pro", "type": "user"}]),
        trend(properties=[{"key": "plan", "operator": "exact", "value": "pro", "type": "person"}]),
        '"=" -> exact',
    ),
]
SHAPES = [
    ({"kind": "TrendsQuery", "series": "a"}, TREND, "series: one entry"),
    ({"kind": "TrendsQuery", "series": ["a"]}, TREND, "a name -> an EventsNode"),
    ({"kind": "TrendsQuery", "events": ["a"]}, TREND, "events -> series"),
    ({"kind": "TrendsQuery", "series": EVENT}, TREND, "series: one entry"),
    (of_series(id="a"), TREND, "EventsNode"),
    (of_series(kind="event", event="a"), TREND, '"event" -> EventsNode'),
    (of_series(kind="EventsNode", name="a"), of_series(kind="EventsNode", name="a", event="a"), "all events count"),
    (
        trend(properties={"key": "plan", "value": "pro"}),
        trend(properties=[{"key": "plan", "value": "pro"}]),
        "a list of filters",
    ),
    (
        trend(filters={"plan": "pro"}),
        trend(properties=[{"key": "plan", "value": "pro", "operator": "exact", "type": "event"}]),
        "filters -> properties",
    ),
]
DATES = [
    ({"dateRange": "last 30 days"}, {"date_from": "-30d"}),
    ({"dateRange": {"date_from": "last_7_days"}}, {"date_from": "-7d"}),
    ({"dateRange": {"date_from": "3 months ago"}}, {"date_from": "-3m"}),
    ({"dateRange": {"from": "yesterday"}}, {"date_from": "-1dStart", "date_to": "-1dEnd"}),
    ({"dateRange": {"date_from": "last month"}}, {"date_from": "-1mStart", "date_to": "-1mEnd"}),
    ({"dateRange": {"date_from": "all time"}}, {"date_from": "all"}),
    ({"dateRange": {"start": "2026-01-01", "end": "today"}}, {"date_from": "2026-01-01"}),
    ({"dateRange": ["2026-01-01", "2026-02-01"]}, {"date_from": "2026-01-01", "date_to": "2026-02-01"}),
]


@pytest.mark.parametrize(("given", "mended", "note"), [*OUTSIDES, *PLACES, *WORDS, *SHAPES])
def test_near_miss_is_mended_and_told(given: dict[str, Any], mended: dict[str, Any], note: str) -> None:
    found = mend_query(given)
    assert found.body == mended
    assert any(note in told for told in found.notes), found.notes
    parse_query(found.body)


@pytest.mark.parametrize(("given", "dates"), DATES)
def test_dates_in_words_become_dates(given: dict[str, Any], dates: dict[str, str]) -> None:
    found = mend_query({**TREND, **given})
    assert found.body["dateRange"] == dates
    assert found.notes
    parse_query(found.body)


@pytest.mark.parametrize("query", [TREND, FUNNEL, VIZ, SQL, trend(dateRange={"date_from": "mStart", "date_to": None})])
def test_sound_query_stays_as_it_is(query: dict[str, Any]) -> None:
    found = mend_query(query)
    assert found.body == query
    assert found.notes == ()


@pytest.mark.parametrize(
    "query",
    [
        {"series": [EVENT]},  # four kinds have series
        {"kind": "Query", "series": [EVENT]},
        trend(breakdown="$os", breakdownFilter={"breakdown": "plan"}),
        of_series(event="a", math="totl"),
        trend(trendsFilter={"display": "hologram"}),
        trend(limit=5),
        trend(interval="fortnight"),
        {"kind": "InsightVizNode", "series": [EVENT]},
    ],
)
def test_what_could_mean_two_things_is_left_to_be_refused(query: dict[str, Any]) -> None:
    found = mend_query(query)
    assert found.body == query
    with pytest.raises(QueryInvalid):
        parse_query(found.body)


@pytest.mark.parametrize("text", ["last tuesday", "soon", "2026-13-45", "next week", "q3"])
def test_date_that_would_silently_mean_now_is_refused(text: str) -> None:
    with pytest.raises(QueryInvalid) as refusal:
        mend_query(trend(dateRange={"date_from": text}))
    assert refusal.value.path == "dateRange.date_from"
    assert "-30d" in str(refusal.value)


@pytest.mark.parametrize("text", ["-7d", "7d", "dStart", "-1mEnd", "all", "2026-01-31", "2026-1-1", "2026-01-31T10:00"])
def test_dates_of_posthog_are_readable(text: str) -> None:
    assert is_readable(text)


def test_what_was_given_is_not_changed() -> None:
    given = trend(breakdown="$os")
    mend_query(given)
    assert given == trend(breakdown="$os")
