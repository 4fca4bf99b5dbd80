"""Tokens (o200k) that the model pays: the tool list, twenty listed insights, and one answer per tool.

    python benchmarks/tokens.py

Runs the real server over stdio against a local backend with the demo project, in a data directory of its own.
"""

import json
import sys
import tempfile

import anyio
import bpe_openai
from mcp import Client, StdioServerParameters

TREND = {
    "kind": "TrendsQuery",
    "series": [
        {"kind": "EventsNode", "event": "$pageview"},
        {"kind": "EventsNode", "event": "$pageview", "math": "dau"},
        {"kind": "EventsNode", "event": None},
    ],
    "dateRange": {"date_from": "-30d"},
}
SQL = "select event, count() as events from events group by event order by events desc limit 20"
CALLS: list[tuple[str, str, dict[str, object]]] = [
    ("20 insights", "insights-list", {"limit": 20}),
    ("dashboards", "dashboards-list", {}),
    ("events", "data-schema", {}),
    ("trend, 30 days, 3 series", "query-run", {"query": TREND}),
    ("SQL, 20 rows", "query-run", {"query": SQL}),
    ("activity", "insights-activity-retrieve", {}),
]


def count(text: str) -> int:
    return len(bpe_openai.get_encoding("o200k_base").encode(text))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "insights_mcp"], env={"INSIGHTS_MCP_DATA_DIR": folder}
        )
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
            print(f"{'answer':<28}{'tokens':>8}{'characters':>12}")
            text = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
            print(f"{f'tools/list ({len(tools)} tools)':<28}{count(text):>8}{len(text):>12}")
            for number in range(8):  # the demo project has twelve
                await client.call_tool("insight-create", {"name": f"Pageviews in Week {number + 1}", "query": TREND})
            for title, name, arguments in CALLS:
                result = await client.call_tool(name, arguments)
                text = "".join(getattr(part, "text", "") for part in result.content)
                print(f"{title:<28}{count(text):>8}{len(text):>12}{'  error' if result.is_error else ''}")


if __name__ == "__main__":
    anyio.run(main)
