"""The owner process as its users meet it: found, started once, restarted, ended."""

import os
import signal
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from insights_mcp.errors import BackendFailed, ExtraMissing
from insights_mcp.local.launcher import LocalEndpoint, locate, probe, stop
from insights_mcp.local.owner_directory import SOCKET_PATH_BYTES, OwnerDirectory

pytestmark = pytest.mark.anyio

OWNER = Path(__file__).parent / "owner.py"
VERSION = "1.0.0"


def command(data_dir: Path, *options: str) -> list[str]:
    return [sys.executable, str(OWNER), str(data_dir), *options]


async def find(data_dir: Path, *options: str, deadline_seconds: float = 20.0, version: str = VERSION) -> LocalEndpoint:
    return await locate(data_dir, command(data_dir, *options), deadline_seconds=deadline_seconds, version=version)


async def ask(endpoint: LocalEndpoint, path: str = "/") -> str:
    """Ask the application over the socket."""
    stream = await anyio.connect_unix(endpoint.socket_path)
    async with stream:
        await stream.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        raw = b""
        while True:
            try:
                raw += await stream.receive()
            except anyio.EndOfStream:
                return raw.partition(b"\r\n\r\n")[2].decode()


async def pid_of(data_dir: Path) -> int:
    found = await probe(data_dir)
    assert found is not None
    return found.pid


async def until_free(data_dir: Path) -> None:
    with anyio.fail_after(15):
        while True:
            if not OwnerDirectory(data_dir).is_owned():
                return
            await anyio.sleep(0.02)


def exists(path: Path | str) -> bool:
    return os.path.exists(path)


def mode_of(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture
async def data_dir(tmp_path: Path) -> AsyncIterator[Path]:
    """A data directory whose owner, if the test started one, ends with it."""
    path = tmp_path / "data"
    yield path
    await stop(path)


async def test_first_caller_starts_the_owner_and_the_next_one_finds_it(data_dir: Path) -> None:
    assert await probe(data_dir) is None
    first = await find(data_dir)
    pid = await pid_of(data_dir)
    assert await ask(first) == first.api_key
    assert await find(data_dir) == first
    assert await pid_of(data_dir) == pid


async def test_finding_a_running_owner_is_quick(data_dir: Path) -> None:
    await find(data_dir)
    begin = time.monotonic()
    for _ in range(10):
        await find(data_dir)
    assert (time.monotonic() - begin) / 10 < 0.1


async def test_eight_starters_at_once_get_one_owner(data_dir: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from insights_mcp.local.launcher import locate;"
        f"found = asyncio.run(locate(Path({str(data_dir)!r}), {command(data_dir, '--start-seconds', '0.3')!r},"
        f" deadline_seconds=30, version={VERSION!r}));"
        "print(found.socket_path, found.api_key)"
    )
    answers: list[str] = []

    async def start() -> None:
        done = await anyio.run_process([sys.executable, "-c", script])
        answers.append(done.stdout.decode())

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(start)
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert OwnerDirectory(data_dir).log.read_text().count("ready: process") == 1


async def test_killed_owner_is_replaced_at_the_next_call(data_dir: Path) -> None:
    first = await find(data_dir)
    pid = await pid_of(data_dir)
    os.kill(pid, signal.SIGKILL)
    await until_free(data_dir)
    second = await find(data_dir)
    assert await pid_of(data_dir) != pid
    assert second.api_key == first.api_key
    assert await ask(second) == first.api_key


async def test_sigterm_lets_the_running_request_finish(data_dir: Path) -> None:
    found = await find(data_dir)
    pid = await pid_of(data_dir)
    answers: list[str] = []

    async def ask_slowly() -> None:
        answers.append(await ask(found, "/slow"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask_slowly)
        await anyio.sleep(0.3)  # the request is under way
        os.kill(pid, signal.SIGTERM)
    assert answers == [found.api_key]
    await until_free(data_dir)
    assert OwnerDirectory(data_dir).read_endpoint() is None
    assert not exists(found.socket_path)


async def test_request_that_does_not_finish_in_time_is_told_that_the_backend_ends(data_dir: Path) -> None:
    found = await find(data_dir)
    pid = await pid_of(data_dir)
    answers: list[str] = []

    async def ask_for_ever() -> None:
        answers.append(await ask(found, "/endless"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask_for_ever)
        await anyio.sleep(0.3)  # the request is under way
        os.kill(pid, signal.SIGTERM)
    assert "The local backend is ending" in answers[0]
    await until_free(data_dir)


async def test_idle_owner_ends_by_itself_and_a_request_keeps_it(data_dir: Path) -> None:
    found = await find(data_dir, "--idle", "0.6")
    for _ in range(4):
        await anyio.sleep(0.3)  # longer than the idle time altogether
        assert await ask(found) == found.api_key
    await until_free(data_dir)
    assert await probe(data_dir) is None
    assert "ending: idle" in OwnerDirectory(data_dir).log.read_text()


async def test_request_longer_than_the_idle_time_is_answered(data_dir: Path) -> None:
    found = await find(data_dir, "--idle", "0.3")
    assert await ask(found, "/slow") == found.api_key


async def test_stale_files_of_a_killed_owner_do_not_matter(data_dir: Path) -> None:
    found = await find(data_dir)
    os.kill(await pid_of(data_dir), signal.SIGKILL)
    await until_free(data_dir)
    directory = OwnerDirectory(data_dir)
    assert exists(found.socket_path)
    assert directory.read_endpoint() is not None
    (directory.root / "endpoint.json").write_text("{half")
    assert await ask(await find(data_dir)) == found.api_key


async def test_socket_that_belongs_to_another_program_is_not_taken_for_the_owner(data_dir: Path) -> None:
    found = await find(data_dir)
    pid = await pid_of(data_dir)
    os.kill(pid, signal.SIGKILL)
    await until_free(data_dir)
    os.unlink(found.socket_path)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(found.socket_path)
        other.listen()  # accepts, and never answers
        second = await find(data_dir)
    assert await pid_of(data_dir) != pid
    assert await ask(second) == found.api_key


async def test_two_data_directories_have_two_owners(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    try:
        first, second = await find(one), await find(two)
        assert first.socket_path != second.socket_path
        assert first.api_key != second.api_key
        assert await pid_of(one) != await pid_of(two)
    finally:
        await stop(one)
        await stop(two)


async def test_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long-" * 20) / ("name-" * 20)
    found = await find(data_dir)
    try:
        assert len(found.socket_path) <= SOCKET_PATH_BYTES
        place = Path(found.socket_path).parent
        assert mode_of(place) == 0o700
        assert (data_dir / "backend" / "socket.path").read_text() == found.socket_path
        assert await ask(found) == found.api_key
        os.kill(await pid_of(data_dir), signal.SIGKILL)
        await until_free(data_dir)
        assert (await find(data_dir)).socket_path != found.socket_path
        assert not exists(place)
    finally:
        await stop(data_dir)


async def test_files_are_for_their_owner_only(data_dir: Path) -> None:
    found = await find(data_dir)
    assert mode_of(data_dir) == 0o700
    assert mode_of(data_dir / "backend") == 0o700
    for name in ("key", "endpoint.json", "backend.log", "lock", "start.lock", "socket.path"):
        assert mode_of(data_dir / "backend" / name) == 0o600, name
    assert mode_of(found.socket_path) == 0o600


async def test_temporary_files_of_a_killed_owner_are_removed(data_dir: Path) -> None:
    await find(data_dir)
    scratch = data_dir / "backend" / "scratch"
    (scratch / "events.native").write_text("somebody's events")
    os.kill(await pid_of(data_dir), signal.SIGKILL)
    await until_free(data_dir)
    await find(data_dir)
    assert mode_of(scratch) == 0o700
    assert os.listdir(scratch) == []


async def test_open_directory_made_by_somebody_is_closed_for_others(data_dir: Path) -> None:
    (data_dir / "backend").mkdir(parents=True)
    (data_dir / "backend").chmod(0o777)
    await find(data_dir)
    assert mode_of(data_dir / "backend") == 0o700


async def test_directory_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackendFailed, match="cannot be written: Not a directory") as caught:
        await find(tmp_path / "file" / "data")
    assert "INSIGHTS_MCP_DATA_DIR" in str(caught.value)


async def test_missing_extra_is_told_as_such(data_dir: Path) -> None:
    with pytest.raises(ExtraMissing) as caught:
        await find(data_dir, "--missing")
    assert caught.value.extra == "local"


async def test_owner_that_breaks_at_its_start_is_told_with_its_last_words(data_dir: Path) -> None:
    with pytest.raises(BackendFailed, match="RuntimeError: the store is broken") as caught:
        await find(data_dir, "--broken")
    assert "backend.log" in str(caught.value)


async def test_owner_that_is_not_ready_in_time_is_told(data_dir: Path) -> None:
    with pytest.raises(BackendFailed, match="not ready in time"):
        await find(data_dir, "--start-seconds", "3", deadline_seconds=0.5)
    assert (await find(data_dir)).api_key  # the slow one got ready after all


async def test_command_that_is_not_there_is_told(data_dir: Path) -> None:
    with pytest.raises(BackendFailed, match="cannot be started: No such file"):
        await locate(data_dir, ["/nowhere/python"], deadline_seconds=5)


async def test_older_owner_is_replaced_after_an_upgrade_and_a_newer_one_is_kept(data_dir: Path) -> None:
    await find(data_dir)
    old = await pid_of(data_dir)
    await find(data_dir, "--version", "1.10.0", version="1.10.0")
    new = await pid_of(data_dir)
    assert new != old
    await find(data_dir, version="1.9.0")
    assert await pid_of(data_dir) == new


async def test_stop_ends_the_owner_and_says_whether_there_was_one(data_dir: Path) -> None:
    assert not await stop(data_dir)
    await find(data_dir)
    assert await stop(data_dir)
    assert not OwnerDirectory(data_dir).is_owned()


async def test_log_never_holds_the_key(data_dir: Path) -> None:
    found = await find(data_dir)
    await stop(data_dir)
    assert found.api_key not in OwnerDirectory(data_dir).log.read_text()
    assert found.api_key not in repr(found)
