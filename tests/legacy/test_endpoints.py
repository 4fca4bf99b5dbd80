"""The computing endpoints of 2022 over HTTP, by GET and POST, and insights that only have filters."""

import csv
import io
import json
from typing import Any

import pytest

from tests.definitions.conftest import PROJECT, Project

pytestmark = pytest.mark.anyio

SEEN = {"id": "seen", "type": "events", "order": 0}
PAID = {"id": "paid", "type": "events", "order": 1}
DATES = {"date_from": "2024-05-14", "date_to": "2024-05-16"}
TO_TODAY = {"date_to": "2024-05-16"}


@pytest.fixture(autouse=True)
def events(project: Project) -> None:
    """Now is noon of 16 May 2024."""
    project.capture(
        ("seen", "ann", "2024-05-14T09:00:00Z", {"plan": "pro"}),
        ("seen", "bob", "2024-05-14T10:00:00Z", {"plan": "free"}),
        ("paid", "ann", "2024-05-15T09:00:00Z", {"plan": "pro"}),
        ("seen", "ann", "2024-05-16T09:00:00Z", {"plan": "pro"}),
        ("$pageview", "ann", "2024-05-14T08:00:00Z", {"$current_url": "https://x.org/"}),
        ("$pageview", "ann", "2024-05-14T08:01:00Z", {"$current_url": "https://x.org/pay"}),
    )


async def get(project: Project, path: str, **params: Any) -> dict[str, Any]:
    encoded = {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in params.items()}
    answer: dict[str, Any] = await project.get(f"/insights/{path}/", **encoded)
    return answer


async def post(project: Project, path: str, **body: Any) -> dict[str, Any]:
    return await project.post(f"/insights/{path}/", body)


@pytest.mark.parametrize("send", [get, post])
async def test_trend_is_computed_by_get_and_by_post(project: Project, send: Any) -> None:
    answer = await send(project, "trend", events=[SEEN], **DATES)
    assert list(answer) == ["result", "timezone", "is_cached", "last_refresh", "next"]
    (result,) = answer["result"]
    assert (result["data"], result["days"], result["label"], result["count"]) == (
        [2, 0, 1],
        ["2024-05-14", "2024-05-15", "2024-05-16"],
        "seen",
        3,
    )
    assert (answer["timezone"], answer["is_cached"], answer["last_refresh"], answer["next"]) == (
        "UTC",
        False,
        "2024-05-16T12:00:00Z",
        None,
    )


async def test_trend_is_cached_until_a_refresh_is_asked_for(project: Project) -> None:
    asked: dict[str, Any] = {"events": [SEEN], **DATES}
    cached = [(await get(project, "trend", **asked, **more))["is_cached"] for more in ({}, {}, {"refresh": "true"})]
    assert cached == [False, True, False]
    assert (await post(project, "trend", **asked))["is_cached"] is True
    assert (await post(project, "trend", **asked, refresh=True))["is_cached"] is False


async def test_body_stands_over_the_query_string(project: Project) -> None:
    answer = await project.http.post(
        f"{PROJECT}/insights/trend/",
        params={"date_from": "2024-05-16", "interval": "week"},
        json={"events": [SEEN], **DATES},
    )
    assert answer.json()["result"][0]["labels"] == ["14–16 May"]


async def test_trend_takes_breakdown_formula_compare_and_actions(project: Project) -> None:
    await project.post("/actions/", {"name": "Paid", "steps": [{"event": "paid"}]})
    broken = await get(project, "trend", events=[SEEN], breakdown="plan", breakdown_type="event", **DATES)
    assert [(one["breakdown_value"], one["count"]) for one in broken["result"]] == [("pro", 2), ("free", 1)]
    computed = await post(project, "trend", events=[SEEN], actions=[{"id": 1, "order": 1}], formula="A + B", **DATES)
    assert computed["result"][0]["data"] == [2, 1, 1]
    compared = await get(project, "trend", events=[SEEN], compare="true", date_from="2024-05-16", date_to="2024-05-16")
    assert [one["compare_label"] for one in compared["result"]] == ["current", "previous"]
    total = await get(project, "trend", events=[SEEN], display="BoldNumber", **DATES)
    assert total["result"][0]["aggregated_value"] == 3


async def test_trend_is_filtered_by_properties(project: Project) -> None:
    plain = [{"key": "plan", "value": "pro", "operator": "exact", "type": "event"}]
    grouped = {"type": "OR", "values": [{"type": "AND", "values": plain}]}
    for properties in (plain, grouped, {"plan": "pro"}):
        answer = await get(project, "trend", events=[SEEN], properties=properties, **DATES)
        assert answer["result"][0]["data"] == [1, 0, 1]
    answer = await post(project, "trend", events=[{**SEEN, "properties": plain}], **DATES)
    assert answer["result"][0]["data"] == [1, 0, 1]


async def test_trend_as_csv_has_a_line_per_series_and_a_column_per_label(project: Project) -> None:
    named = {**PAID, "custom_name": "=Paid, really"}
    answer = await project.http.get(
        f"{PROJECT}/insights/trend/", params={"events": json.dumps([SEEN, named]), "format": "csv", **DATES}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [
        ["series", "14-May-2024", "15-May-2024", "16-May-2024"],
        ["seen", "2", "0", "1"],
        ["'=Paid, really", "0", "1", "0"],
    ]


async def test_trend_without_events_is_empty(project: Project) -> None:
    assert (await get(project, "trend"))["result"] == []


async def test_lifecycle_is_a_trend_shown_as_one(project: Project) -> None:
    answer = await get(project, "trend", events=[SEEN], shown_as="Lifecycle", **DATES)
    assert [one["status"] for one in answer["result"]] == ["new", "returning", "resurrecting", "dormant"]


@pytest.mark.parametrize("send", [get, post])
async def test_funnel_is_computed_by_get_and_by_post(project: Project, send: Any) -> None:
    answer = await send(project, "funnel", events=[SEEN, PAID], funnel_window_interval=7, **DATES)
    assert list(answer) == ["result", "timezone", "is_cached", "last_refresh"]
    assert [(step["name"], step["order"], step["count"]) for step in answer["result"]] == [
        ("seen", 0, 2),
        ("paid", 1, 1),
    ]


async def test_funnel_may_be_strict_timed_or_over_time(project: Project) -> None:
    asked: dict[str, Any] = {"events": [SEEN, PAID], **DATES}
    timed = await post(project, "funnel", funnel_viz_type="time_to_convert", **asked)
    assert timed["result"]["average_conversion_time"] == 86400
    trend = await get(project, "funnel", funnel_viz_type="trends", **asked)
    assert trend["result"][0]["data"][0] == 50
    short = await get(project, "funnel", funnel_window_interval=1, funnel_window_interval_type="HOUR", **asked)
    assert [step["count"] for step in short["result"]] == [2, 0]


@pytest.mark.parametrize("send", [get, post])
async def test_retention_is_computed(project: Project, send: Any) -> None:
    answer = await send(project, "retention", target_entity=SEEN, returning_entity=PAID, total_intervals=3, **TO_TODAY)
    assert [(row["label"], [cell["count"] for cell in row["values"]]) for row in answer["result"]] == [
        ("Day 0", [2, 1, 0]),
        ("Day 1", [0, 0, 0]),
        ("Day 2", [1, 0, 0]),
    ]


@pytest.mark.parametrize("send", [get, post])
async def test_paths_are_computed(project: Project, send: Any) -> None:
    answer = await send(project, "path", include_event_types=["$pageview"], **DATES)
    assert [(edge["source"], edge["target"], edge["value"]) for edge in answer["result"]] == [
        ("1_https://x.org", "2_https://x.org/pay", 1)
    ]


@pytest.mark.parametrize("send", [get, post])
async def test_paths_take_points_limits_and_funnels(project: Project, send: Any) -> None:
    ends = await send(project, "path", end_point="paid", step_limit=2, **DATES)
    assert ends["result"] == []  # a day is more than a pause
    limited = await send(project, "path", start_point="https://x.org/", edge_limit=1, min_edge_weight=1, **DATES)
    assert [edge["source"] for edge in limited["result"]] == ["1_https://x.org"]
    funnel = {"insight": "FUNNELS", "events": [SEEN, PAID], "funnel_step": 2, "funnel_window_interval": 7, **DATES}
    between = await send(project, "path", funnel_paths="funnel_path_between_steps", funnel_filter=funnel, **DATES)
    assert [(edge["source"], edge["target"], edge["value"]) for edge in between["result"]] == [("1_seen", "2_paid", 1)]
    assert between["result"][0]["average_conversion_time"] == 86_400_000


@pytest.mark.parametrize("send", [get, post])
async def test_correlation_of_a_funnel_is_computed(project: Project, send: Any) -> None:
    answer = await send(project, "funnel/correlation", events=[SEEN, PAID], funnel_correlation_type="events", **DATES)
    assert set(answer["result"]) == {"events", "skewed"}


async def test_question_that_cannot_be_answered_says_why(project: Project) -> None:
    answer = await project.http.get(
        f"{PROJECT}/insights/trend/", params={"events": json.dumps([{**SEEN, "math": "often"}])}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "math" in answer.json()["detail"]
    answer = await project.http.post(f"{PROJECT}/insights/trend/", json=[1])
    assert answer.status_code == 400


async def test_insight_of_filters_is_shown_and_computed_as_a_query(project: Project) -> None:
    filters = {"insight": "TRENDS", "events": [SEEN], **DATES}
    with project.backend.store.write() as db:
        db.execute(
            "INSERT INTO insights (team_id, short_id, name, filters, created_at, last_modified_at, updated_at, saved)"
            " VALUES (1, 'old00001', 'Old', ?, '2022-01-01', '2022-01-01', '2022-01-01', 1)",
            (json.dumps(filters),),
        )
    insight = await project.get("/insights/old00001/", refresh="blocking")
    assert insight["query"] == {
        "kind": "InsightVizNode",
        "source": {
            "kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "seen", "name": "seen"}],
            "dateRange": DATES,
        },
        "full": True,
    }
    assert insight["result"][0]["data"] == [2, 0, 1]
    (listed,) = (await project.get("/insights/", basic="true"))["results"]
    assert listed["query"] == insight["query"]
