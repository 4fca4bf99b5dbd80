"""A server that is killed in the middle of a write: what it had made is taken back by the next one."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters

from tests.server.boards import FIVE_TILES, ROWS, live_dashboards, live_insights, tiles_on
from tests.server.world import web_shop
from tests.session.upstream_server import served
from tests.upstream import KEY, Upstream
from tests.upstream_failures import Failure

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

COMMAND = [sys.executable, "-m", "insights_mcp"]
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
# At which request the process dies, how many such go before it, and whether the request still did its work.
DEATHS = {
    "after the dashboard was made": ("POST .*/dashboards/$", 0, True),
    "at the second insight": ("POST .*/insights/$", 1, False),
    "after the third insight": ("POST .*/insights/$", 2, True),
    "while the tiles are placed": ("PATCH .*/dashboards/", 1, True),
}


@pytest.mark.parametrize("title", DEATHS)
async def test_dashboard_of_a_server_killed_while_it_wrote_is_taken_back(title: str, tmp_path: Path) -> None:
    upstream = web_shop()
    upstream.world.now = datetime.now(UTC)  # what was never noted is told by its age
    with served(upstream) as address:
        environ = {"POSTHOG_HOST": address, "POSTHOG_API_KEY": KEY, "INSIGHTS_MCP_DATA_DIR": str(tmp_path)}
        create_until_killed(upstream, environ, *DEATHS[title])
        assert "Board" in live_dashboards(upstream)
        async with Client(StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environ)) as client:
            told = await client.call_tool("dashboards-list", {})
    assert 'Took back a half-made dashboard "Board"' in told.content[0].text  # type: ignore[union-attr]
    assert live_dashboards(upstream) == ["Growth", "Support"]
    assert live_insights(upstream) == [1, 2, 3, 4]
    assert tiles_on(upstream, 1).keys() == {1, 2}


def create_until_killed(upstream: Upstream, environ: dict[str, str], where: str, after: int, acts: bool) -> None:
    """Ask a server for a dashboard of five tiles and kill it at a request."""
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": HELLO},
        {"method": "notifications/initialized"},
        {
            "id": 2,
            "method": "tools/call",
            "params": {"name": "dashboard-create", "arguments": {"name": "Board", "tiles": FIVE_TILES, "rows": ROWS}},
        },
    ]
    with subprocess.Popen(COMMAND, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:

        def kill(request: httpx.Request) -> httpx.Response:
            server.kill()
            return httpx.Response(503)

        upstream.fail_next(Failure(kill, acts), on=where, after=after)
        text = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages)
        assert server.stdin is not None
        server.stdin.write(text.encode())
        server.stdin.flush()
        server.wait(60)
    assert server.returncode == -9
