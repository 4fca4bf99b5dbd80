"""Long queries: progress is told, and a client that gives up ends them upstream."""

import anyio
import httpx
import pytest
from mcp import Client

from insights_mcp.client import Deadlines
from insights_mcp.server.build import build_server
from tests.server.sessions import ERAS, connect
from tests.server.world import trends, web_shop
from tests.upstream import silence
from tests.upstream_failures import Failure

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("era", ERAS)
async def test_progress_of_a_long_query_is_told(era: str) -> None:
    upstream = web_shop()
    upstream.runs_in_background(3)
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    async with connect(upstream, era=era) as client:
        arguments = {"query": trends("paid"), "refresh": "async"}
        result = await client.call_tool("query-run", arguments, progress_callback=hear)
    assert not result.is_error
    assert [progress for progress, _, _ in told] == sorted(progress for progress, _, _ in told)
    assert (10.0, 40.0) in [(progress, total) for progress, total, _ in told]
    assert all(message and "rows read" in message for _, _, message in told)


@pytest.mark.parametrize("era", ERAS)
async def test_blocking_query_tells_that_time_passes(era: str) -> None:
    upstream = web_shop()
    upstream.fail_next(silence(), on="POST .*/query/")
    heard = anyio.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.set()

    def open_client() -> object:
        return upstream.client(deadlines=Deadlines(progress=0.01), monotonic=anyio.current_time)

    server = build_server(open_client)  # type: ignore[arg-type]
    async with Client(server, mode=era) as client, anyio.create_task_group() as tasks:

        async def ask() -> None:
            await client.call_tool("query-run", {"query": trends("paid")}, progress_callback=hear)

        tasks.start_soon(ask)
        with anyio.fail_after(5):
            await heard.wait()
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("query-run", {"query": trends("paid")}),
        ("insight-query", {"id": 1}),
        ("insight-create", {"query": trends("paid")}),
    ],
)
async def test_client_that_gives_up_ends_the_query_upstream(era: str, tool: str, arguments: dict[str, object]) -> None:
    upstream = web_shop()
    arrived, ended = anyio.Event(), anyio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    def end(_: httpx.Request) -> httpx.Response:
        ended.set()
        return httpx.Response(200, json={"message": "Cancelled query on clickhouse"})

    upstream.fail_next(Failure(hang), on="POST .*/query/")
    upstream.fail_next(Failure(end, acts=True), on="DELETE .*/query/")
    async with connect(upstream, era=era) as client:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.call_tool, tool, arguments)
                await arrived.wait()
                tasks.cancel_scope.cancel()
            await ended.wait()
        assert not (await client.call_tool("insights-list", {})).is_error
    assert len(upstream.world.cancelled) == 1
    assert upstream.asked("POST", "/insights/$") == []
