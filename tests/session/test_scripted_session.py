"""One scripted session with a real client over stdio, on each backend and in both eras: every tool, good and bad.

The server is a process of its own. PostHog is played by the fake on a loopback port; the local backend is the real
one, started on demand, with the demo project.
"""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from insights_mcp.commands.connect import stop_backend
from tests.session.upstream_server import served
from tests.upstream import KEY, Upstream

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

TREND = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "signed_up"}],
    "dateRange": {"date_from": "-30d"},
}
SQL = "select event, count() as n from events where event = 'signed_up' group by event"
ERROR_LIMIT = 600


@pytest.fixture(scope="module")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that the sessions share, so that the demo project is written once."""
    return tmp_path_factory.mktemp("session") / "data"


@pytest.fixture
def upstream_address() -> Iterator[str]:
    """The fake PostHog with a dashboard, an event and canned trends."""
    upstream = Upstream()
    upstream.add_dashboard(name="Growth")
    upstream.add_event("signed_up")
    upstream.add_property("plan", events=("signed_up",), values=("free", "team"))
    day = {"data": [3.0, 5.0], "days": ["2026-01-01", "2026-01-02"], "labels": ["1-Jan-2026", "2-Jan-2026"]}
    upstream.answers(
        "TrendsQuery", results=[{**day, "count": 8.0, "label": "signed_up", "action": {"name": "signed_up"}}]
    )
    upstream.answers("HogQLQuery", results=[["signed_up", 8]], columns=["event", "n"], types=[])
    with served(upstream) as address:
        yield address


@pytest.fixture(params=["legacy", "modern"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def connected(environ: dict[str, str], era: str) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=sys.executable, args=["-m", "insights_mcp"], env=environ)
    async with Client(server, mode="legacy" if era == "legacy" else "auto") as client:
        yield client


async def test_local_session_uses_every_tool(demo_dir: Path, era: str) -> None:
    try:
        async with connected({"INSIGHTS_MCP_DATA_DIR": str(demo_dir)}, era) as client:
            await run_script(client)
    finally:
        await stop_backend(demo_dir)


async def test_posthog_session_uses_every_tool(upstream_address: str, era: str, tmp_path: Path) -> None:
    environ = {"POSTHOG_HOST": upstream_address, "POSTHOG_API_KEY": KEY, "INSIGHTS_MCP_DATA_DIR": str(tmp_path)}
    async with connected(environ, era) as client:
        await run_script(client)


async def run_script(client: Client) -> None:
    """Create, read, run, change, name, share, delete and restore one insight; then make every mistake."""
    tools = {tool.name for tool in (await client.list_tools()).tools}
    used: set[str] = set()

    async def use(tool: str, **arguments: Any) -> str:
        used.add(tool)
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, (tool, result.content)
        return text_of(result)

    async def mistake(tool: str, **arguments: Any) -> str:
        result = await client.call_tool(tool, arguments)
        assert result.is_error, (tool, arguments, result.content)
        text = text_of(result)
        assert 20 <= len(text) <= ERROR_LIMIT, text
        assert "Traceback" not in text
        return text

    topic = await use("data-schema", search="signups by plan")
    assert "signed_up" in topic
    assert '"breakdown":"plan"' in topic.rsplit("Ready for query-run: ", 1)[1]
    board = (await use("dashboards-list")).splitlines()[-1].split(",")[0]
    new = {"name": "Signups", "query": TREND, "tags": ["growth"], "dashboards": [int(board)]}
    created = await use("insight-create", **new, force=True)
    assert "asks the same" in await mistake("insight-create", **new)
    number = find_number(created)
    assert "Signups" in await use("insights-list", search="Signups", tags=["growth"])
    assert "signed_up" in await use("insight-get", id=number)
    assert "signed_up" in await use("insight-query", id=str(number))
    assert "signed_up" in await use("insight-query", id=str(number), chart="text")
    assert "signed_up" in await use("query-run", query={"kind": "HogQLQuery", "query": SQL})
    assert "-90d" in await use("insight-update", id=number, query={"dateRange": {"date_from": "-90d"}})
    assert "-30d" in await use("undo", what=str(number))
    assert "by rule" in await use("generate_metadata", id=number)
    assert "-90d" in await use("insights-activity-retrieve", id=number)
    assert "Signups" in await use("dashboard-get", id=board)
    assert "link" in await use("insight-sharing", id=number)
    tiles = {"weekly": {"query": {**TREND, "interval": "week"}}, "signups": number, "goal": {"text": "200 a week"}}
    planned = await use("dashboard-create", name="Growth plan", tiles=tiles, rows=[["goal"], ["weekly:8"]], force=True)
    made = find_number(planned)
    assert "Growth plan" in await use("dashboard-get", id="Growth plan")
    assert "removed" in await use("dashboard-update", id=made, remove=[str(number)], description="Weekly look")
    await use("undo")
    assert f"dashboard {made} deleted" in await use("undo", what=handle_of(planned))
    files = await use("insights-files", insights=[str(number)])
    assert "Nothing to change" in await use("insights-files", yaml=files)
    await use("insight-delete", id=number, confirm=True)
    assert "deleted" in await mistake("insight-get", id=number)
    await use("insight-update", id=number, restore=True)
    assert "deleted" in await use("undo")
    await use("undo", what=str(number))
    assert "Signups" in await use("insight-get", id=number)
    assert used == tools

    assert "99999999" in await mistake("insight-get", id=99999999)
    assert "date_from" in await mistake("insights-list", date_form="-7d")
    assert "math" in await mistake(
        "query-run", query={"kind": "TrendsQuery", "series": [{"event": "a", "math": "totl"}]}
    )
    assert "kind" in await mistake("insight-create", name="x", query={"series": []})
    assert "colour" in await mistake("query-run", query={**TREND, "colour": "red"})
    await mistake("insight-query", id="https://example.com/nothing")
    await mistake("insight-update", id=number, colour="red")
    await mistake("insight-delete", id="../../users")
    await mistake("generate_metadata")
    await mistake("insights-activity-retrieve", id=number, limit=0)
    await mistake("data-schema", kind="tables")
    await mistake("dashboards-list", limit="many")
    await mistake("dashboard-get", id=99999999)
    await mistake("insight-sharing", id=number, action="publish")
    await mistake("undo", what="zzzzzz")
    await mistake("dashboard-create", name="Half", tiles={"a": 99999999, "b": {"qurey": TREND}})
    assert "line 2" in await mistake("insights-files", yaml="kind: insight\nkind: insight\n")
    await mistake("dashboard-update", id=board, remove=["nothing of that name"])


def text_of(result: Any) -> str:
    assert result.structured_content is None, "one channel only"
    return "\n".join(part.text for part in result.content)


def handle_of(text: str) -> str:
    """Return the handle that an answer to a write ends with."""
    return text.rsplit("Undo: ", 1)[1].strip(".")


def find_number(text: str) -> int:
    """Return the first number of an answer to a write, which is the insight's id."""
    return int(
        next(word.strip(".,;:()#") for word in text.replace("=", " ").split() if word.strip(".,;:()#").isdecimal())
    )
