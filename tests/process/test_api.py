"""The owner that `insights-mcp api` runs: it listens on TCP too, and takes over from an idle one."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest

from insights_mcp.errors import InputError
from insights_mcp.local.launcher import locate, probe, stop
from insights_mcp.local.owner_directory import Endpoint
from insights_mcp.local.process import Served, TcpAddress, serve
from tests.process.owner import make_app

pytestmark = pytest.mark.anyio

OWNER = Path(__file__).parent / "owner.py"


def command(data_dir: Path, *options: str) -> list[str]:
    return [sys.executable, str(OWNER), str(data_dir), *options]


@asynccontextmanager
async def serving(data_dir: Path, *options: str) -> AsyncIterator[Endpoint]:
    """Run `api` in the foreground, as at a terminal."""
    process = await anyio.open_process(
        command(data_dir, "--host", "127.0.0.1", *options), stdin=None, stdout=subprocess.DEVNULL, stderr=None
    )
    try:
        with anyio.fail_after(20):
            while True:
                found = await probe(data_dir)
                if found is not None and found.pid == process.pid:
                    break
                await anyio.sleep(0.02)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def ask(url: str | None, host: str | None = None, path: str = "/") -> tuple[int, str]:
    """Ask over TCP. Return the status and the body."""
    parts = urlsplit(url or "")
    stream = await anyio.connect_tcp(parts.hostname or "", parts.port or 0)
    async with stream:
        head = f"GET {path} HTTP/1.1\r\nHost: {host or parts.netloc}\r\nConnection: close\r\n\r\n"
        await stream.send(head.encode())
        raw = b""
        while True:
            try:
                raw += await stream.receive()
            except anyio.EndOfStream:
                break
    status = int(raw.split(b" ", 2)[1])
    return status, raw.partition(b"\r\n\r\n")[2].decode()


async def test_api_answers_over_tcp_and_callers_of_the_socket_share_it(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as api:
        assert await ask(api.url) == (200, api.api_key)
        found = await locate(tmp_path / "data", ["/must/not/run"], version="9.9.9")
        assert (found.socket_path, found.api_key) == (api.socket_path, api.api_key)
    assert await probe(tmp_path / "data") is None


async def test_api_takes_over_from_a_running_owner_with_the_same_key(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    first = await locate(data_dir, command(data_dir), version="1.0.0")
    owner = await probe(data_dir)
    assert owner is not None
    async with serving(data_dir) as api:
        assert api.pid != owner.pid
        assert api.api_key == first.api_key
        assert await ask(api.url) == (200, first.api_key)


async def test_second_api_on_the_same_data_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as api:
        done = await anyio.run_process(command(tmp_path / "data", "--host", "127.0.0.1"), check=False)
        assert done.returncode == 1
        assert str(api.url) in done.stderr.decode()
        assert await ask(api.url) == (200, api.api_key)


async def test_api_does_not_end_when_idle(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", "--idle", "0.1") as api:
        await anyio.sleep(0.5)  # five times the idle time
        assert await ask(api.url) == (200, api.api_key)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8010", "[::1]:8010", "127.0.0.1:1"])
async def test_loopback_names_are_answered(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path / "data") as api:
        assert (await ask(api.url, host))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8010", "127.0.0.1.evil.example", "[::2]", "localhost.x"]
)
async def test_page_that_rebound_its_name_is_refused(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path / "data") as api:
        assert (await ask(api.url, host))[0] == 421


async def test_launchers_paths_are_not_served_over_tcp(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as api:
        assert await ask(api.url, path="/_owner") == (200, api.api_key)  # the application's own answer


async def test_port_in_use_is_a_clear_error(tmp_path: Path) -> None:
    async with serving(tmp_path / "one") as api:
        port = str(urlsplit(api.url or "").port)
        done = await anyio.run_process(command(tmp_path / "two", "--host", "127.0.0.1", "--port", port), check=False)
        assert done.returncode == 1
        assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in done.stderr.decode()
    assert not await stop(tmp_path / "two")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])
def test_address_that_others_reach_needs_a_key(tmp_path: Path, host: str) -> None:
    with pytest.raises(InputError, match="--api-key"):
        serve(lambda key: Served(make_app(key)), data_dir=tmp_path / "data", idle_seconds=1, tcp=TcpAddress(host, 0))
    assert not (tmp_path / "data").exists()


async def test_address_that_others_reach_is_served_with_a_key_under_any_name(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", "--host", "0.0.0.0", "--has-key") as api:
        url = (api.url or "").replace("0.0.0.0", "127.0.0.1")
        assert await ask(url, "analytics.example") == (200, api.api_key)
