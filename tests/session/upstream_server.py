"""The fake PostHog on a real loopback port, for servers that run in a process of their own."""

import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from tests.upstream import Upstream

Message = MutableMapping[str, Any]
START_SECONDS = 10


@contextmanager
def served(upstream: Upstream) -> Iterator[str]:
    """Serve the fake on loopback in a thread and yield its address."""
    transport = upstream.transport()

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        query = scope["query_string"].decode()
        url = f"http://posthog.test{scope['path']}" + (f"?{query}" if query else "")
        request = httpx.Request(scope["method"], url, headers=scope["headers"], content=body)
        response = await transport.handle_async_request(request)
        await send({"type": "http.response.start", "status": response.status_code, "headers": response.headers.raw})
        await send({"type": "http.response.body", "body": await response.aread()})

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    try:
        (port,) = {sock.getsockname()[1] for one in server.servers for sock in one.sockets}
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
