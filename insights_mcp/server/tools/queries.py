"""`insight-query` runs a saved insight, `query-run` any query that is not saved."""

from typing import Annotated

from pydantic import Field

from insights_mcp.client.models.insights import Insight
from insights_mcp.render.marking import quote
from insights_mcp.render.reports import Report, render_report
from insights_mcp.render.results import report_result
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import (
    DEFAULT_TOKENS,
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
from insights_mcp.server.identifiers import InsightId, insight_key
from insights_mcp.server.tool import Call, Tool

_ADVICE_AT_NOTHING = "If that surprises you: data-schema shows which events and properties exist."


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
    key = await insight_key(call.api, arguments.id)
    if arguments.refresh == "force_cache" and not (arguments.filters_override or arguments.variables_override):
        insight = await call.api.insights.get(key)
        report = _report_cached(insight)
    else:
        insight = await call.api.insights.get(key, basic=True)
        report = await _run_stored(insight, arguments, call)
    title = f"{quote(insight.title, 80)} ({insight.short_id})"
    return f"{title}\n{_tell(report, arguments.max_tokens)}"


async def run_query(arguments: QueryRunArguments, call: Call) -> str:
    """Return the result of a query that is not saved."""
    report = await ask(call, read_query(arguments.query), refresh=arguments.refresh)
    return _tell(report, arguments.max_tokens)


async def _run_stored(insight: Insight, arguments: InsightQueryArguments, call: Call) -> Report:
    if insight.query is None:  # an old server: only the insight itself can be computed
        full = await call.api.insights.get(insight.id, refresh=arguments.refresh, on_progress=progress_to(call))
        return _report_cached(full)
    return await ask_source(
        call,
        source_of(insight.query),
        refresh=arguments.refresh,
        filters_override=arguments.filters_override,
        variables_override=arguments.variables_override,
    )


def _report_cached(insight: Insight) -> Report:
    result = cached_result_of(insight)
    if result is None:
        return Report(("No result is cached. Ask again without refresh=force_cache to compute one.",))
    return report_result(result)


def _tell(report: Report, max_tokens: int) -> str:
    text = render_report(report, max_tokens)
    return f"{text}\n{_ADVICE_AT_NOTHING}" if report.is_empty else text


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
