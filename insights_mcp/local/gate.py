"""What stands before the application in the owner process: it counts requests, answers the launcher, checks hosts."""

import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping

import anyio

from insights_mcp.local.owner_directory import Endpoint

Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OWNER_PATH = "/_owner"
STOP_PATH = "/_owner/stop"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_log = logging.getLogger("insights_mcp.backend")


class Gate:
    """Stands before the application: counts requests, answers the launcher, and checks who may ask over TCP."""

    def __init__(
        self,
        app: App,
        endpoint: Endpoint,
        stopping: anyio.Event,
        is_busy: Callable[[], bool],
        hosts: frozenset[str] | None,
    ) -> None:
        self._app = app
        self._is_busy = is_busy
        self._endpoint = endpoint
        self._stopping = stopping
        self._hosts = hosts
        self._running = 0
        self._last = time.monotonic()

    def idle_for(self) -> float:
        """Return for how many seconds nothing happened."""
        if self._running or self._is_busy():
            self._last = time.monotonic()
        return time.monotonic() - self._last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._running += 1
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except anyio.get_cancelled_exc_class():
            # The server cancels what is still running when the time to end is up.
            if has_begun or not self._stopping.is_set():
                raise
            await _reply(send, 503, _ending())
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
        await self._app(scope, receive, send)

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


def _ending() -> dict[str, object]:
    detail = "The local backend is ending. Please send the request again."
    return {"type": "server_error", "code": "error", "detail": detail, "attr": None}


async def _reply(send: Send, status: int, body: dict[str, object]) -> None:
    raw = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})
