"""The way to the local backend: found on demand, found again when it went, nothing done twice."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest

from insights_mcp.client import Deadlines, Endpoint, PostHogClient
from insights_mcp.client.transport import local_transport
from insights_mcp.errors import AuthenticationFailed, BackendFailed, Unreachable
from insights_mcp.schema.insights import InsightWrite
from tests.client.servers import RealServer, close, on_socket, reply
from tests.upstream import trends

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="the local backend needs Unix sockets"),
]
INSIGHT = {"id": 1, "short_id": "abcdefgh", "name": "A"}
BAD_KEY = {"type": "authentication_error", "code": "authentication_failed", "detail": "invalid", "attr": None}


@pytest.fixture
def directory() -> Iterator[Path]:
    # A socket's path is limited to about 100 characters; pytest's own directories are longer.
    with TemporaryDirectory(prefix="im-") as made:
        yield Path(made)


class Backend:
    """Starts a real server at a new socket, with a new key, whenever it is located and none runs."""

    def __init__(self, directory: Path, *servers: RealServer) -> None:
        self.directory = directory
        self.servers = list(servers)
        self.located = 0
        self.stack = AsyncExitStack()
        self.running: Endpoint | None = None
        self._numbers = itertools.count(1)

    async def locate(self) -> Endpoint:
        self.located += 1
        if self.running is None:
            number = next(self._numbers)
            path = self.directory / f"{number}.sock"
            await self.stack.enter_async_context(on_socket(self.servers[number - 1], path))
            self.running = Endpoint(str(path), f"key-{number}")
        return self.running

    async def kill(self) -> None:
        await self.stack.aclose()
        self.running = None

    def client(self, deadlines: Deadlines | None = None) -> PostHogClient:
        async def sleep(_: float) -> None:
            await anyio.lowlevel.checkpoint()

        return PostHogClient(
            "http://localhost",
            "local",
            project_id=1,
            transport=local_transport(self.locate),
            has_pages=False,
            sleep=sleep,
            deadlines=deadlines,
        )


def keys_of(server: RealServer) -> list[str]:
    lines = [line for request in server.requests for line in request.decode().split("\r\n")]
    return [line.split()[-1] for line in lines if line.lower().startswith("authorization:")]


async def test_backend_is_located_at_the_first_call_only(directory: Path) -> None:
    backend = Backend(directory, RealServer(reply(INSIGHT)))
    async with backend.stack, backend.client() as api:
        assert backend.located == 0
        for _ in range(3):
            await api.insights.get(1)

    assert backend.located == 1
    assert keys_of(backend.servers[0]) == ["key-1"] * 3


async def test_many_first_calls_locate_once(directory: Path) -> None:
    backend = Backend(directory, RealServer(reply(INSIGHT)))
    async with backend.stack, backend.client() as api, anyio.create_task_group() as tasks:
        for number in range(1, 9):
            tasks.start_soon(api.insights.get, number)

    assert backend.located == 1


async def test_killed_backend_is_found_again_with_its_new_key(directory: Path) -> None:
    backend = Backend(directory, RealServer(reply(INSIGHT)), RealServer(reply(INSIGHT, status=201)))
    async with backend.client() as api:
        await api.insights.get(1)
        await backend.kill()
        made = await api.insights.create(InsightWrite(name="A", query=trends()))
        await backend.kill()

    assert made.name == "A"
    assert backend.located == 2
    assert keys_of(backend.servers[1]) == ["key-2"]


async def test_read_lost_midway_is_sent_to_the_new_backend(directory: Path) -> None:
    dying, fresh = RealServer(close), RealServer(reply(INSIGHT))
    backend = Backend(directory, dying, fresh)

    async def close_and_die(_: object, writer: object) -> bool:
        backend.running = None
        await anyio.Path(directory / "1.sock").unlink()
        return False

    dying.behaviours = [close_and_die]
    async with backend.client() as api:
        assert (await api.insights.get(1)).name == "A"
        await backend.kill()

    assert (len(dying.requests), len(fresh.requests)) == (1, 1)


async def test_query_that_kills_the_backend_is_not_sent_to_the_next_one(directory: Path) -> None:
    backend = Backend(directory, RealServer(close))
    async with backend.stack, backend.client() as api:
        with pytest.raises(Unreachable, match=r"local backend.*starts it again"):
            await api.queries.run({"kind": "HogQLQuery", "query": "boom"})

    assert len(backend.servers[0].requests) == 1


async def test_backend_that_cannot_start_says_so(directory: Path) -> None:
    async def locate() -> Endpoint:
        raise BackendFailed("The local backend did not start.", advice="See its log.")

    async with PostHogClient("http://localhost", "", transport=local_transport(locate), has_pages=False) as api:
        with pytest.raises(BackendFailed, match="See its log"):
            await api.users.me()


async def test_backend_never_there_is_given_up_after_a_few_tries(directory: Path) -> None:
    located = 0

    async def locate() -> Endpoint:
        nonlocal located
        located += 1
        return Endpoint(str(directory / "none.sock"), "key")

    backend = Backend(directory)
    backend.locate = locate  # type: ignore[method-assign]  # a locate that finds a dead one
    async with backend.client() as api:
        with pytest.raises(Unreachable, match="the local backend"):
            await api.insights.get(1)

    assert located == 4


@pytest.mark.parametrize("status", [401, 403])
async def test_changed_key_is_looked_up_and_the_request_sent_again(directory: Path, status: int) -> None:
    server = RealServer(reply(BAD_KEY, status=status), reply(INSIGHT))
    path = directory / "1.sock"
    keys = iter(["old", "new"])

    async def locate() -> Endpoint:
        return Endpoint(str(path), next(keys))

    backend = Backend(directory)
    backend.locate = locate  # type: ignore[method-assign]  # the same socket, another key
    async with on_socket(server, path), backend.client() as api:
        assert (await api.insights.get(1)).name == "A"

    assert keys_of(server) == ["old", "new"]


async def test_key_refused_for_good_is_an_authentication_failure(directory: Path) -> None:
    backend = Backend(directory, RealServer(reply(BAD_KEY, status=401)))
    async with backend.stack, backend.client() as api:
        with pytest.raises(AuthenticationFailed, match="local backend refused"):
            await api.insights.get(1)


async def test_slow_first_start_does_not_count_against_the_call(directory: Path) -> None:
    backend = Backend(directory, RealServer(reply(INSIGHT)))
    now = 0.0

    async def locate() -> Endpoint:
        nonlocal now
        now += 80.0
        return await Backend.locate(backend)

    async with (
        backend.stack,
        PostHogClient(
            "http://localhost",
            "local",
            project_id=1,
            transport=local_transport(locate),
            has_pages=False,
            monotonic=lambda: now,
        ) as api,
    ):
        assert (await api.insights.get(1)).name == "A"


async def test_local_backend_has_no_pages(directory: Path) -> None:
    async with Backend(directory).client() as api:
        assert api.insight_url("abc") is None
        assert api.dashboard_url(1) is None
