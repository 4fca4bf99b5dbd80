"""Finds the owner process of a data directory, and starts it when there is none. Standard library only."""

import asyncio
import contextlib
import json
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from insights_mcp import __version__
from insights_mcp.errors import BackendFailed, ExtraMissing
from insights_mcp.local.owner_directory import Endpoint, OwnerDirectory

_ANSWER_SECONDS = 2.0
_POLL_SECONDS = 0.02
_MISSING_EXTRA = re.compile(r"needs the '(\w+)' extra")

# Owners that this process started: asked now and then, so that none stays a zombie.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class LocalEndpoint:
    """Where the owner listens, and the key it accepts. The key never shows in repr."""

    socket_path: str
    api_key: str = field(repr=False)


async def locate(
    data_dir: Path, command: Sequence[str], *, deadline_seconds: float = 60.0, version: str = __version__
) -> LocalEndpoint:
    """Return the running owner's endpoint; start `command` when there is none. Many may ask at once.

    An owner of an older version is asked to end first; one of a newer version is used as it is. Raises BackendFailed
    when none gets ready in time, ExtraMissing when the command says so.
    """
    directory = OwnerDirectory(data_dir)
    deadline = time.monotonic() + deadline_seconds
    found = await _usable(directory, version)
    if found is None:
        directory.prepare()
        found = await _start(directory, command, deadline, version)
    return LocalEndpoint(found.socket_path, found.api_key)


async def probe(data_dir: Path) -> Endpoint | None:
    """Return the owner that answers now, None when there is none."""
    directory = OwnerDirectory(data_dir)
    endpoint = directory.read_endpoint()
    if endpoint is None or not directory.is_owned():
        return None
    return endpoint if await is_answering(endpoint) else None


async def stop(data_dir: Path, *, deadline_seconds: float = 20.0) -> bool:
    """Ask the owner to end and wait until it has let go. Return whether there was one.

    Raises BackendFailed when it does not end in time.
    """
    endpoint = await probe(data_dir)
    if endpoint is None:
        return False
    await ask_to_stop(endpoint)
    await _wait_until_free(OwnerDirectory(data_dir), time.monotonic() + deadline_seconds)
    return True


async def is_answering(endpoint: Endpoint) -> bool:
    """Return whether the owner of this very endpoint answers."""
    answer = await _ask(endpoint, "GET", "/_owner")
    return answer is not None and answer.get("pid") == endpoint.pid


async def ask_to_stop(endpoint: Endpoint) -> None:
    """Tell the owner to end once what it does is done."""
    await _ask(endpoint, "POST", "/_owner/stop")


async def _usable(directory: OwnerDirectory, version: str) -> Endpoint | None:
    endpoint = directory.read_endpoint()
    if endpoint is None or not directory.is_owned() or not await is_answering(endpoint):
        return None
    # One that `insights-mcp api` runs belongs to somebody at a terminal: it is used whatever its version.
    return endpoint if endpoint.url or _order(endpoint.version) >= _order(version) else None


async def _start(directory: OwnerDirectory, command: Sequence[str], deadline: float, version: str) -> Endpoint:
    """Start the owner, or wait for the one that somebody else is starting."""
    lock = directory.start_lock()
    while not lock.acquire():
        found = await _usable(directory, version)
        if found is not None:
            return found
        _check_deadline(directory, deadline)
        await asyncio.sleep(_POLL_SECONDS)
    try:
        found = await _usable(directory, version)
        if found is not None:
            return found
        await _end_older(directory, deadline)
        return await _run(directory, command, deadline, version)
    finally:
        lock.release()


async def _end_older(directory: OwnerDirectory, deadline: float) -> None:
    older = await probe(directory.data_dir)
    if older is not None:
        await ask_to_stop(older)
        await _wait_until_free(directory, deadline)


async def _run(directory: OwnerDirectory, command: Sequence[str], deadline: float, version: str) -> Endpoint:
    process = _spawn(directory, command)
    while True:
        status = process.poll()  # asked first: it ends at once when somebody else's got ready in between
        found = await _usable(directory, version)
        if found is not None:
            return found
        if status is not None:
            raise _failure(directory, f"The local backend ended at its start (status {status}).")
        _check_deadline(directory, deadline)
        await asyncio.sleep(_POLL_SECONDS)


def _spawn(directory: OwnerDirectory, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    _started[:] = [process for process in _started if process.poll() is None]
    with directory.log.open("ab") as log:
        directory.log.chmod(0o600)
        try:
            process = subprocess.Popen(  # noqa: S603  # the caller's own command, no shell
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # Not the caller's directory: Python would import modules of the same names from there.
                cwd=directory.root,
                start_new_session=True,
            )
        except OSError as error:
            raise BackendFailed(f"The local backend cannot be started: {error.strerror}.") from error
    _started.append(process)
    return process


async def _wait_until_free(directory: OwnerDirectory, deadline: float) -> None:
    while directory.is_owned():
        _check_deadline(directory, deadline)
        await asyncio.sleep(_POLL_SECONDS)


def _check_deadline(directory: OwnerDirectory, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise _failure(directory, "The local backend was not ready in time.")


def _failure(directory: OwnerDirectory, message: str) -> BackendFailed | ExtraMissing:
    line = directory.last_log_line()
    missing = _MISSING_EXTRA.search(line or "")
    if missing:
        return ExtraMissing(missing.group(1), "The local backend")
    said = f" It said: {line[:300]}" if line else ""
    return BackendFailed(f"{message}{said}", advice=f"Its log is {directory.log}.")


async def _ask(endpoint: Endpoint, method: str, path: str) -> dict[str, object] | None:
    """Send one request to the owner. Return its answer, None when nobody answers there."""
    request = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {endpoint.api_key}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_unix_connection(endpoint.socket_path)
            try:
                writer.write(request.encode("ascii"))
                raw = await reader.read()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError):
        return None
    head, _, body = raw.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
