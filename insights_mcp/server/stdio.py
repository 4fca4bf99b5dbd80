"""The stdio session after its opening: lines in, lines out, and the end of both.

Between the client and the SDK stands the era pump: while the opening request is a `server/discover` it is answered
here and not forwarded, because the SDK locks a session to the era of its first request (facts/mcp.md 3.4).
"""

import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import (
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from insights_mcp.server.face import InsightsServer
from insights_mcp.server.handshake import EXIT_INTERRUPTED, Opening, answer_discover, encode
from insights_mcp.server.wire import Wire, open_wire

logger = logging.getLogger(__name__)

# `printf '...' | insights-mcp` closes stdin right after its requests: let them be answered.
_LAST_ANSWERS_SECONDS = 2.0
# A clean-up that hangs must not keep the process.
_CLEANUP_SECONDS = 5.0
_INVALID_REQUEST = -32600


def serve(opening: Opening, make_server: Callable[[], InsightsServer]) -> int:
    """Serve the session to its end and return the exit code: 0 at end of input and on SIGTERM, 130 on SIGINT.

    `make_server` is called here so that importing what it needs happens after the opening was answered.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="insights-mcp: %(levelname)s: %(message)s")
    server = make_server()
    # What was loaded so far lives as long as the process: keep the collector from walking it (facts/mcp.md 3.2).
    gc.enable()
    gc.freeze()
    try:
        return anyio.run(_serve, server, opening)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def leave(code: int) -> NoReturn:
    """End the process now: taking the interpreter apart would cost the client time for nothing."""
    sys.stderr.flush()
    os._exit(code)


async def _serve(server: InsightsServer, opening: Opening) -> int:
    return await _Session(server, opening).run()


class _Session:
    def __init__(self, server: InsightsServer, opening: Opening) -> None:
        self._server = server
        self._opening = opening
        self._swallowed_id = opening.answered_id
        self._era_is_open = True
        self._unanswered: set[str | int] = set()
        self._settled = anyio.Event()
        self._reading = anyio.CancelScope()
        self._writing = anyio.Lock()
        self._exit_code = 0

    async def run(self) -> int:
        """Serve until the client leaves or a signal comes."""
        inbound, to_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        outbound, to_client = anyio.create_memory_object_stream[SessionMessage](0)
        async with (
            open_wire(self._opening.read_fd, self._opening.write_fd) as wire,
            anyio.create_task_group() as sending,
        ):
            sending.start_soon(self._send, wire, to_client)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._receive, wire, inbound, tasks.cancel_scope)
                tasks.start_soon(self._watch_signals)
                await self._server.run_streams(to_server, outbound)
                tasks.cancel_scope.cancel()
        return self._exit_code

    async def _receive(
        self, wire: Wire, inbound: MemoryObjectSendStream[SessionMessage | Exception], everything: anyio.CancelScope
    ) -> None:
        async with inbound:
            with self._reading:
                await self._read_lines(wire, inbound)
                with anyio.move_on_after(_LAST_ANSWERS_SECONDS):
                    while self._unanswered:
                        await self._settled.wait()
        await anyio.sleep(_CLEANUP_SECONDS)
        everything.cancel()

    async def _read_lines(self, wire: Wire, inbound: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        buffer = self._opening.unread
        while True:
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                await self._take(line, wire, inbound)
            try:
                chunk = await wire.receive()
            except OSError:  # the client's end broke: the same as its end
                chunk = b""
            if not chunk:
                await self._take(buffer, wire, inbound)
                return
            buffer += chunk

    async def _take(self, line: bytes, wire: Wire, inbound: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        if not line.strip():
            return
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValidationError:
            await self._refuse(line, wire)
            return
        if isinstance(message, JSONRPCRequest):
            if self._era_is_open and message.method == "server/discover":
                await self._write(wire, encode(answer_discover(message.model_dump(by_alias=True, exclude_unset=True))))
                return
            self._era_is_open = False
            self._expect(message)
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            self._settle((message.params or {}).get("requestId"))  # a cancelled request is never answered
        await inbound.send(SessionMessage(message))

    async def _refuse(self, line: bytes, wire: Wire) -> None:
        logger.warning("dropped a line of %d bytes that is not a JSON-RPC message", len(line))
        try:
            parsed = json.loads(line)
        except ValueError:  # without an id nobody waits for an answer
            return
        if isinstance(parsed, dict) and isinstance(identity := parsed.get("id"), str | int):
            error = {"code": _INVALID_REQUEST, "message": "Not a JSON-RPC 2.0 request"}
            await self._write(wire, encode({"jsonrpc": "2.0", "id": identity, "error": error}))

    async def _send(self, wire: Wire, outbound: MemoryObjectReceiveStream[SessionMessage]) -> None:
        connected = True
        async with outbound:
            async for item in outbound:
                message = item.message
                if self._is_swallowed(message) or not connected:
                    continue
                try:
                    await self._write(wire, message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                except OSError:  # the client is gone: nothing more to read or to say
                    connected = False
                    self._reading.cancel()
                if isinstance(message, JSONRPCResponse | JSONRPCError):
                    self._settle(message.id)

    async def _write(self, wire: Wire, line: bytes) -> None:
        async with self._writing:  # the probe's answer and the SDK's answers come from two tasks
            await wire.send(line)

    def _is_swallowed(self, message: JSONRPCMessage) -> bool:
        """Tell the SDK's answer to the `initialize` that was answered before it was loaded: not to be sent again."""
        if not isinstance(message, JSONRPCResponse | JSONRPCError) or self._swallowed_id is None:
            return False
        if message.id != self._swallowed_id:
            return False
        self._swallowed_id = None
        self._settle(message.id)
        return True

    def _expect(self, request: JSONRPCRequest) -> None:
        self._unanswered.add(request.id)
        if self._settled.is_set():
            self._settled = anyio.Event()

    def _settle(self, identity: object) -> None:
        self._unanswered -= {identity}
        if not self._unanswered:
            self._settled.set()

    async def _watch_signals(self) -> None:
        if sys.platform == "win32":  # no handlers on its event loop: Ctrl-C arrives as KeyboardInterrupt
            return
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for number in signals:
                self._exit_code = EXIT_INTERRUPTED if number == signal.SIGINT else 0
                self._reading.cancel()
