"""`insight-get`: one saved insight, its definition and cached result."""

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.insights import describe_insight
from insights_mcp.render.reports import MOST_TOKENS
from insights_mcp.render.results import report_result
from insights_mcp.render.tokens import estimate_tokens
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens, cached_result_of
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.tool import Call, Tool

# What else is told of an insight may cost this much.
_REST = 120


class GetArguments(Arguments):
    """Which insight."""

    id: InsightId
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def get_insight(arguments: GetArguments, call: Call) -> str:
    """Return all that is known of an insight; the result only if it is cached, and then its first fact."""
    return await tell_insight(call.api, await find_insight(call, arguments.id), max_tokens=arguments.max_tokens)


async def tell_insight(api: PostHogClient, key: int | str, *, max_tokens: int = DEFAULT_TOKENS) -> str:
    """Return one insight in words, definition and cached fact included; of a huge definition the beginning."""
    insight = await api.insights.get(key)
    lines = [_cut_line(line, max_tokens - _REST) for line in describe_insight(insight)]
    address = api.insight_url(insight.short_id)
    if address:
        lines.insert(1, address)
    if insight.query is None:
        lines.append("This server keeps it as old filters, without a query: insight-query runs it.")
    return "\n".join([*lines, _result_line(insight)])


def _cut_line(line: str, max_tokens: int) -> str:
    needed = estimate_tokens(line)
    if needed <= max_tokens:
        return line
    kept = line[: len(line) * max(max_tokens, 0) // needed]
    whole = -(-(needed + _REST) // 100) * 100
    how = f"max_tokens={whole} shows all" if whole <= MOST_TOKENS else f"max_tokens={MOST_TOKENS} shows more"
    return f"{kept}… ({len(kept)} of {len(line)} characters: {how})"


def _result_line(insight: Insight) -> str:
    result = cached_result_of(insight)
    if result is None:
        return "No cached result: insight-query computes one."
    when = f" of {insight.last_refresh:%Y-%m-%d %H:%M}" if insight.last_refresh else ""
    return f"Cached result{when}: {report_result(result).gist} insight-query shows it whole."


TOOL = Tool(
    "insight-get",
    "Read an insight",
    GetArguments,
    get_insight,
    aliases={"insights-get": {}, "insight-retrieve": {}, "insights-retrieve": {}, "get-insight": {}},
)
