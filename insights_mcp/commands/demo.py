"""`insights-mcp demo`: a short session of a real MCP client with the server over stdio and the demo project."""

import csv
import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mcp_types
from mcp import Client, StdioServerParameters
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insights_mcp.commands.connect import require_local, stop_backend

_BARS = "▁▂▃▄▅▆▇█"
_SIGNUPS = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "signed_up"}],
    "interval": "week",
    "dateRange": {"date_from": "-12w"},
}
_CHECKOUT_BY_BROWSER = """SELECT properties.$browser AS browser,
  uniqIf(person_id, event = 'checkout_started') AS checkouts,
  uniqIf(person_id, event = 'subscription_started') AS paid,
  round(100 * paid / checkouts) AS percent
FROM events
WHERE event IN ('checkout_started', 'subscription_started') AND timestamp > now() - INTERVAL 24 DAY
GROUP BY browser HAVING checkouts > 5 ORDER BY percent"""
_SAFARI_CHECKOUTS = {
    "kind": "TrendsQuery",
    "series": [
        {"kind": "EventsNode", "event": "checkout_started"},
        {"kind": "EventsNode", "event": "subscription_started"},
        {"kind": "EventsNode", "event": "payment_error"},
    ],
    "properties": [{"key": "$browser", "value": "Safari", "operator": "icontains", "type": "event"}],
    "interval": "week",
    "dateRange": {"date_from": "-8w"},
}


@dataclass(frozen=True)
class Session:
    """A connected client that shows each call as a person reads it: the question, the call, the answer."""

    client: Client
    console: Console

    async def ask(self, question: str, tool: str, arguments: Mapping[str, object], rows: int = 12) -> str:
        """Call a tool, show question, call and answer, and return the answer's text."""
        self.console.print()
        self.console.print(Text(question, style="bold cyan"))
        call = json.dumps(arguments, ensure_ascii=False)
        self.console.print(Padding(Text(f"{tool} {call}".replace("\\n", " "), style="dim"), (0, 0, 0, 2)))
        result = await self.client.call_tool(tool, dict(arguments))
        text = "\n".join(part.text for part in result.content if isinstance(part, mcp_types.TextContent))
        for part in lay_out(text, rows, is_error=bool(result.is_error)):
            self.console.print(Padding(part, (0, 0, 0, 2)))
        return text


async def show_demo() -> int:
    """Run the session in a data directory of its own, which is removed afterwards. Return the exit code.

    Raises ExtraMissing or BackendFailed when the local backend cannot run here.
    """
    require_local()
    console = Console(highlight=False, soft_wrap=False)
    with tempfile.TemporaryDirectory(prefix="insights-mcp-demo-") as folder:
        console.print("Starting the MCP server over stdio; the local backend writes its demo project ...", style="dim")
        environ = {"INSIGHTS_MCP_DATA_DIR": folder}
        server = StdioServerParameters(command=sys.executable, args=["-P", "-m", "insights_mcp"], env=environ)
        try:
            async with Client(server) as client:
                await _show_session(Session(client, console))
        finally:
            await stop_backend(Path(folder))
    console.print()
    console.print("That is what a model does for you. To let yours do it, see the client snippets in the README, or:")
    console.print(Text("  insights-mcp doctor", style="bold"))
    return 0


async def _show_session(session: Session) -> None:
    tools = (await session.client.list_tools()).tools
    session.console.print()
    session.console.print(Text(f"What can it do? {len(tools)} tools", style="bold cyan"))
    table = Table(box=None, show_header=False, pad_edge=False)
    for tool in tools:
        table.add_row(Text(tool.name, style="green"), (tool.description or "").split(". ")[0].split("\n")[0])
    session.console.print(Padding(table, (0, 0, 0, 2)))

    await session.ask("Which events are there to ask about?", "data-schema", {})
    await session.ask("How do signups develop?", "query-run", {"query": _SIGNUPS}, rows=13)
    await session.ask("Who fails to pay?", "query-run", {"query": _CHECKOUT_BY_BROWSER})
    created = await session.ask(
        "Keep an eye on Safari: save that as an insight on the Growth dashboard.",
        "insight-create",
        {"name": "Safari", "query": _SAFARI_CHECKOUTS, "dashboards": [2], "tags": ["revenue"]},
    )
    insight_id = read_id(created)
    await session.ask("Give it a better name.", "generate_metadata", {"id": insight_id, "apply": True})
    await session.ask("What did it look like over time?", "insight-query", {"id": insight_id})
    await session.ask("Who changed it, and how?", "insights-activity-retrieve", {"id": insight_id})
    await session.ask("What is on the dashboard now?", "dashboard-get", {"id": 2, "refresh": "blocking"})


def read_id(answer: str) -> int:
    """Return the number of the insight that a write answered with. Raises ValueError when it names none."""
    found = re.search(r"\bid (\d+)", answer)
    if found is None:
        raise ValueError(f"no id in {answer!r}")
    return int(found[1])


def lay_out(text: str, rows: int, *, is_error: bool) -> Sequence[Text | Table]:
    """Return an answer's sentences as text and its table, if it has one, as a table with a line for each column."""
    lines = text.splitlines()
    start = _find_table(lines)
    if is_error or start is None:
        return [Text(text, style="red" if is_error else "")]
    head = [Text(line) for line in lines[:start]]
    cells = list(csv.reader(lines[start:]))
    return [*head, _draw_table(cells[0], cells[1:], rows), *_draw_lines(cells[0], cells[1:])]


def _find_table(lines: Sequence[str]) -> int | None:
    """Return where at least three lines of as many cells begin: a header and its rows."""
    widths = [len(row) for row in csv.reader(lines)]
    for index in range(len(lines) - 2):
        if widths[index] > 1 and widths[index] == widths[index + 1] == widths[-1] and ": " not in lines[index]:
            return index
    return None


def _draw_table(header: Sequence[str], rows: Sequence[Sequence[str]], limit: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(header):
        is_number = all(_number(row[place]) is not None for row in rows if row[place])
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows[:limit]:
        table.add_row(*row)
    if len(rows) > limit:
        table.add_row(f"... {len(rows) - limit} more")
    return table


def _draw_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Text]:
    """Draw each column of numbers over dates as a sparkline."""
    if header[0] not in ("date", "week", "month", "day", "hour") or len(rows) < 4:
        return []
    drawn = []
    for place, name in enumerate(header[1:], start=1):
        values = [_number(row[place]) for row in rows]
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(rows):
            drawn.append(Text.assemble((sparkline(numbers), "green"), f"  {name}"))
    return drawn


def sparkline(values: Sequence[float]) -> str:
    """Return one bar for each value, from the lowest to the highest of them."""
    low, high = min(values), max(values)
    step = (high - low) / (len(_BARS) - 1) or 1
    return "".join(_BARS[round((value - low) / step)] for value in values)


def _number(text: str) -> float | None:
    try:
        return float(text.replace("%", ""))
    except ValueError:
        return None
