"""`insight-get`: one saved insight, its definition and cached result."""

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.insights import describe_insight
from insights_mcp.render.results import report_result
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import cached_result_of
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.tool import Call, Tool


class GetArguments(Arguments):
    """Which insight."""

    id: InsightId


async def get_insight(arguments: GetArguments, call: Call) -> str:
    """Return all that is known of an insight; the result only if it is cached, and then its first fact."""
    return await tell_insight(call.api, await find_insight(call, arguments.id))


async def tell_insight(api: PostHogClient, key: int | str) -> str:
    """Return one insight in words, definition and cached fact included."""
    insight = await api.insights.get(key)
    lines = describe_insight(insight)
    address = api.insight_url(insight.short_id)
    if address:
        lines.insert(1, address)
    if insight.query is None:
        lines.append("This server keeps it as old filters, without a query: insight-query runs it.")
    return "\n".join([*lines, _result_line(insight)])


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
