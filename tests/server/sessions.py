"""A real MCP client in memory, a real server, and the fake PostHog behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client
from mcp_types import TextContent

from insights_mcp.server.build import build_server
from tests.upstream import KEY, Upstream

ERAS = ("legacy", "auto")  # the handshake, and 2026-07-28


@asynccontextmanager
async def connect(
    upstream: Upstream, *, era: str = "auto", api_key: str = KEY, **options: Any
) -> AsyncIterator[Client]:
    server = build_server(lambda: upstream.client(api_key), **options)
    async with Client(server, mode=era) as client:
        yield client


async def use(client: Client, tool: str, **arguments: Any) -> str:
    """Return what a tool answers; a failure is a failure of the test."""
    text, is_error = await try_tool(client, tool, **arguments)
    assert not is_error, text
    return text


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Return what a tool says when it refuses: always an error, always short."""
    text, is_error = await try_tool(client, tool, **arguments)
    assert is_error, text
    assert len(text) <= 600
    assert "pydantic" not in text
    assert "Traceback" not in text
    assert KEY not in text
    return text


async def try_tool(client: Client, tool: str, **arguments: Any) -> tuple[str, bool]:
    result = await client.call_tool(tool, arguments)
    assert result.structured_content is None, "one channel only"
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text, bool(result.is_error)
