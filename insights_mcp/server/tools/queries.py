"""`insight-query` runs a saved insight, `query-run` any query that is not saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from insights_mcp.client.models.insights import Insight
from insights_mcp.render.marking import quote
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.results import report_result
from insights_mcp.server.answers import Answer
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
from insights_mcp.server.charting import ChartArgument, draw_answer
from insights_mcp.server.diagnosing import explain_nothing, has_gaps
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.tool import Call, Tool

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

# From this age on a result is told to be old.
_OLD = timedelta(hours=1)
_NOT_CACHED = Report(("No result is cached. Ask again without refresh=force_cache to compute one.",))


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
    chart: ChartArgument | None = None
    max_tokens: MaxTokens = DEFAULT_TOKENS


class QueryRunArguments(Arguments):
    """Which query to run, and how."""

    query: QueryArgument
    refresh: Refresh = "blocking"
    chart: ChartArgument | None = None
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def run_insight(arguments: InsightQueryArguments, call: Call) -> Answer:
    """Return the result of a saved insight."""
    key = await find_insight(call, arguments.id)
    is_cached = arguments.refresh == "force_cache" and not (arguments.filters_override or arguments.variables_override)
    insight = await call.api.insights.get(key, basic=not is_cached)
    if is_cached or insight.query is None:
        if not is_cached:  # an old server: only the insight itself can be computed
            insight = await call.api.insights.get(insight.id, refresh=arguments.refresh, on_progress=progress_to(call))
        result = cached_result_of(insight)
        report = report_result(result) if result else _NOT_CACHED
        reasons: Sequence[str] = _tell_age(result, call) if result else ()
    else:
        asked = await _run_stored(source_of(insight.query), arguments, call)
        result, report, reasons = asked.result, asked.report, await _explain(asked, call)
    drawn = await draw_answer(
        arguments.chart, report, result, arguments.max_tokens, title=insight.title, node=insight.query
    )
    meta = _show_insight(insight, result, arguments, call) if call.shows_views and result else None
    text = "\n".join([f"{quote(insight.title, 80)} ({insight.short_id})", drawn.text, *reasons])
    return replace(drawn, text=text, meta=meta)


async def run_query(arguments: QueryRunArguments, call: Call) -> Answer:
    """Return the result of a query that is not saved."""
    from insights_mcp.schema.queries import dump_query

    query = read_query(arguments.query, call.notes)
    asked = await ask(call, query, refresh=arguments.refresh)
    meta = await _show_query(query, asked.result) if call.shows_views else None
    drawn = await draw_answer(arguments.chart, asked.report, asked.result, arguments.max_tokens, node=dump_query(query))
    return replace(drawn, text="\n".join([drawn.text, *await _explain(asked, call)]), meta=meta)


async def _run_stored(source: Mapping[str, object], arguments: InsightQueryArguments, call: Call) -> Asked:
    return await ask_source(
        call,
        source,
        refresh=arguments.refresh,
        filters_override=arguments.filters_override,
        variables_override=arguments.variables_override,
        is_stored=True,
    )


async def _explain(asked: Asked, call: Call) -> Sequence[str]:
    """Return why a result is empty or has gaps, if it does, and how old it is, if it is old."""
    age = _tell_age(asked.result, call)
    if not asked.report.is_empty and not has_gaps(asked.result):
        return age
    return [*age, *await explain_nothing(call, asked.source, asked.result)]


def _tell_age(result: Result, call: Call) -> Sequence[str]:
    """Return when a result was computed, if that is some time ago: it says nothing of what happened since."""
    computed, skew = result.computed_at, call.api.clock_skew
    if not result.is_cached or computed is None or computed.tzinfo is None or skew is None:
        return ()
    if call.api.our_now() + skew - computed < _OLD:  # by the clock that wrote the time
        return ()
    when = computed.astimezone(UTC)
    return (f"Computed {when:%Y-%m-%d %H:%M} UTC; refresh=force_blocking computes it anew.",)


def _show_insight(
    insight: Insight, result: Result, arguments: InsightQueryArguments, call: Call
) -> Mapping[str, object]:
    """Return what a view draws of a saved insight's result."""
    from insights_mcp.server.views.payload import SavedCall, show_result

    overrides = (arguments.filters_override or {}, arguments.variables_override or {})
    again = SavedCall(INSIGHT_QUERY.name, insight.short_id, result.query, *overrides)
    url = call.api.insight_url(insight.short_id)
    return show_result(result, again, title=insight.title, node=insight.query, url=url)


async def _show_query(query: "AnyQuery", result: Result) -> Mapping[str, object]:
    """Return what a view draws of an unsaved query's result, under the name that rules give it."""
    from insights_mcp.naming import name_query
    from insights_mcp.schema.queries import dump_query
    from insights_mcp.server.views.payload import QueryCall, show_result

    title = (await name_query(query, model=None)).name
    node = dump_query(query)
    return show_result(result, QueryCall(QUERY_RUN.name, node), title=title, node=node)


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
