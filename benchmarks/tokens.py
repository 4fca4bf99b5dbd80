"""Tokens (o200k) that the model pays: the tool list, insights, an answer per query kind and shape, errors, writes.

    python -m benchmarks.tokens

Answers come from the real server over stdio and the local backend's demo project, in a data directory of its own;
errors and writes are those that the tests hold word for word, from the real server over a played PostHog. Each query is
told beside JSON of the same content (the same facts, an object per row) and beside what the API sends. Exits with 1
when a mark is missed.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters

from benchmarks.token_questions import QUESTIONS, VISITORS, VISITS, trend
from insights_mcp.client import PostHogClient
from insights_mcp.commands.connect import make_local_client, stop_backend
from insights_mcp.render.results import report_result
from insights_mcp.schema.queries import dump_query, parse_query, unwrap_query
from insights_mcp.server.asking import result_of
from tests.content import count_json, pruned_results, same_as_json
from tests.server.cases import MISTAKES, TYPICAL
from tests.server.recoveries import RECOVERIES, shop_for
from tests.server.sessions import connect, try_tool
from tests.server.test_answers import WRITES
from tests.server.world import web_shop
from tests.tokens import count_tokens

MOST = {"tools/list": 3500, "20 insights": 800, "a write": 150}
MOST_ERROR_CHARACTERS = 600
MOST_OF_JSON = 0.7
# Rows of little but identifiers, and cells that are JSON themselves: only the names of their columns can be saved.
NOTHING_TO_SAVE = {"persons", "SQL of nested values"}
# Below this the facts around a few numbers weigh more than the numbers: told, and not held to the ratio.
LEAST_JSON = 200


@dataclass
class Table:
    """What is printed, and whether every mark was held."""

    is_held: bool = True

    def say(self, title: str, tokens: int, *, most: int | None = None, more: str = "") -> None:
        is_missed = most is not None and tokens > most
        self.is_held = self.is_held and not is_missed
        mark = f"  <= {most}" if most is not None else ""
        print(f"{title:<42}{tokens:>7}{mark}{more}{'  MISSED' if is_missed else ''}")

    def compare(self, title: str, tokens: int, json_tokens: int, api_tokens: int, pruned: int) -> None:
        ratio = tokens / json_tokens
        is_small = json_tokens < LEAST_JSON
        is_missed = ratio > MOST_OF_JSON and not is_small and title not in NOTHING_TO_SAVE
        self.is_held = self.is_held and not is_missed
        note = "  small" if is_small else "  ids" if title in NOTHING_TO_SAVE else "  MISSED" if is_missed else ""
        print(f"{title:<42}{tokens:>7}{json_tokens:>8}{ratio:>7.2f}{pruned:>9}{api_tokens:>8}{note}")


def text_of(result: object) -> str:
    return "".join(getattr(part, "text", "") for part in getattr(result, "content", ()))


async def tell_lists(table: Table, client: Client) -> None:
    tools = (await client.list_tools()).tools
    listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    text = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
    table.say("tools/list", count_tokens(text), most=MOST["tools/list"], more=f"  ({len(tools)} tools)")
    for number in range(8):  # the demo project has twelve
        query = trend(VISITS, VISITORS)
        await client.call_tool(
            "insight-create", {"name": f"Pageviews in Week {number + 1}", "query": query, "force": True}
        )
    calls: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("20 insights", "insights-list", {"limit": 20}),
        ("one insight", "insight-get", {"id": 1}),
        ("a dashboard", "dashboard-get", {"id": 2, "refresh": "blocking"}),
        ("dashboards", "dashboards-list", {}),
        ("events", "data-schema", {}),
        ("history, 10 changes", "insights-activity-retrieve", {}),
    )
    for title, name, arguments in calls:
        text = text_of(await client.call_tool(name, arguments))
        table.say(title, count_tokens(text), most=MOST.get(title))


async def tell_queries(table: Table, client: Client, api: PostHogClient) -> None:
    print(f"\n{'query':<42}{'tokens':>7}{'JSON':>8}{'ratio':>7}{'pruned':>9}{'API':>8}")
    for title, query in QUESTIONS.items():
        result = await client.call_tool("query-run", {"query": query, "max_tokens": 20_000})
        source: Mapping[str, object] = dump_query(unwrap_query(parse_query(query)))
        answer = await api.queries.run(source)
        report = report_result(result_of(source, answer))
        pruned = count_json(pruned_results(source, answer.results, answer.columns))
        table.compare(
            title,
            count_tokens(text_of(result)),
            count_json(same_as_json(report)),
            count_json(answer.results),
            pruned,
        )


async def tell_errors(table: Table) -> None:
    found: list[tuple[int, int, str]] = []
    cases = [(case.title, web_shop(), case.tool, case.arguments) for case in MISTAKES]
    cases += [(one.title, shop_for(one), one.tool, one.arguments) for one in RECOVERIES if one.is_refused]
    for title, upstream, tool, arguments in cases:
        async with connect(upstream) as client:
            text, _ = await try_tool(client, tool, **arguments)
        found.append((len(text), count_tokens(text), title))
    print(f"\n{len(found)} errors; the longest, in characters")
    for characters, tokens, title in sorted(found, reverse=True)[:5]:
        table.say(title[:40], characters, most=MOST_ERROR_CHARACTERS, more=f"  ({tokens} tokens)")
    print(f"{'mean':<42}{sum(one[0] for one in found) // len(found):>7}")


async def tell_writes(table: Table) -> None:
    print("\nwrites")
    for case in (case for case in TYPICAL if case.tool in WRITES):
        async with connect(web_shop()) as client:
            for tool, arguments in case.first:
                await try_tool(client, tool, **arguments)
            text, _ = await try_tool(client, case.tool, **case.arguments)
        table.say(case.title, count_tokens(text), most=MOST["a write"])


async def main() -> int:
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "insights_mcp"], env={"INSIGHTS_MCP_DATA_DIR": folder}
        )
        try:
            async with Client(server) as client, make_local_client(Path(folder)) as api:
                await tell_lists(table, client)
                await tell_queries(table, client, api)
        finally:
            await stop_backend(Path(folder))
    await tell_errors(table)
    await tell_writes(table)
    print(f"\n{'Every mark is held.' if table.is_held else 'Marks are missed.'}")
    return 0 if table.is_held else 1


if __name__ == "__main__":
    sys.exit(anyio.run(main))
