"""POST, GET and DELETE /query/ over HTTP, on a real engine."""

import json
from typing import Any

import anyio
import httpx
import pytest
from anyio import to_thread

from insights_mcp.local.engine.base import Engine
from tests.queries.conftest import SetClock
from tests.queries.world import World

pytestmark = pytest.mark.anyio

QUERY = "/api/projects/1/query/"
TRENDS = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "seen"}],
    "dateRange": {"date_from": "2024-05-14", "date_to": "2024-05-16"},
}
# Counts hashes of numbers, which takes far longer than any test waits.
SLOW = {"kind": "HogQLQuery", "query": "select count() from numbers(10000000000) where sipHash64(number) = 1"}


@pytest.fixture
def seen(world: World) -> World:
    world.add_events(
        {"event": "seen", "distinct_id": who, "timestamp": f"2024-05-{day}T10:00:00Z"}
        for who, day in (("ann", 14), ("bob", 14), ("ann", 16))
    )
    return world


async def ask(api: httpx.AsyncClient, query: dict[str, Any], **more: Any) -> httpx.Response:
    return await api.post(QUERY, json={"query": query, **more})


async def poll(api: httpx.AsyncClient, query_id: str) -> httpx.Response:
    """Ask for a background query until it has ended."""
    with anyio.fail_after(20):
        while True:
            polled = await api.get(f"{QUERY}{query_id}/")
            if polled.status_code != 202:
                return polled
            await anyio.sleep(0.01)


async def test_trends_are_answered_with_their_envelope(api: httpx.AsyncClient, seen: World) -> None:
    response = await ask(api, TRENDS)
    body = response.json()
    assert response.status_code == 200, body
    assert [one["data"] for one in body["results"]] == [[2, 0, 1]]
    assert list(body["results"][0]) == ["data", "labels", "days", "count", "label", "filter", "action", "order"]
    assert body["is_cached"] is False
    assert body["hasMore"] is False
    assert body["timezone"] == "UTC"
    assert body["last_refresh"] == "2024-05-16T12:00:00Z"
    assert body["cache_target_age"] == "2024-05-16T18:00:00Z"
    assert body["next_allowed_client_refresh"] == "2024-05-16T12:01:00Z"
    assert body["resolved_date_range"] == {
        "date_from": "2024-05-14T00:00:00Z",
        "date_to": "2024-05-16T23:59:59.999999Z",
    }
    assert "events" in body["hogql"]


async def test_answer_is_cached_until_it_is_stale(api: httpx.AsyncClient, seen: World, clock: SetClock) -> None:
    first = (await ask(api, TRENDS)).json()
    clock.advance(hours=1)
    second = (await ask(api, TRENDS)).json()
    clock.advance(hours=6)
    third = (await ask(api, TRENDS)).json()
    assert [one["is_cached"] for one in (first, second, third)] == [False, True, False]
    assert second["results"] == first["results"]
    assert (second["last_refresh"], second["cache_key"]) == (first["last_refresh"], first["cache_key"])


async def test_forced_refresh_computes_again(api: httpx.AsyncClient, seen: World) -> None:
    await ask(api, TRENDS)
    assert (await ask(api, TRENDS, refresh="force_blocking")).json()["is_cached"] is False
    assert (await ask(api, TRENDS, refresh="force_cache")).json()["is_cached"] is True


async def test_environments_prefix_answers_with_a_deprecation(api: httpx.AsyncClient, seen: World) -> None:
    response = await api.post("/api/environments/1/query/", json={"query": TRENDS})
    assert response.status_code == 200
    assert response.headers["Deprecation"] == "true"


async def test_query_in_the_background_is_polled_to_its_results(api: httpx.AsyncClient, seen: World) -> None:
    started = await ask(api, TRENDS, refresh="async", client_query_id="mine")
    assert started.status_code == 202
    assert started.json()["query_status"]["id"] == "mine"
    assert set(started.json()) == {"cache_key", "query_status"}
    polled = await poll(api, "mine")
    status = polled.json()["query_status"]
    assert (polled.status_code, status["complete"], status["error"]) == (200, True, False)
    assert status["results"]["results"][0]["data"] == [2, 0, 1]
    assert (await ask(api, TRENDS, refresh="async")).json()["is_cached"] is True
    assert set((await ask(api, TRENDS, refresh="force_async")).json()) == {"query_status"}


async def test_background_query_that_fails_says_so_when_polled(api: httpx.AsyncClient) -> None:
    wrong = {"kind": "HogQLQuery", "query": "select nothing from events"}
    await ask(api, wrong, refresh="force_async", client_query_id="wrong")
    polled = await poll(api, "wrong")
    status = polled.json()["query_status"]
    assert (polled.status_code, status["complete"], status["error"]) == (400, True, True)
    assert "nothing" in status["error_message"]


async def test_unknown_query_has_no_status_and_may_be_cancelled(api: httpx.AsyncClient) -> None:
    unknown = await api.get(f"{QUERY}nobody/")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "Query nobody not found for team 1")
    assert (await api.delete(f"{QUERY}nobody/")).status_code == 200


async def test_running_query_is_cancelled_at_once(api: httpx.AsyncClient, engine: Engine) -> None:
    responses: list[httpx.Response] = []

    async def run() -> None:
        responses.append(await ask(api, SLOW, client_query_id="slow"))

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await wait_until_running(engine, "slow")
            started = anyio.current_time()
            cancelled = await api.delete(f"{QUERY}slow/")
    assert anyio.current_time() - started < 1.5
    assert cancelled.json() == {"message": "Cancelled query on clickhouse"}
    assert responses[0].json()["code"] == "query_was_cancelled"


async def wait_until_running(engine: Engine, query_id: str) -> None:
    while True:
        progress = await to_thread.run_sync(engine.progress, f"1_{query_id}")
        if progress is not None and progress.rows_read > 0:
            return


async def test_hogql_without_a_limit_comes_in_pages_of_100(api: httpx.AsyncClient, world: World) -> None:
    body = (await ask(api, {"kind": "HogQLQuery", "query": "select number as n from numbers(150)"})).json()
    assert (len(body["results"]), body["hasMore"], body["limit"], body["offset"]) == (100, True, 100, 0)
    assert (body["columns"], body["types"]) == (["n"], [["n", "UInt64"]])
    body = (await ask(api, {"kind": "HogQLQuery", "query": "select number from numbers(150) limit 120"})).json()
    assert (len(body["results"]), "hasMore" in body, "limit" in body) == (120, False, False)
    union = "select number from numbers(150) union all select number from numbers(150)"
    body = (await ask(api, {"kind": "HogQLQuery", "query": union})).json()
    assert (len(body["results"]), "hasMore" in body, "limit" in body) == (200, False, False)


async def test_hogql_fills_filters_values_and_variables(api: httpx.AsyncClient, seen: World) -> None:
    query = {
        "kind": "HogQLQuery",
        "query": "select count() from events where {filters} and distinct_id = {who} and event = {variables.name}",
        "filters": {"dateRange": {"date_from": "2024-05-15"}},
        "values": {"who": "ann"},
        "variables": {"v1": {"code_name": "name", "variableId": "v1", "value": "seen"}},
    }
    assert (await ask(api, query)).json()["results"] == [[1]]
    assert (await ask(api, {**query, "filters": {}})).json()["results"] == [[2]]


async def test_wrong_hogql_says_where(api: httpx.AsyncClient) -> None:
    text = "select nothing from events"
    response = await ask(api, {"kind": "HogQLQuery", "query": text})
    body = response.json()
    assert (response.status_code, body["type"], body["code"]) == (400, "validation_error", "invalid_input")
    place = body["extra"]["hogql_metadata"]["errors"][0]
    assert text[place["start"] : place["end"]] == "nothing"


async def test_engine_mistake_has_its_name_as_code(api: httpx.AsyncClient) -> None:
    response = await ask(api, {"kind": "HogQLQuery", "query": "select arrayMap(x -> x, 1)"})
    assert response.status_code == 400
    assert response.json()["code"] == "illegal_type_of_argument"


@pytest.mark.parametrize("kind", ["WebOverviewQuery", "PathsV2Query", "TracesQuery"])
async def test_kind_that_only_posthog_answers_is_refused_by_name(api: httpx.AsyncClient, kind: str) -> None:
    response = await ask(api, {"kind": kind, "properties": []})
    body = response.json()
    assert (response.status_code, body["type"], body["code"]) == (400, "validation_error", "not_supported")
    assert kind in body["detail"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"query": TRENDS, "refrehs": "async"}, "refresh"),
        ({"query": TRENDS, "refresh": "soon"}, "force_blocking"),
        ({"query": {**TRENDS, "intervall": "day"}}, "interval"),
        ({"query": {"kind": "TrendQuery"}}, "TrendsQuery"),
        ({"query": 7}, "object"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_nearest_name(
    api: httpx.AsyncClient, body: dict[str, Any], detail: str
) -> None:
    response = await api.post(QUERY, json=body)
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert detail in response.json()["detail"]


async def test_missing_query_is_a_required_field(api: httpx.AsyncClient) -> None:
    response = await api.post(QUERY, json={})
    assert (response.status_code, response.json()["code"], response.json()["attr"]) == (400, "required", "query")


async def test_kind_in_the_path_must_be_that_of_the_body(api: httpx.AsyncClient, seen: World) -> None:
    assert (await api.post(f"{QUERY}TrendsQuery/", json={"query": TRENDS})).status_code == 200
    response = await api.post(f"{QUERY}FunnelsQuery/", json={"query": TRENDS})
    assert response.status_code == 400
    assert response.json()["detail"] == (
        'Query kind mismatch: path kind "FunnelsQuery" does not match body kind "TrendsQuery".'
    )


async def test_overrides_are_laid_over_the_query(api: httpx.AsyncClient, seen: World) -> None:
    body = (await ask(api, TRENDS, filters_override={"date_from": "2024-05-16", "date_to": "2024-05-16"})).json()
    assert body["results"][0]["data"] == [1]


async def test_answer_is_json_that_any_parser_reads(api: httpx.AsyncClient) -> None:
    query = {"kind": "HogQLQuery", "query": "select 1/0, 0/0, toDateTime('2024-01-01 10:00:00'), tuple(1, 'a'), NULL"}
    response = await ask(api, query)
    assert json.loads(response.text)["results"] == [[None, None, "2024-01-01T10:00:00Z", [1, "a"], None]]
