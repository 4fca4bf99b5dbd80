"""The backend whole: real events, a real engine, real queries, insights that compute."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_project
from tests.backend.canned import KEY
from tests.backend.samples import INSIGHTS, make_dashboard, make_insight

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SIGNUPS: dict[str, Any] = {
    "kind": "InsightVizNode",
    "source": {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "signed_up"}],
        "dateRange": {"date_from": "2026-03-08", "date_to": "2026-03-10"},
    },
}
COUNT: dict[str, Any] = {
    "kind": "DataVisualizationNode",
    "source": {"kind": "HogQLQuery", "query": "SELECT event, count() AS n FROM events GROUP BY event ORDER BY n DESC"},
}


@pytest.fixture
def whole(engine: Engine, tmp_path: Path) -> Iterator[Backend]:
    def clock() -> datetime:
        return NOW

    store = Store.open(tmp_path / "store.db", clock=clock)
    queries = QueryService(store, engine, clock)
    intake = Intake(store, engine, clock)
    yield Backend(store, engine, queries, intake, tmp_path, clock=clock)
    queries.close()
    store.close()


@pytest.fixture
async def live(whole: Backend) -> AsyncIterator[httpx.AsyncClient]:
    """A client on a backend with three days of events: 1, 2 and 3 signups, one page view."""
    with whole.store.read() as db:
        team = get_project(db, 1)
    assert team is not None
    events = [("signed_up", day, plan) for day, plan in ((0, "pro"), (0, "free"), (0, "pro"), (1, "pro"), (1, "free"))]
    events += [("signed_up", 2, "free"), ("$pageview", 0, "pro")]
    whole.intake.capture(
        team,
        [
            {
                "event": event,
                "distinct_id": f"user {index}",
                "timestamp": (NOW - timedelta(days=days, hours=1)).isoformat(),
                "properties": {"plan": plan},
            }
            for index, (event, days, plan) in enumerate(events)
        ],
    )
    transport = httpx.ASGITransport(create_app(whole, api_key=KEY), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


async def test_trend_is_computed_cached_and_analyzed(live: httpx.AsyncClient) -> None:
    made = await make_insight(live, name="Signups", query=SIGNUPS)
    assert made["result"] is None
    computed = (await live.get(f"{INSIGHTS}{made['short_id']}/", params={"refresh": "blocking"})).json()
    (series,) = computed["result"]
    assert (series["label"], series["data"]) == ("signed_up", [1, 2, 3])
    assert computed["is_cached"] is False
    assert computed["timezone"] == "UTC"
    assert computed["filters_hash"] == made["filters_hash"]
    listed = (await live.get(INSIGHTS)).json()["results"][0]
    assert (listed["result"], listed["is_cached"]) == (computed["result"], True)
    analysis = (await live.get(f"{INSIGHTS}{made['id']}/analyze/")).json()["result"]
    assert "6 in total" in analysis


async def test_sql_insight_has_columns_and_types(live: httpx.AsyncClient) -> None:
    made = await make_insight(live, query=COUNT)
    computed = (await live.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})).json()
    assert computed["columns"] == ["event", "n"]
    assert [list(row) for row in computed["result"]] == [["signed_up", 6], ["$pageview", 1]]
    assert [name for name, _ in computed["types"]] == ["event", "n"]


async def test_dashboard_filters_change_the_results_of_its_tiles(live: httpx.AsyncClient) -> None:
    plan = {"key": "plan", "value": "pro", "operator": "exact", "type": "event"}
    board = await make_dashboard(live, filters={"properties": [plan]})
    made = await make_insight(live, query=SIGNUPS, dashboards=[board["id"]])
    shown = (await live.get(f"/api/projects/1/dashboards/{board['id']}/", params={"refresh": "blocking"})).json()
    assert shown["tiles"][0]["insight"]["result"][0]["data"] == [0, 1, 2]
    plain = (await live.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})).json()
    assert plain["result"][0]["data"] == [1, 2, 3]
    through = {"from_dashboard": str(board["id"])}
    cached = (await live.get(f"{INSIGHTS}{made['id']}/", params=through)).json()
    assert (cached["result"][0]["data"], cached["is_cached"]) == ([0, 1, 2], True)


async def test_mistake_in_sql_is_told_to_its_author(live: httpx.AsyncClient) -> None:
    query = {"kind": "DataVisualizationNode", "source": {"kind": "HogQLQuery", "query": "SELECT nonsense FROM events"}}
    made = await make_insight(live, query=query)
    answer = await live.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert "nonsense" in answer.json()["detail"]
    assert (await live.get(INSIGHTS)).json()["results"][0]["result"] is None


async def test_async_refresh_answers_at_once_and_fills_the_cache(live: httpx.AsyncClient) -> None:
    made = await make_insight(live, query=SIGNUPS)
    started = (await live.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "async"})).json()
    assert started["result"] is None
    job = started["query_status"]["id"]
    with anyio.fail_after(20):
        while (await live.get(f"/api/projects/1/query/{job}/")).status_code == 202:  # noqa: ASYNC110  # as clients do
            await anyio.sleep(0.02)
    assert (await live.get(f"{INSIGHTS}{made['id']}/")).json()["result"][0]["data"] == [1, 2, 3]


async def test_shared_insight_is_computed_for_the_public(live: httpx.AsyncClient) -> None:
    made = await make_insight(live, query=SIGNUPS)
    shared = await live.patch(f"{INSIGHTS}{made['id']}/sharing/", json={"enabled": True})
    params = {"sharing_access_token": shared.json()["access_token"], "refresh": "force_blocking"}
    seen = (await live.get(f"{INSIGHTS}{made['id']}/", params=params, headers={"Authorization": ""})).json()
    assert seen["result"][0]["data"] == [1, 2, 3]


async def test_session_values_are_looked_up_by_query(live: httpx.AsyncClient) -> None:
    answer = await live.get("/api/projects/1/sessions/values/", params={"key": "$channel_type"})
    assert answer.status_code == 200
    assert isinstance(answer.json(), list)


async def test_definitions_follow_from_the_events(live: httpx.AsyncClient) -> None:
    events = (await live.get("/api/projects/1/event_definitions/")).json()["results"]
    assert {event["name"] for event in events} == {"signed_up", "$pageview"}
    properties = (await live.get("/api/projects/1/property_definitions/")).json()["results"]
    assert [(row["name"], row["property_type"]) for row in properties] == [("plan", "String")]
