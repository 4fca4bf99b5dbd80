"""The opening of an MCP session over stdio, answered with the standard library alone.

Clients race a server's start: one gives a `server/discover` probe 0.58 s, and importing the SDK takes about as long
(facts/mcp.md 0, 3.1). So the first request is read and, when it is `server/discover` or `initialize`, answered from
constants; tests hold the constants equal to what the SDK answers. Only then is the SDK loaded (see `stdio`).

The discover probe is always answered here and never reaches the SDK, which would lock the session to the era of that
probe and refuse the `initialize` that some clients send next (facts/mcp.md 3.4).
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from insights_mcp import __version__
from insights_mcp.prompts import load_prompt

NAME = "insights-mcp"
TITLE = "PostHog insights"
HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN_VERSIONS = ("2026-07-28",)
CAPABILITIES = {
    "completions": {},
    "prompts": {"listChanged": False},
    "resources": {"listChanged": False, "subscribe": False},
    "tools": {"listChanged": False},
}
# MCP Apps (see `views`); the older handshake has no place for it (facts/mcp.md 5).
EXTENSIONS: dict[str, dict[str, object]] = {"io.modelcontextprotocol/ui": {}}
DISCOVER_TTL_MS = 3_600_000

EXIT_INTERRUPTED = 130
_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_SERVER_KEY = "io.modelcontextprotocol/serverInfo"
_UNSUPPORTED_VERSION = -32022
_CHUNK = 65536
# A stray frame before the first request is kept for the SDK; a client that never sends a request is not listened to
# for ever.
_MAX_LEADING_BYTES = 1 << 20


@dataclass(frozen=True)
class Opening:
    """What the opening left for the SDK: the two private descriptors and the bytes it must still read.

    `answered_id` is the id of the `initialize` request that was answered here: `unread` begins with that request all
    the same, because the SDK needs it, and the SDK's own answer to it must not be sent.
    """

    read_fd: int
    write_fd: int
    unread: bytes = b""
    answered_id: str | int | None = None


def open_session(read_fd: int = 0, write_fd: int = 1) -> Opening | None:
    """Take over stdin and stdout, read the first request, answer it if it opens a session.

    From here on anything printed goes to stderr. Returns None when the client left before it asked anything.
    """
    _exit_quietly_on_signals()
    try:
        opening = _read_opening(_claim_input(read_fd), _claim_output(write_fd))
    except OSError:  # the descriptors are closed or the client's end is gone: nobody to serve
        return None
    # Importing the SDK makes many objects that live for ever: `stdio.serve` turns the collector on again after that.
    gc.disable()
    return opening


def answer_discover(request: Mapping[str, object]) -> dict[str, object]:
    """Return the answer to a `server/discover` request; a probe without any envelope is answered too."""
    version = _envelope_version(request)
    if version is None or version in MODERN_VERSIONS:
        return _result(request, _discover_result())
    error: dict[str, object] = {
        "code": _UNSUPPORTED_VERSION,
        "message": "Unsupported protocol version",
        "data": {"supported": list(MODERN_VERSIONS), "requested": version},
    }
    return {"jsonrpc": "2.0", "id": request["id"], "error": error}


def answer_initialize(request: Mapping[str, object]) -> dict[str, object] | None:
    """Return the answer to an `initialize` request, or None when its parameters are not sound (the SDK says why)."""
    match request.get("params"):
        case {
            "protocolVersion": str() as asked,
            "capabilities": dict(),
            "clientInfo": {"name": str(), "version": str()},
        }:
            version = asked if asked in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]
            return _result(request, _initialize_result(version))
    return None


def is_request(message: Mapping[str, object]) -> bool:
    """Tell a JSON-RPC request from a notification, a response or something else."""
    match message:
        case {"jsonrpc": "2.0", "method": str(), "id": str() | int() as identity}:
            return not isinstance(identity, bool)
    return False


def encode(message: Mapping[str, object]) -> bytes:
    """Return a message as one line of the wire."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _read_opening(read_fd: int, write_fd: int) -> Opening | None:
    leading, buffer = b"", b""
    while True:
        line, newline, rest = buffer.partition(b"\n")
        if not newline:
            chunk = os.read(read_fd, _CHUNK)
            if not chunk:
                return Opening(read_fd, write_fd, leading + buffer) if (leading + buffer).strip() else None
            buffer += chunk
            continue
        message = _decode(line)
        if not is_request(message) and len(leading) < _MAX_LEADING_BYTES:
            leading, buffer = leading + line + newline, rest
        elif message.get("method") == "server/discover":
            _write(write_fd, encode(answer_discover(message)))
            if b"\n" not in rest:
                return Opening(read_fd, write_fd, leading + rest)
            buffer = rest
        else:
            identity = _answer_if_initialize(write_fd, message)
            return Opening(read_fd, write_fd, leading + buffer, identity)


def _answer_if_initialize(write_fd: int, message: Mapping[str, object]) -> str | int | None:
    match message:
        case {"method": "initialize", "id": str() | int() as identity}:
            answer = answer_initialize(message)
            if answer is not None:
                _write(write_fd, encode(answer))
                return identity
    return None


def _discover_result() -> dict[str, object]:
    return {
        "_meta": {_SERVER_KEY: _server_info()},
        "supportedVersions": list(MODERN_VERSIONS),
        "capabilities": {**CAPABILITIES, "extensions": EXTENSIONS},
        "instructions": load_prompt("server"),
        "resultType": "complete",
        "ttlMs": DISCOVER_TTL_MS,
        "cacheScope": "public",
    }


def _initialize_result(version: str) -> dict[str, object]:
    return {
        "protocolVersion": version,
        "capabilities": CAPABILITIES,
        "serverInfo": _server_info(),
        "instructions": load_prompt("server"),
    }


def _server_info() -> dict[str, object]:
    return {"name": NAME, "title": TITLE, "version": __version__}


def _result(request: Mapping[str, object], result: dict[str, object]) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def _envelope_version(request: Mapping[str, object]) -> object:
    match request.get("params"):
        case {"_meta": dict() as meta}:
            return meta.get(_VERSION_KEY)
    return None


def _decode(line: bytes) -> Mapping[str, object]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):  # junk is for `stdio` to drop
        return {}
    return message if isinstance(message, dict) else {}


def _claim_input(fd: int) -> int:
    private = os.dup(fd)
    _divert(fd, os.open(os.devnull, os.O_RDONLY))
    return private


def _claim_output(fd: int) -> int:
    private = os.dup(fd)
    try:
        _divert(fd, os.dup(2))
    except OSError:  # stderr is closed
        _divert(fd, os.open(os.devnull, os.O_WRONLY))
    return private


def _divert(fd: int, target: int) -> None:
    os.dup2(target, fd)
    os.close(target)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _exit_quietly_on_signals() -> None:
    """Until the event loop takes the signals over there is nothing to clean up: leave at once, without a traceback."""

    def leave(number: int, _: FrameType | None) -> None:
        os._exit(EXIT_INTERRUPTED if number == signal.SIGINT else 0)

    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
