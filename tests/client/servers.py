"""Real servers on loopback and Unix sockets that answer, cut, hang or close, for the edges of the network."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio

Behaviour = Callable[[StreamReader, StreamWriter], Awaitable[bool]]
"""What to do after a whole request was read; returns whether the connection is kept."""


class RealServer:
    """Serves each request with the next behaviour of its list, then with the last one again."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours)
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    self.requests.append(await _read_request(reader))
                    behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                    if not await behaviour(reader, writer):
                        return
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()


async def _read_request(reader: StreamReader) -> bytes:
    first = await reader.readexactly(1)
    if first == b"\x16":  # a TLS handshake, not HTTP
        return first
    head = first + await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def reply(value: object, status: int = 200) -> Behaviour:
    """Answer with JSON and keep the connection."""

    async def answer(_: StreamReader, writer: StreamWriter) -> bool:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        return True

    return answer


def raw(data: bytes) -> Behaviour:
    """Send these bytes and close."""

    async def answer(_: StreamReader, writer: StreamWriter) -> bool:
        writer.write(data)
        await writer.drain()
        return False

    return answer


async def close(_: StreamReader, writer: StreamWriter) -> bool:
    """Close without a word."""
    return False


async def hang(reader: StreamReader, _: StreamWriter) -> bool:
    """Say nothing until the client goes away."""
    await reader.read()
    return False


@asynccontextmanager
async def on_loopback(server: RealServer) -> AsyncIterator[RealServer]:
    """Serve on a free port of 127.0.0.1 while inside."""
    listening = await asyncio.start_server(server.connected, "127.0.0.1")
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        await server.end(listening)


@asynccontextmanager
async def on_socket(server: RealServer, path: Path) -> AsyncIterator[RealServer]:
    """Serve on a Unix socket while inside; the socket is gone afterwards."""
    listening = await asyncio.start_unix_server(server.connected, path)
    try:
        yield server
    finally:
        await server.end(listening)
        await anyio.Path(path).unlink(missing_ok=True)
