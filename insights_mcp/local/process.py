"""The owner process: the one process of a data directory that has its engine open, and serves the API over it.

Others find it through `owner_directory.py` and start it through `launcher.py`. It ends by itself when nobody asked for
a while. `insights-mcp api` is the same owner that listens on TCP as well; it takes over from an idle one.
"""

import contextlib
import hmac
import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import anyio

from insights_mcp import __version__
from insights_mcp.errors import BackendFailed, ExtraMissing, InputError
from insights_mcp.local.owner_directory import Endpoint, FileLock, OwnerDirectory

if TYPE_CHECKING:
    import uvicorn

Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OWNER_PATH = "/_owner"
STOP_PATH = "/_owner/stop"
LOG_BYTES = 1 << 20
_LOCK_SECONDS = 15.0
_GRACE_SECONDS = 5
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
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
        if self.host not in _LOOPBACK and not self.has_key:
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
        with _logging_to(directory):
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
    gate = _Gate(served, endpoint, owner.tcp, stopping)

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


async def _watch_idle(gate: "_Gate", owner: _Owner, stopping: anyio.Event) -> None:
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


class _Gate:
    """Stands before the application: counts requests, answers the launcher, and checks who may ask over TCP."""

    def __init__(self, served: Served, endpoint: Endpoint, tcp: TcpAddress | None, stopping: anyio.Event) -> None:
        self._served = served
        self._endpoint = endpoint
        self._stopping = stopping
        self._hosts = _LOOPBACK if tcp is not None and tcp.host in _LOOPBACK else None
        self._running = 0
        self._last = time.monotonic()

    def idle_for(self) -> float:
        """Return for how many seconds nothing happened."""
        if self._running or self._served.is_busy():
            self._last = time.monotonic()
        return time.monotonic() - self._last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._served.app(scope, receive, send)
            return
        self._running += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self._running -= 1
            self._last = time.monotonic()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = scope.get("server")
        over_tcp = isinstance(server, (tuple, list)) and server[1] is not None
        if over_tcp:
            if self._hosts is not None and _host_of(scope) not in self._hosts:
                await _reply(send, 421, _problem("This address answers only to its own name."))
                return
        elif scope["path"] in (OWNER_PATH, STOP_PATH):
            await self._answer_launcher(scope, send)
            return
        await self._served.app(scope, receive, send)

    async def _answer_launcher(self, scope: Scope, send: Send) -> None:
        given = _header(scope, b"authorization").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._endpoint.api_key.encode()):
            await _reply(send, 401, _problem("The key is wrong."))
            return
        if scope["path"] == STOP_PATH and scope["method"] == "POST":
            _log.info("ending: asked to")
            self._stopping.set()
        await _reply(send, 200, {"pid": self._endpoint.pid, "version": self._endpoint.version})


def _host_of(scope: Scope) -> str:
    """Return the host a request names, without port and brackets. A page of another name cannot pass for us with it."""
    host = _header(scope, b"host").strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _header(scope: Scope, name: bytes) -> str:
    headers = scope.get("headers")
    pairs: list[tuple[bytes, bytes]] = headers if isinstance(headers, list) else []
    return next((value.decode("latin-1") for key, value in pairs if key == name), "")


def _problem(detail: str) -> dict[str, object]:
    return {"type": "invalid_request", "code": "permission_denied", "detail": detail, "attr": None}


async def _reply(send: Send, status: int, body: dict[str, object]) -> None:
    raw = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


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
        listening = socket.socket(family, socket.SOCK_STREAM)
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


@contextlib.contextmanager
def _logging_to(directory: OwnerDirectory) -> Iterator[None]:
    """Log warnings of everybody and our own steps into backend.log."""
    handler = _LogFile(directory.log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class _LogFile(logging.Handler):
    """Appends to the log. A full one is copied away and emptied in place, as stderr may point at the same file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._guard = threading.Lock()
        self._file: TextIO = open(  # noqa: SIM115  # closed in close()
            path, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            with self._guard:
                if os.fstat(self._file.fileno()).st_size > LOG_BYTES:
                    self._path.with_name("backend.log.1").write_bytes(self._path.read_bytes())
                    os.ftruncate(self._file.fileno(), 0)
                self._file.write(self.format(record) + "\n")
                self._file.flush()
        except (OSError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
