"""`insight-query` runs a saved insight, `query-run` any query that is not saved."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from insights_mcp.client.models.insights import Insight
from insights_mcp.render.marking import quote
from insights_mcp.render.reports import Report, render_report
from insights_mcp.render.results import report_result
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import (
    DEFAULT_TOKENS,
    Asked,
    MaxTokens,
    QueryArgument,
    Refresh,
    ask,
    ask_source,
    cached_result_of,
    progress_to,
    read_query,
    source_of,
)
from insights_mcp.server.diagnosing import explain_nothing, has_gaps
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.tool import Call, Tool


class InsightQueryArguments(Arguments):
    """Which insight to run, and how."""

    id: InsightId
    refresh: Refresh = "blocking"
    filters_override: (
        Annotated[dict[str, object], Field(description="For this run only: date_from, date_to, properties, interval")]
        | None
    ) = None
    variables_override: (
        Annotated[dict[str, object], Field(description='{variable_id: {"code_name":..,"value":..}}')] | None
    ) = None
    max_tokens: MaxTokens = DEFAULT_TOKENS


class QueryRunArguments(Arguments):
    """Which query to run, and how."""

    query: QueryArgument
    refresh: Refresh = "blocking"
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def run_insight(arguments: InsightQueryArguments, call: Call) -> str:
    """Return the result of a saved insight."""
    key = await find_insight(call, arguments.id)
    is_cached = arguments.refresh == "force_cache" and not (arguments.filters_override or arguments.variables_override)
    insight = await call.api.insights.get(key, basic=not is_cached)
    if is_cached:
        told = render_report(_report_cached(insight), arguments.max_tokens)
    elif insight.query is None:  # an old server: only the insight itself can be computed
        full = await call.api.insights.get(insight.id, refresh=arguments.refresh, on_progress=progress_to(call))
        told = render_report(_report_cached(full), arguments.max_tokens)
    else:
        told = await _tell(await _run_stored(source_of(insight.query), arguments, call), arguments.max_tokens, call)
    return f"{quote(insight.title, 80)} ({insight.short_id})\n{told}"


async def run_query(arguments: QueryRunArguments, call: Call) -> str:
    """Return the result of a query that is not saved."""
    asked = await ask(call, read_query(arguments.query, call.notes), refresh=arguments.refresh)
    return await _tell(asked, arguments.max_tokens, call)


async def _run_stored(source: Mapping[str, object], arguments: InsightQueryArguments, call: Call) -> Asked:
    return await ask_source(
        call,
        source,
        refresh=arguments.refresh,
        filters_override=arguments.filters_override,
        variables_override=arguments.variables_override,
        is_stored=True,
    )


def _report_cached(insight: Insight) -> Report:
    result = cached_result_of(insight)
    if result is None:
        return Report(("No result is cached. Ask again without refresh=force_cache to compute one.",))
    return report_result(result)


async def _tell(asked: Asked, max_tokens: int, call: Call) -> str:
    text = render_report(asked.report, max_tokens)
    if not asked.report.is_empty and not has_gaps(asked.result):
        return text
    return "\n".join([text, *await explain_nothing(call, asked.source, asked.result)])


INSIGHT_QUERY = Tool(
    "insight-query",
    "Run a saved insight",
    InsightQueryArguments,
    run_insight,
    aliases={"insight-run": {}, "insights-query": {}},
)
QUERY_RUN = Tool(
    "query-run",
    "Run a query",
    QueryRunArguments,
    run_query,
    aliases={"run-query": {}, "query": {}},
)
