"""Bytes in and out of the standard descriptors: asyncio pipes on POSIX, worker threads elsewhere.

The SDK's own stdio transport hops to a thread for every line and every flush; pipes cost a third of the time per call
(facts/mcp.md 3.3). They exist for pipes and sockets only, so files, terminals and Windows use threads.
"""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import anyio
import anyio.to_thread

_CHUNK = 65536
_FLUSH_SECONDS = 2.0


class Wire(Protocol):
    """A byte channel to the client. Only one task receives and only one sends."""

    async def receive(self) -> bytes:
        """Return the next bytes, or none at the end."""

    async def send(self, data: bytes) -> None:
        """Send all of `data`. Raises OSError when the client's end is gone."""


@asynccontextmanager
async def open_wire(read_fd: int, write_fd: int) -> AsyncIterator[Wire]:
    """Open the channel over two descriptors, which it owns from now on."""
    if _can_use_pipes(read_fd, write_fd):
        pipes = await _open_pipes(read_fd, write_fd)
        try:
            yield pipes
        finally:
            await pipes.close()
    else:
        yield _Threads(read_fd, write_fd)


def _can_use_pipes(*descriptors: int) -> bool:
    if sys.platform == "win32":
        return False
    modes = [os.fstat(fd).st_mode for fd in descriptors]
    return all(stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) for mode in modes)


async def _open_pipes(read_fd: int, write_fd: int) -> "_Pipes":
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    read_file, write_file = os.fdopen(read_fd, "rb", 0), os.fdopen(write_fd, "wb", 0)
    read_transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), read_file)
    write_transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), write_file
    )
    return _Pipes(reader, read_transport, asyncio.StreamWriter(write_transport, protocol, None, loop))


class _Pipes:
    def __init__(
        self, reader: asyncio.StreamReader, read_transport: asyncio.ReadTransport, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._read_transport = read_transport
        self._writer = writer

    async def receive(self) -> bytes:
        return await self._reader.read(_CHUNK)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        """Give what was written a moment to leave, then let go of both descriptors."""
        self._read_transport.close()
        self._writer.close()
        with anyio.move_on_after(_FLUSH_SECONDS, shield=True), suppress(OSError):
            await self._writer.wait_closed()


class _Threads:
    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd

    async def receive(self) -> bytes:
        # Abandoned on cancel: a read that waits for a terminal cannot be interrupted.
        return await anyio.to_thread.run_sync(os.read, self._read_fd, _CHUNK, abandon_on_cancel=True)

    async def send(self, data: bytes) -> None:
        await anyio.to_thread.run_sync(self._write_all, data)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._write_fd, view) :]
