"""What may be asked of the people behind an insight, as the table of them offers it."""

from typing import Any

import httpx
import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.actors.choices import NULL_LABEL, OTHER_LABEL
from insights_mcp.local.queries.breakdowns import BASELINE, NULL, OTHER
from insights_mcp.local.queries.context import Action, Cohort, QueryError
from tests.queries.asking import ask
from tests.queries.world import TestDefinitions, TestTypes, World, moment

NOW = moment("2024-07-04T09:00:00Z")
SOLD: dict[str, Any] = {"kind": "EventsNode", "event": "sold"}
RANGE = {"date_from": "2024-07-01", "date_to": "2024-07-03"}
TYPES = TestTypes({"event": {"price": "Numeric", "gift": "Boolean"}})
DEFINITIONS = TestDefinitions([Action(5, "Any sale")], [Cohort(8, "Regulars")])


def trend(**given: Any) -> dict[str, Any]:
    return {"kind": "TrendsQuery", "series": [SOLD], "dateRange": RANGE, **given}


def options(engine: Engine, insight: Any) -> Any:
    query = {"kind": "InsightActorsQueryOptions", "source": {"kind": "InsightActorsQuery", "source": insight}}
    return ask(engine, query, NOW, types=TYPES, definitions=DEFINITIONS).extra


def pairs(items: Any) -> list[tuple[str, object]]:
    return [(item["label"], item["value"]) for item in items]


@pytest.fixture
def sales(engine: Engine) -> Engine:
    rows = [
        ("tea", 2, True),
        ("tea", 4, True),
        ("tea", 10, False),
        ("jam", 6, True),
        ("jam", 8, False),
        ("oil", 3, True),
    ]
    properties = [{"shelf": shelf, "price": price, "gift": gift} for shelf, price, gift in rows]
    events = [
        {"event": "sold", "distinct_id": "ann", "timestamp": "2024-07-02T10:00:00Z", "properties": one}
        for one in (*properties, {})
    ]
    World(engine).add_events(events)
    return engine


def test_days_series_and_periods_are_told(sales: Engine) -> None:
    asked = trend(series=[SOLD, {"kind": "EventsNode", "event": None}, {"kind": "ActionsNode", "id": 5}])
    found = options(sales, {**asked, "compareFilter": {"compare": True}})
    assert pairs(found["day"]) == [(f"{day}-Jul-2024", f"2024-07-0{day}T00:00:00Z") for day in (1, 2, 3)]
    assert pairs(found["series"]) == [("sold", 0), ("All events", 1), ("Any sale", 2)]
    assert pairs(found["compare"]) == [("Current", "current"), ("Previous", "previous")]
    assert (found["breakdown"], found["breakdowns"], found["status"], found["interval"]) == (None,) * 4


def test_one_number_has_no_days(sales: Engine) -> None:
    found = options(sales, trend(trendsFilter={"display": "ActionsTable"}, breakdownFilter={"breakdown": "shelf"}))
    assert found["day"] is None
    assert [item["value"] for item in found["breakdown"]] == ["tea", "jam", "oil", NULL]


@pytest.mark.parametrize(
    ("item", "whole", "expected"),
    [
        (
            {"property": "shelf"},
            {"breakdown_limit": 2, "breakdown_hide_other_aggregation": True},
            [("tea", "tea"), ("jam", "jam"), (OTHER_LABEL, OTHER)],
        ),
        ({"property": "shelf"}, {}, [("tea", "tea"), ("jam", "jam"), ("oil", "oil"), (NULL_LABEL, NULL)]),
        ({"property": "gift"}, {}, [("true", "true"), ("false", "false"), (NULL_LABEL, NULL)]),
        (
            {"property": "price", "histogram_bin_count": 2},
            {},
            [("[2,6]", "[2,6]"), ("[6,10.01]", "[6,10.01]"), ('["",""]', '["",""]'), (NULL_LABEL, NULL)],
        ),
        (
            {"property": "upper(properties.shelf)", "type": "hogql"},
            {"breakdown_limit": 1},
            [("TEA", "TEA"), (OTHER_LABEL, OTHER)],
        ),
    ],
)
def test_values_are_those_of_the_breakdown(
    sales: Engine, item: dict[str, Any], whole: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    alone = {"breakdown": item["property"], "breakdown_type": item.get("type", "event"), **whole}
    if "histogram_bin_count" in item:
        alone["breakdown_histogram_bin_count"] = item["histogram_bin_count"]
    assert pairs(options(sales, trend(breakdownFilter=alone))["breakdown"]) == expected
    listed = options(sales, trend(breakdownFilter={"breakdowns": [item], **whole}))
    assert [pairs(one["values"]) for one in listed["breakdowns"]] == [expected]
    assert listed["breakdown"] is None


def test_cohorts_are_named(sales: Engine) -> None:
    found = options(sales, trend(breakdownFilter={"breakdown": [8, "all"], "breakdown_type": "cohort"}))
    assert pairs(found["breakdown"]) == [("Regulars", 8), ("all users", "all")]


def test_no_events_have_no_values(sales: Engine) -> None:
    nobody = [{"kind": "EventsNode", "event": "returned"}]
    several = {"breakdowns": [{"property": "shelf"}, {"property": "gift"}]}
    assert options(sales, trend(series=nobody, breakdownFilter={"breakdown": "shelf"}))["breakdown"] == []
    assert options(sales, trend(series=nobody, breakdownFilter=several))["breakdowns"] == [{"values": []}] * 2


def test_lifecycle_has_days_and_statuses(sales: Engine) -> None:
    found = options(sales, {"kind": "LifecycleQuery", "series": [SOLD], "dateRange": RANGE})
    assert [item["value"] for item in found["status"]] == ["dormant", "new", "resurrecting", "returning"]
    assert len(found["day"]) == 3
    assert found["series"] is None


def funnel_options(engine: Engine, **given: Any) -> Any:
    funnel = {"kind": "FunnelsQuery", "series": [SOLD, SOLD], "dateRange": RANGE, **given}
    source = {"kind": "FunnelsActorsQuery", "source": funnel}
    query = {"kind": "InsightActorsQueryOptions", "source": source}
    return ask(engine, query, NOW, types=TYPES, definitions=DEFINITIONS).extra


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"breakdown": "shelf", "breakdown_type": "event"}, [("jam", "jam"), (NULL_LABEL, ""), ("tea", "tea")]),
        ({"breakdowns": [{"property": "shelf"}, {"property": "gift"}]}, [("jam, true", '["jam","true"]')]),
        ({"breakdown": [8, "all"], "breakdown_type": "cohort"}, [("Regulars", 8), ("all users", 0)]),
    ],
)
def test_funnel_has_a_baseline_and_its_values(
    engine: Engine, given: dict[str, Any], expected: list[tuple[str, object]]
) -> None:
    sold = [("ann", {"shelf": "tea"}), ("bob", {"shelf": "jam", "gift": True}), ("cat", {}), ("bob", {"shelf": "jam"})]
    if "breakdowns" in given:
        sold = sold[1:2]
    World(engine).add_events(
        {"event": "sold", "distinct_id": who, "timestamp": f"2024-07-02T1{place}:00:00Z", "properties": properties}
        for place, (who, properties) in enumerate(sold)
    )
    found = funnel_options(engine, breakdownFilter=given)
    assert pairs(found["breakdown"])[0] == ("Baseline", BASELINE)
    assert sorted(pairs(found["breakdown"])[1:]) == sorted(expected)
    assert found["compare"] is None


def test_funnel_without_values_has_no_breakdown_but_its_periods(engine: Engine) -> None:
    found = funnel_options(engine, breakdownFilter={"breakdown": "shelf"}, compareFilter={"compare": True})
    assert found["breakdown"] is None
    assert pairs(found["compare"]) == [("Current", "current"), ("Previous", "previous")]
    moments = funnel_options(engine, compareFilter={"compare": True}, funnelsFilter={"funnelVizType": "trends"})
    assert set(moments.values()) == {None}


def test_other_insights_have_no_choices(sales: Engine) -> None:
    assert set(options(sales, {"kind": "RetentionQuery", "retentionFilter": {}}).values()) == {None}


@pytest.mark.parametrize("source", [None, {"kind": "Nonsense"}, {"kind": "InsightActorsQuery"}])
def test_options_of_nothing_are_refused(sales: Engine, source: Any) -> None:
    with pytest.raises(QueryError, match="source"):
        ask(sales, {"kind": "InsightActorsQueryOptions", "source": source}, NOW)


@pytest.mark.anyio
async def test_options_are_answered_beside_the_envelope(api: httpx.AsyncClient) -> None:
    query = {"kind": "InsightActorsQueryOptions", "source": {"kind": "InsightActorsQuery", "source": trend()}}
    response = await api.post("/api/projects/1/query/", json={"query": query})
    assert response.status_code == 200
    assert pairs(response.json()["series"]) == [("sold", 0)]
