"""Results of saved insights: refresh modes, swallowed errors, background work (facts/rest-api.md 4.3, 4.4)."""

import json
from datetime import timedelta

import anyio
import pytest

from insights_mcp.client import Deadlines
from insights_mcp.client.models.queries import QueryProgress
from insights_mcp.errors import DeadlineExceeded, QueryFailed, Throttled
from tests.upstream import Failure, Upstream, answered, envelope, lost, sql, trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def upstream() -> Upstream:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    return upstream


def swallowed(message: str) -> Failure:
    status = {"id": "x", "complete": True, "error": True, "error_message": message}
    body = {"id": 1, "short_id": "abc", "result": None, "is_cached": False, "query_status": status}
    return answered(200, json=body)


async def test_without_refresh_nothing_is_computed(upstream: Upstream) -> None:
    async with upstream.client() as api:
        insight = await api.insights.get(1)

    assert insight.result is None
    assert "refresh" not in upstream.requests[-1].url.params


async def test_blocking_brings_the_result(upstream: Upstream) -> None:
    table = upstream.add_insight(name="T", query=sql("select event, count() from events group by event"))
    async with upstream.client() as api:
        chart = await api.insights.get(1, refresh="blocking")
        rows = await api.insights.get(table["short_id"], refresh="force_blocking")

    assert isinstance(chart.result, list)
    assert chart.result[0]["data"] == [1, 2, 3]
    assert (rows.result, rows.columns) == ([["$pageview", 42]], ("event", "n"))
    assert rows.timezone == "UTC"


async def test_overrides_and_dashboard_are_sent(upstream: Upstream) -> None:
    async with upstream.client() as api:
        await api.insights.get(
            1,
            refresh="blocking",
            from_dashboard=4,
            filters_override={"date_from": "-7d"},
            variables_override={"v": {"code_name": "ü"}},
            client_query_id="mine",
        )

    params = dict(upstream.requests[-1].url.params)
    assert json.loads(params["filters_override"]) == {"date_from": "-7d"}
    assert json.loads(params["variables_override"]) == {"v": {"code_name": "ü"}}
    assert (params["from_dashboard"], params["client_query_id"]) == ("4", "mine")


async def test_background_result_is_waited_for_and_put_in_place(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=2)
    told: list[QueryProgress] = []

    async def tell(progress: QueryProgress) -> None:
        told.append(progress)

    async with upstream.client() as api:
        insight = await api.insights.get(1, refresh="async", on_progress=tell)

    assert insight.name == "A"
    assert isinstance(insight.result, list)
    assert insight.query_status is None
    assert [progress.rows_read for progress in told] == [10, 10]


async def test_background_result_missing_in_the_status_is_read_from_the_cache(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=0)
    done = {"id": "cache_1", "complete": True, "error": False, "results": None}
    upstream.fail_next(answered(200, json={"query_status": done}), on="/query/cache_1/")
    async with upstream.client() as api:
        await api.insights.get(1, refresh="async")

    assert upstream.requests[-1].url.params["refresh"] == "force_cache"


async def test_stale_result_is_kept_while_a_new_one_is_made(upstream: Upstream) -> None:
    status = {"id": "q", "complete": False}
    body = {"id": 1, "short_id": "abc", "result": [{"count": 5}], "is_cached": True, "query_status": status}
    upstream.fail_next(answered(200, json=body), on="/insights/1/")
    async with upstream.client() as api:
        insight = await api.insights.get(1, refresh="async")

    assert (insight.result, insight.is_cached) == ([{"count": 5}], True)
    assert len(upstream.asked("GET", "/query/")) == 0


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("Query has hit the max execution time before completing.", "took longer"),
        ("This query ran out of memory before it could finish", "more memory"),
        ("Queries are a little too busy right now.", "heavy load"),
        ("Something else", "could not be run"),
    ],
)
async def test_error_swallowed_into_a_200_is_raised(upstream: Upstream, message: str, says: str) -> None:
    upstream.fail_next(swallowed(message), on="/insights/1/")
    async with upstream.client() as api:
        with pytest.raises(QueryFailed, match=says) as caught:
            await api.insights.get(1, refresh="blocking")

    assert caught.value.detail == message


async def test_mistake_in_the_saved_query_is_a_failed_query(upstream: Upstream) -> None:
    detail = "Unable to resolve field: foo"
    upstream.fail_next(envelope(400, "invalid_input", detail, type_="validation_error"), on="/insights/")
    async with upstream.client() as api:
        with pytest.raises(QueryFailed) as caught:
            await api.insights.get(1, refresh="blocking")

    assert caught.value.detail == detail


async def test_concurrency_limit_inside_a_200_is_waited_out(upstream: Upstream) -> None:
    upstream.fail_next(swallowed("concurrency_limit_exceeded"), on="/insights/1/", times=2)
    async with upstream.client() as api:
        insight = await api.insights.get(1, refresh="blocking")

    assert insight.result is not None
    assert upstream.slept == [0.5, 1.0]


async def test_concurrency_limit_that_lasts_is_throttling(upstream: Upstream) -> None:
    upstream.fail_next(swallowed("concurrency_limit_exceeded"), on="/insights/1/", times=99)
    async with upstream.client() as api:
        with pytest.raises(Throttled, match="at once"):
            await api.insights.get(1, refresh="blocking")

    assert len(upstream.slept) == 3


async def test_insight_whose_caller_gives_up_is_cancelled_upstream(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=10_000)
    async with upstream.client() as api, anyio.create_task_group() as tasks:

        async def tell(_: QueryProgress) -> None:
            tasks.cancel_scope.cancel()

        tasks.start_soon(lambda: api.insights.get(1, refresh="async", client_query_id="mine", on_progress=tell))

    assert upstream.world.cancelled == ["cache_1", "mine"]


async def test_insight_that_takes_too_long_is_cancelled_upstream(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=10_000)
    async with upstream.client(deadlines=Deadlines(query=20)) as api:
        with pytest.raises(DeadlineExceeded):
            await api.insights.get(1, refresh="async")

    assert "cache_1" in upstream.world.cancelled


async def test_lost_read_of_a_result_is_repeated(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on="/insights/1/")
    async with upstream.client() as api:
        assert (await api.insights.get(1, refresh="blocking")).result is not None


async def test_unreadable_moments_and_unknown_keys_do_no_harm(upstream: Upstream) -> None:
    body = {"id": 1, "short_id": "abc", "created_at": "yesterday", "tags": None, "brand_new": 1, "alerts": None}
    upstream.fail_next(answered(200, json=body), on="/insights/1/")
    async with upstream.client() as api:
        insight = await api.insights.get(1)

    assert (insight.created_at, insight.tags, insight.alerts) == (None, (), ())
    assert insight.model_extra == {"brand_new": 1}


async def test_moments_are_read_with_their_zone(upstream: Upstream) -> None:
    async with upstream.client() as api:
        insight = await api.insights.get(1)

    assert insight.created_at is not None
    assert insight.created_at.utcoffset() == timedelta(0)
    assert insight.title == "A"
