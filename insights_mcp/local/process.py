"""The owner process: the one process of a data directory that has its engine open, and serves the API over it.

Others find it through `owner_directory.py` and start it through `launcher.py`. It ends by itself when nobody asked for
a while. `insights-mcp api` is the same owner that listens on TCP as well; it takes over from an idle one.
"""

import contextlib
import logging
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from insights_mcp import __version__
from insights_mcp.errors import BackendFailed, ExtraMissing, InputError
from insights_mcp.local.gate import LOOPBACK, App, Gate
from insights_mcp.local.owner_directory import Endpoint, FileLock, OwnerDirectory
from insights_mcp.local.owner_log import logging_to

if TYPE_CHECKING:
    import uvicorn

_LOCK_SECONDS = 15.0
_GRACE_SECONDS = 5
_log = logging.getLogger("insights_mcp.backend")


@dataclass(frozen=True)
class Served:
    """What the owner serves: the application, what tells that it works by itself, and how it is closed."""

    app: App
    close: Callable[[], None] = lambda: None
    is_busy: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class TcpAddress:
    """Where `insights-mcp api` listens. Without a key of the caller's own, only this machine may ask."""

    host: str
    port: int
    has_key: bool = False

    def check(self) -> None:
        """Raise InputError for an address that would let others in without a key."""
        if self.host not in LOOPBACK and not self.has_key:
            raise InputError(
                f"{self.host} can be reached from other machines.",
                advice="Give a key with --api-key, or listen on 127.0.0.1.",
            )


class AlreadyOwned(BackendFailed):
    """Another owner of the data directory is at work."""


def serve(
    make: Callable[[str], Served],
    *,
    data_dir: Path,
    idle_seconds: float,
    tcp: TcpAddress | None = None,
    on_ready: Callable[[Endpoint], None] = lambda _: None,
    version: str = __version__,
) -> None:
    """Own the data directory and serve until idle, told to stop, or SIGTERM. `make` gets the key to accept.

    Raises AlreadyOwned when there is an owner already, BackendFailed when the directory or the address cannot be used,
    ExtraMissing without the `local` extra, and what `make` raises.
    """
    _require_server()
    if tcp is not None:
        tcp.check()
    directory = OwnerDirectory(data_dir)
    directory.prepare()
    lock = _take_lock(directory, takes_over=tcp is not None)
    try:
        with logging_to(directory.log):
            anyio.run(_own, _Owner(make, directory, idle_seconds, tcp, on_ready, version))
    finally:
        lock.release()


def _require_server() -> None:
    try:
        import uvicorn  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise ExtraMissing("local", "The local backend") from error


def _take_lock(directory: OwnerDirectory, *, takes_over: bool) -> FileLock:
    """Take the owner's lock. An owner that is ending is waited for; `api` asks one without an address to end."""
    from insights_mcp.local.launcher import ask_to_stop, probe

    lock = directory.owner_lock()
    deadline = time.monotonic() + _LOCK_SECONDS
    asked: int | None = None
    while not lock.acquire():
        owner = anyio.run(probe, directory.data_dir)
        if owner is not None and owner.pid != asked:
            if owner.url is not None:
                raise AlreadyOwned(
                    f"insights-mcp api serves this data directory already, at {owner.url} (process {owner.pid}).",
                    advice="Use that address, or end it first.",
                )
            if not takes_over:
                raise AlreadyOwned(f"Process {owner.pid} serves this data directory already.")
            anyio.run(ask_to_stop, owner)
            asked = owner.pid
        if time.monotonic() > deadline:
            raise AlreadyOwned(
                f"Another process holds the data directory {directory.data_dir} and does not let go.",
                advice="End it, or name another directory with INSIGHTS_MCP_DATA_DIR.",
            )
        time.sleep(0.01)
    return lock


@dataclass
class _Owner:
    make: Callable[[str], Served]
    directory: OwnerDirectory
    idle_seconds: float
    tcp: TcpAddress | None
    on_ready: Callable[[Endpoint], None]
    version: str


async def _own(owner: _Owner) -> None:
    directory = owner.directory
    directory.remove_endpoint()
    key = directory.read_key()
    path = directory.choose_socket()
    # Of this process alone: events pass through temporary files, which must not outlive a kill -9 in a public place.
    tempfile.tempdir = str(directory.make_scratch())
    sockets = [_bind_socket(path)]
    try:
        url = None
        if owner.tcp is not None:
            sockets.append(_bind_tcp(owner.tcp))
            url = _url_of(owner.tcp, sockets[-1])
        # Opening the engine takes a second, and blocks.
        served = await anyio.to_thread.run_sync(owner.make, key)
        try:
            endpoint = Endpoint(os.getpid(), str(path), owner.version, key, url)
            await _serve_until_told(owner, served, endpoint, sockets)
        finally:
            directory.remove_endpoint()
            await anyio.to_thread.run_sync(served.close)
    finally:
        for listening in sockets:
            listening.close()
        directory.remove_socket()


async def _serve_until_told(owner: _Owner, served: Served, endpoint: Endpoint, sockets: list[socket.socket]) -> None:
    stopping = anyio.Event()
    # Only a loopback address is nobody else's: the others are asked for by whatever name leads to them.
    hosts = LOOPBACK if owner.tcp is not None and owner.tcp.host in LOOPBACK else None
    gate = Gate(served.app, endpoint, stopping, served.is_busy, hosts)

    def announce() -> None:
        owner.directory.write_endpoint(endpoint)
        _log.info("ready: process %s, version %s, %s", endpoint.pid, endpoint.version, endpoint.url or "socket only")
        owner.on_ready(endpoint)

    server = _make_server(gate, announce)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_watch_idle, gate, owner, stopping)
        tasks.start_soon(_watch_signals, stopping)
        tasks.start_soon(_end_when, stopping, server)
        await server.serve(sockets=sockets)
        tasks.cancel_scope.cancel()


def _make_server(app: App, on_started: Callable[[], None]) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # ours are watched below; uvicorn would raise them again and end us before the engine is closed

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            on_started()

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=600,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return Server(config)


async def _end_when(stopping: anyio.Event, server: "uvicorn.Server") -> None:
    await stopping.wait()
    server.should_exit = True


async def _watch_idle(gate: Gate, owner: _Owner, stopping: anyio.Event) -> None:
    if owner.tcp is not None or owner.idle_seconds <= 0:
        return
    rest = owner.idle_seconds
    while rest > 0:
        await anyio.sleep(min(rest, 5.0))
        rest = owner.idle_seconds - gate.idle_for()
    # From now on nobody new finds us; whoever is on the way is still answered by the graceful end.
    owner.directory.remove_endpoint()
    owner.directory.remove_socket()
    _log.info("ending: idle for %.0f s", owner.idle_seconds)
    stopping.set()


async def _watch_signals(stopping: anyio.Event) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            _log.info("ending: %s", signal.Signals(number).name)
            stopping.set()


def _bind_socket(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        raise BackendFailed(f"The socket {path} cannot be made: {error.strerror}.") from error
    finally:
        os.umask(before)
    return listening


def _bind_tcp(address: TcpAddress) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        # The protocol is named because asyncio sets TCP_NODELAY only then; without it small answers wait 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise BackendFailed(f"{address.host} is no address of this machine: {error.strerror}.") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
    except OSError as error:
        listening.close()
        raise BackendFailed(
            f"{address.host}:{address.port} cannot be listened on: {error.strerror}.",
            advice="Choose another port with --port, or --port 0 for any.",
        ) from error
    return listening


def _url_of(address: TcpAddress, listening: socket.socket) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{listening.getsockname()[1]}"
