"""The edges of a real network: cut answers, silence, closed connections, nobody there."""

import gzip
import socket
from typing import Any

import anyio
import pytest

from insights_mcp.client import Deadlines, PostHogClient
from insights_mcp.errors import DeadlineExceeded, InsightsError, OutcomeUnknown, UnexpectedAnswer, Unreachable
from insights_mcp.schema.insights import InsightPatch
from tests.client.servers import RealServer, close, hang, on_loopback, raw, reply

pytestmark = pytest.mark.anyio
INSIGHT = {"id": 1, "short_id": "abcdefgh", "name": "A"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def sleep(_: float) -> None:
    await anyio.lowlevel.checkpoint()


def client(server: RealServer, **options: Any) -> PostHogClient:
    return PostHogClient(server.url, "phx_1", project_id=1, sleep=sleep, **options)


async def test_connection_is_used_again() -> None:
    async with on_loopback(RealServer(reply(INSIGHT))) as server, client(server) as api:
        for _ in range(5):
            await api.insights.get(1)

    assert server.connections == 1


@pytest.mark.parametrize(
    "first",
    [
        close,
        raw(b""),
        raw(OK + b"Content-Length: 100\r\n\r\n" + b'{"id": 1, "na'),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b'10\r\n{"id": 1, "short'),
        raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    ],
    ids=["closed", "empty", "cut body", "cut chunk", "cut head"],
)
async def test_read_whose_answer_is_cut_is_repeated(first: Any) -> None:
    async with on_loopback(RealServer(first, reply(INSIGHT))) as server, client(server) as api:
        assert (await api.insights.get(1)).name == "A"

    assert len(server.requests) == 2


async def test_answer_that_ends_early_without_a_length_is_unexpected() -> None:
    cut = raw(OK + b'Connection: close\r\n\r\n{"id": 1, "na')
    async with on_loopback(RealServer(cut)) as server, client(server) as api:
        with pytest.raises(UnexpectedAnswer, match="not whole"):
            await api.insights.get(1)


async def test_what_is_no_http_at_all_is_a_lost_connection() -> None:
    async with on_loopback(RealServer(raw(b"SSH-2.0-OpenSSH_9.6\r\n"))) as server, client(server) as api:
        with pytest.raises(Unreachable, match="127"):
            await api.insights.get(1)


async def test_answer_packed_wrongly_is_unexpected() -> None:
    bad = raw(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
    async with on_loopback(RealServer(bad)) as server, client(server) as api:
        with pytest.raises(UnexpectedAnswer, match="decoded"):
            await api.insights.get(1)


async def test_packed_answer_is_read() -> None:
    body = gzip.compress(b'{"id": 1, "short_id": "abcdefgh", "name": "A"}')
    good = raw(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    async with on_loopback(RealServer(good)) as server, client(server) as api:
        assert (await api.insights.get(1)).name == "A"


async def test_answer_too_large_is_not_kept() -> None:
    bomb = gzip.compress(b" " * (65 * 2**20), compresslevel=1)
    large = raw(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    async with on_loopback(RealServer(large)) as server, client(server) as api:
        with pytest.raises(UnexpectedAnswer, match="larger than 64 MB"):
            await api.insights.get(1)


async def test_silence_ends_at_the_deadline() -> None:
    async with on_loopback(RealServer(hang)) as server, client(server, deadlines=Deadlines(read=0.1)) as api:
        with anyio.fail_after(5), pytest.raises(DeadlineExceeded):
            await api.insights.get(1)


async def test_answer_that_drips_ends_at_the_deadline() -> None:
    async def drip(_: Any, writer: Any) -> bool:
        writer.write(OK + b"Content-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await anyio.sleep(0.01)

    async with on_loopback(RealServer(drip)) as server, client(server, deadlines=Deadlines(read=0.2)) as api:
        with anyio.fail_after(5), pytest.raises(DeadlineExceeded):
            await api.insights.get(1)


async def test_change_answered_by_silence_has_an_unknown_outcome() -> None:
    async with on_loopback(RealServer(hang)) as server, client(server, deadlines=Deadlines(write=0.5)) as api:
        with anyio.fail_after(5), pytest.raises(OutcomeUnknown):
            await api.insights.update(1, InsightPatch(name="B"))

    assert len(server.requests) == 1


async def test_query_whose_caller_leaves_is_deleted_on_the_server() -> None:
    begun, ended = anyio.Event(), anyio.Event()

    async def begin(reader: Any, writer: Any) -> bool:
        begun.set()
        return await hang(reader, writer)

    async def end(reader: Any, writer: Any) -> bool:
        ended.set()
        return await reply({"message": "Cancelled query on clickhouse"})(reader, writer)

    async with on_loopback(RealServer(begin, end)) as server, client(server) as api:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: api.queries.run({"kind": "HogQLQuery", "query": "1"}, client_query_id="q1"))
            await begun.wait()
            tasks.cancel_scope.cancel()
        with anyio.fail_after(5):
            await ended.wait()

    assert server.requests[1].startswith(b"DELETE /api/projects/1/query/q1/ ")


async def test_nobody_listening_is_said_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with PostHogClient(f"http://127.0.0.1:{port}", "phx_1", project_id=1, sleep=sleep) as api:
        with pytest.raises(Unreachable, match="refused the connection"):
            await api.insights.get(1)


async def test_tls_to_a_plain_server_is_said_so() -> None:
    async with on_loopback(RealServer(reply(INSIGHT))) as server:
        url = server.url.replace("http:", "https:")
        async with PostHogClient(url, "phx_1", project_id=1, sleep=sleep) as api:
            with pytest.raises(InsightsError) as caught:
                await api.insights.get(1)

    assert "TLS" in str(caught.value)


async def test_client_can_be_closed_twice_and_unused() -> None:
    api = PostHogClient("http://127.0.0.1:1", "phx_1")
    async with api:
        pass
    async with api:
        pass
