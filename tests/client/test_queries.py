"""Running queries: progress, background, failure inside a 200, limits, and the end of one given up (facts 8)."""

import json

import anyio
import httpx
import pytest

from insights_mcp.client import Deadlines
from insights_mcp.client.models.queries import QueryProgress
from insights_mcp.errors import DeadlineExceeded, NotFound, QueryFailed, Throttled, Unreachable
from tests.upstream import Failure, Upstream, answered, lost, silence, throttled

pytestmark = pytest.mark.anyio
HOGQL = {"kind": "HogQLQuery", "query": "select event, count() from events group by event"}


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


async def test_answer_holds_rows_columns_and_the_query_id(upstream: Upstream) -> None:
    async with upstream.client() as api:
        answer = await api.queries.run(HOGQL)

    body = json.loads(upstream.requests[-1].content)
    assert answer.results == [["$pageview", 42]]
    assert answer.columns == ("event", "n")
    assert answer.client_query_id == body["client_query_id"]
    assert set(body) == {"query", "refresh", "client_query_id"}
    assert body["refresh"] == "blocking"


async def test_own_id_and_overrides_are_sent(upstream: Upstream) -> None:
    variables = {"v1": {"code_name": "country", "variableId": "v1", "value": "DE"}}
    async with upstream.client() as api:
        await api.queries.run(
            HOGQL,
            refresh="force_blocking",
            client_query_id="mine",
            variables_override=variables,
            filters_override={"date_from": "-7d"},
        )

    body = json.loads(upstream.requests[-1].content)
    assert (body["client_query_id"], body["refresh"]) == ("mine", "force_blocking")
    assert (body["variables_override"], body["filters_override"]) == (variables, {"date_from": "-7d"})


async def test_keys_of_one_kind_are_kept_as_extras(upstream: Upstream) -> None:
    upstream.answers("ActorsQuery", results=[], missing_actors_count=3, hasMore=True, limit=100, offset=0)
    async with upstream.client() as api:
        answer = await api.queries.run({"kind": "ActorsQuery"})

    assert answer.extra["missing_actors_count"] == 3
    assert (answer.has_more, answer.limit, answer.offset) == (True, 100, 0)


async def test_background_query_is_polled_with_progress(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=3)
    told: list[QueryProgress] = []

    async def tell(progress: QueryProgress) -> None:
        told.append(progress)

    async with upstream.client() as api:
        answer = await api.queries.run(HOGQL, refresh="async", client_query_id="q1", on_progress=tell)

    assert answer.results == [["$pageview", 42]]
    assert answer.columns == ("event", "n")
    assert [(p.rows_read, p.estimated_rows_total) for p in told] == [(10, 40)] * 3
    assert [round(p.seconds, 2) for p in told] == sorted(round(p.seconds, 2) for p in told)
    assert upstream.slept == pytest.approx([0.2, 0.3, 0.45, 0.675])
    assert all(r.url.params["show_progress"] == "true" for r in upstream.asked("GET", "/query/q1/"))
    assert upstream.world.cancelled == []


async def test_results_missing_in_the_status_are_fetched_from_the_cache(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=0)
    done = {"id": "q1", "complete": True, "error": False, "results": None}
    upstream.fail_next(answered(200, json={"query_status": done}), on="GET .*/query/q1/")
    async with upstream.client() as api:
        answer = await api.queries.run(HOGQL, refresh="async", client_query_id="q1")

    assert answer.results == [["$pageview", 42]]
    assert [json.loads(r.content)["refresh"] for r in upstream.asked("POST", "/query/")] == ["async", "blocking"]


async def test_bare_results_in_the_status_are_read(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=0)
    done = {"id": "q1", "complete": True, "error": False, "results": [[7]]}
    upstream.fail_next(answered(200, json={"query_status": done}), on="GET .*/query/q1/")
    async with upstream.client() as api:
        assert (await api.queries.run(HOGQL, refresh="async", client_query_id="q1")).results == [[7]]


@pytest.mark.parametrize("message", ["Unable to resolve field: foo", ""], ids=["400", "500"])
async def test_background_query_that_fails_says_why(upstream: Upstream, message: str) -> None:
    upstream.runs_in_background(polls=0)
    upstream.world.background_error = message
    async with upstream.client() as api:
        with pytest.raises(QueryFailed) as caught:
            await api.queries.run(HOGQL, refresh="async")

    assert caught.value.detail == (message or None)


async def test_background_query_that_vanished_is_not_found(upstream: Upstream) -> None:
    async with upstream.client() as api:
        with pytest.raises(NotFound, match="query gone"):
            await api.queries.status("gone")


@pytest.mark.parametrize(
    "body",
    [
        {"results": None, "query_status": {"id": "q", "complete": True, "error": True, "error_message": "Code: 159"}},
        {"results": [], "error": "Code: 159"},
    ],
    ids=["status", "error"],
)
async def test_failure_inside_a_200_is_a_failure(upstream: Upstream, body: object) -> None:
    upstream.fail_next(answered(200, json=body), on="/query/")
    async with upstream.client() as api:
        with pytest.raises(QueryFailed) as caught:
            await api.queries.run(HOGQL)

    assert caught.value.detail == "Code: 159"


async def test_query_past_its_deadline_is_cancelled_upstream(upstream: Upstream) -> None:
    upstream.runs_in_background(polls=1000)
    async with upstream.client(deadlines=Deadlines(query=30)) as api:
        with pytest.raises(DeadlineExceeded, match="30 seconds and was cancelled"):
            await api.queries.run(HOGQL, refresh="async", client_query_id="q1")

    assert upstream.world.cancelled == ["q1"]
    assert sum(upstream.slept) <= 30


async def test_query_without_an_answer_is_cancelled_upstream(upstream: Upstream) -> None:
    upstream.fail_next(silence(), on="POST .*/query/")
    async with upstream.client(deadlines=Deadlines(query=0.05)) as api:
        await api.project()
        with pytest.raises(DeadlineExceeded):
            await api.queries.run(HOGQL, client_query_id="q1")

    assert upstream.world.cancelled == ["q1"]


async def test_query_whose_caller_gives_up_is_cancelled_upstream(upstream: Upstream) -> None:
    begun = anyio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        begun.set()
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    upstream.fail_next(Failure(hang), on="POST .*/query/")
    async with upstream.client() as api, anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: api.queries.run(HOGQL, client_query_id="q1"))
        await begun.wait()
        tasks.cancel_scope.cancel()

    assert upstream.world.cancelled == ["q1"]


async def test_cancelling_upstream_never_holds_the_caller_up(upstream: Upstream) -> None:
    upstream.fail_next(silence(), on="POST .*/query/")
    upstream.fail_next(silence(), on="DELETE .*/query/")
    async with upstream.client(deadlines=Deadlines(query=0.05, cancel=0.05)) as api:
        await api.project()
        with anyio.fail_after(5), pytest.raises(DeadlineExceeded):
            await api.queries.run(HOGQL)


async def test_blocking_query_tells_that_time_passes(upstream: Upstream) -> None:
    told = anyio.Event()

    async def tell(progress: QueryProgress) -> None:
        assert progress.rows_read is None
        told.set()

    async def answer_once_told(_: httpx.Request) -> httpx.Response:
        await told.wait()
        return httpx.Response(200, json={"results": [[1]]})

    upstream.fail_next(Failure(answer_once_told), on="POST .*/query/")
    async with upstream.client(deadlines=Deadlines(progress=0.01)) as api:
        await api.project()
        answer = await api.queries.run(HOGQL, on_progress=tell)

    assert answer.results == [[1]]


async def test_failure_of_a_query_with_progress_is_the_failure_itself(upstream: Upstream) -> None:
    async def tell(_: QueryProgress) -> None:
        pass

    upstream.fail_next(answered(200, json={"error": "no"}), on="/query/")
    async with upstream.client() as api:
        with pytest.raises(QueryFailed):
            await api.queries.run(HOGQL, on_progress=tell)


async def test_three_queries_run_at_once_and_others_wait(upstream: Upstream) -> None:
    running, most, release = 0, 0, anyio.Event()

    async def hold(_: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            release.set()
        await release.wait()
        running -= 1
        return httpx.Response(200, json={"results": [], "id": 1, "result": []})

    upstream.fail_next(Failure(hold), on="/query/|/insights/1/", times=8)
    async with upstream.client(project_id=1) as api, anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(api.queries.run, HOGQL)
            tasks.start_soon(lambda: api.insights.get(1, refresh="blocking"))

    assert most == 3
    assert len(upstream.requests) == 8


async def test_query_that_never_got_a_place_was_never_sent(upstream: Upstream) -> None:
    upstream.fail_next(silence(), on="POST .*/query/", times=9)
    errors: list[str] = []

    async with upstream.client(project_id=1, deadlines=Deadlines(query=0.1)) as api:

        async def run() -> None:
            with pytest.raises(DeadlineExceeded) as caught:
                await api.queries.run(HOGQL)
            errors.append(str(caught.value))

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(run)

    assert len([text for text in errors if "never sent" in text]) in (0, 1)
    assert len(upstream.asked("POST", "/query/")) in (3, 4)


async def test_place_is_free_again_after_a_failure(upstream: Upstream) -> None:
    upstream.fail_next(answered(200, json={"error": "no"}), on="/query/", times=5)
    async with upstream.client() as api:
        for _ in range(5):
            with pytest.raises(QueryFailed):
                await api.queries.run(HOGQL)
        assert (await api.queries.run(HOGQL)).results


async def test_query_lost_midway_is_not_run_again(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on="POST .*/query/")
    async with upstream.client() as api:
        with pytest.raises(Unreachable):
            await api.queries.run(HOGQL)

    assert len(upstream.asked("POST", "/query/")) == 1


async def test_concurrency_limit_is_waited_out(upstream: Upstream) -> None:
    detail = "Exceeded maximum concurrency limit: 3 for key: api:query:per-team:1 and task: x"
    upstream.fail_next(throttled(None, detail=detail), on="/query/", times=2)
    async with upstream.client() as api:
        answer = await api.queries.run(HOGQL)

    assert answer.results
    assert upstream.slept == [0.5, 1.0]


async def test_cancel_of_an_unknown_query_is_no_error(upstream: Upstream) -> None:
    async with upstream.client() as api:
        await api.queries.cancel("whatever")

    assert upstream.world.cancelled == ["whatever"]


async def test_concurrency_limit_in_a_status_is_throttling(upstream: Upstream) -> None:
    status = {"id": "q", "complete": True, "error": True, "error_message": "concurrency_limit_exceeded"}
    upstream.fail_next(answered(200, json={"results": None, "query_status": status}), on="/query/")
    async with upstream.client() as api:
        with pytest.raises(Throttled):
            await api.queries.run(HOGQL)
