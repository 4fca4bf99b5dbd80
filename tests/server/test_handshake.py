"""The opening answered from constants is the opening the SDK would answer."""

import json
from collections.abc import Mapping

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCMessage, jsonrpc_message_adapter
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from insights_mcp.client import PostHogClient
from insights_mcp.prompts import list_prompts
from insights_mcp.server.build import build_server
from insights_mcp.server.handshake import (
    HANDSHAKE_VERSIONS,
    MODERN_VERSIONS,
    answer_discover,
    answer_initialize,
    is_request,
)
from insights_mcp.server.tools import TOOLS

pytestmark = pytest.mark.anyio


def initialize(version: str, identity: str | int = 1) -> dict[str, object]:
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    return {"jsonrpc": "2.0", "id": identity, "method": "initialize", "params": params}


def discover(version: str | None = "2026-07-28", identity: str | int = 1) -> dict[str, object]:
    meta = {"io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"_meta": meta} if version else {}
    return {"jsonrpc": "2.0", "id": identity, "method": "server/discover", "params": params}


async def ask_sdk(request: Mapping[str, object]) -> object:
    """Return what the SDK answers when nothing stands before it."""
    server = build_server(lambda: PostHogClient("http://127.0.0.1:9", "phx_nobody"))
    inbound, to_server = anyio.create_memory_object_stream[SessionMessage | Exception](1)
    outbound, to_client = anyio.create_memory_object_stream[SessionMessage](1)
    async with anyio.create_task_group() as tasks, inbound, to_client:
        tasks.start_soon(server.run_streams, to_server, outbound)
        message: JSONRPCMessage = jsonrpc_message_adapter.validate_python(request, by_name=False)
        await inbound.send(SessionMessage(message))
        answer = await to_client.receive()
        await inbound.aclose()
    return json.loads(answer.message.model_dump_json(by_alias=True, exclude_unset=True))


@pytest.mark.parametrize("version", [*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS, "2031-01-01"])
async def test_initialize_is_answered_as_the_sdk_answers_it(version: str) -> None:
    assert answer_initialize(initialize(version, "one")) == await ask_sdk(initialize(version, "one"))


@pytest.mark.parametrize("version", [*MODERN_PROTOCOL_VERSIONS, "2031-01-01"])
async def test_discover_is_answered_as_the_sdk_answers_it(version: str) -> None:
    assert answer_discover(discover(version)) == await ask_sdk(discover(version))


async def test_versions_are_those_of_the_sdk() -> None:
    assert HANDSHAKE_VERSIONS == HANDSHAKE_PROTOCOL_VERSIONS
    assert MODERN_VERSIONS == MODERN_PROTOCOL_VERSIONS


async def test_bare_discover_is_answered_too() -> None:
    assert answer_discover(discover(None)) == answer_discover(discover())


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"protocolVersion": 3},
        {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x"}},
    ],
)
async def test_unsound_initialize_is_left_to_the_sdk(params: object) -> None:
    assert answer_initialize({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}) is None


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        (initialize("2025-11-25"), True),
        (initialize("2025-11-25", "a"), True),
        ({"jsonrpc": "2.0", "method": "notifications/initialized"}, False),
        ({"jsonrpc": "2.0", "id": True, "method": "x"}, False),
        ({"jsonrpc": "2.0", "id": None, "method": "x"}, False),
        ({"id": 1, "method": "x"}, False),
        ({}, False),
    ],
)
async def test_only_requests_count_as_requests(message: dict[str, object], verdict: bool) -> None:
    assert is_request(message) is verdict


async def test_tools_known_before_the_sdk_by_their_prompts_are_the_tools() -> None:
    assert set(list_prompts("tools")) == {tool.name for tool in TOOLS}
