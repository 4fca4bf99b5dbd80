"""Asking a query: the argument read, the query run with progress, its answer as a report.

The query schemas are imported where they are used: they cost 5 MB and a tenth of a second, and a session may list
insights all day without them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import BeforeValidator, Field, WithJsonSchema

from insights_mcp.client.models.insights import Insight
from insights_mcp.client.models.queries import QueryAnswer, QueryProgress, ResolvedDateRange
from insights_mcp.errors import DeadlineExceeded, QueryFailed
from insights_mcp.render.marking import mark
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.results import report_result
from insights_mcp.server.recovering import improve_advice
from insights_mcp.server.tool import Call

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

_WRAPPERS = {"InsightVizNode", "DataVisualizationNode", "DataTableNode"}
_MAX_MENDS = 4
_SQL = re.compile(r"\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with)\b", re.IGNORECASE | re.DOTALL)

QueryPatch = Annotated[
    dict[str, object] | str, WithJsonSchema({"type": "object", "description": "What changes of the query"})
]

# What `refresh` was before it had modes (facts/rest-api.md 4.3).
_OLD_REFRESH = {"true": "force_blocking", "1": "force_blocking", "false": "force_cache", "0": "force_cache"}

QueryArgument = Annotated[
    dict[str, object] | str, WithJsonSchema({"type": "object", "description": "A query with its kind"})
]
Refresh = Annotated[
    Literal["blocking", "force_blocking", "force_cache", "async"],
    BeforeValidator(lambda value: _OLD_REFRESH.get(str(value).lower(), value)),
    Field(description="blocking (default) computes what is stale; force_cache nothing"),
]
MaxTokens = Annotated[int, Field(ge=200, le=20_000)]
DEFAULT_TOKENS = 4000


def read_query(given: object, notes: list[str] | None = None) -> "AnyQuery":
    """Return the query in an argument: an object, JSON text, or SQL as it is. Near-misses are mended and noted.

    Raises QueryInvalid.
    """
    from insights_mcp.schema.mending import mend_query
    from insights_mcp.schema.queries import parse_query
    from insights_mcp.schema.soundness import check_meaning

    if isinstance(given, str) and _SQL.match(given):
        return parse_query({"kind": "HogQLQuery", "query": given})
    mended = mend_query(given)
    query = parse_query(mended.body)
    check_meaning(query)
    if notes is not None:
        note_mends(mended.notes, notes)
    return query


def note_mends(mends: Sequence[str], notes: list[str]) -> None:
    """Add what was mended in a query to the notes of an answer."""
    if mends:
        more = f"; and {len(mends) - _MAX_MENDS} more" if len(mends) > _MAX_MENDS else ""
        notes.append(f"Mended in the query: {mark('; '.join(mends[:_MAX_MENDS]))}{more}.")


def source_of(query: Mapping[str, object]) -> Mapping[str, object]:
    """Return the query that runs: the source of a stored wrapper node, or the query itself."""
    if query.get("kind") in _WRAPPERS:
        return mapping(query.get("source")) or query
    return query


@dataclass(frozen=True)
class Asked:
    """A query that ran: what it asked, what came, and what that says."""

    result: Result
    report: Report

    @property
    def source(self) -> Mapping[str, object]:
        """Return the query, never a wrapper node."""
        return self.result.query


async def ask(call: Call, query: "AnyQuery", *, refresh: str = "blocking") -> Asked:
    """Run a checked query.

    Raises what the client raises: QueryFailed, Throttled, DeadlineExceeded, ...
    """
    from insights_mcp.schema.queries import dump_query, unwrap_query

    return await ask_source(call, dump_query(unwrap_query(query)), refresh=refresh)


async def ask_source(
    call: Call,
    source: Mapping[str, object],
    *,
    refresh: str = "blocking",
    filters_override: Mapping[str, object] | None = None,
    variables_override: Mapping[str, object] | None = None,
    is_stored: bool = False,
) -> Asked:
    """Run a query's source as it is; a failure of it comes with advice for this very query.

    Raises what the client raises.
    """
    try:
        answer = await call.api.queries.run(
            source,
            refresh=refresh,
            filters_override=filters_override,
            variables_override=variables_override,
            on_progress=progress_to(call),
        )
    except (QueryFailed, DeadlineExceeded) as failed:
        raise await improve_advice(call, failed, source, is_stored=is_stored) from failed
    result = result_of(_lay_over(source, filters_override or {}), answer)
    return Asked(result, report_result(result))


def _lay_over(source: Mapping[str, object], filters: Mapping[str, object]) -> Mapping[str, object]:
    """Return the query that ran: what of the overrides tells of the result's shape, as the API lays it over."""
    laid: dict[str, object] = {}
    if filters.get("interval"):
        laid["interval"] = filters["interval"]
    if filters.get("date_from") or filters.get("date_to"):
        laid["dateRange"] = {key: filters[key] for key in ("date_from", "date_to") if filters.get(key) is not None}
    return {**source, **laid}


def progress_to(call: Call) -> "ProgressTeller":
    """Return what the client tells progress to, so that the caller hears of a long query."""
    return ProgressTeller(call)


class ProgressTeller:
    """Passes a running query's progress on as MCP progress."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._last = 0.0

    async def __call__(self, progress: QueryProgress) -> None:
        """Tell rows read of rows estimated where the server says it, else seconds. Progress never goes back."""
        done: float = progress.rows_read if progress.rows_read else progress.seconds
        total = progress.estimated_rows_total if progress.rows_read else None
        self._last = done = max(done, self._last)
        what = f"{progress.rows_read} rows read" if progress.rows_read else "the query runs"
        await self._call.report_progress(done, total, f"{what}, {progress.seconds:.0f} s")


def result_of(source: Mapping[str, object], answer: QueryAnswer) -> Result:
    """Return a query's answer as a result that can be told."""
    return Result(
        source,
        answer.results,
        answer.columns,
        has_more=answer.has_more,
        timezone=answer.timezone,
        **_dates(answer.resolved_date_range),
        computed_at=answer.last_refresh,
        is_cached=answer.is_cached,
        warnings=read_warnings(answer.warnings),
        limit=answer.limit,
        offset=answer.offset,
        extra=answer.extra,
    )


def cached_result_of(insight: Insight) -> Result | None:
    """Return the result that came with an insight, None when there is none."""
    if insight.result is None:
        return None
    source = source_of(insight.query) if insight.query is not None else _source_of_filters(insight.filters)
    return Result(
        source,
        insight.result,
        insight.columns,
        has_more=insight.has_more,
        timezone=insight.timezone,
        **_dates(insight.resolved_date_range),
        computed_at=insight.last_refresh,
        is_cached=insight.is_cached,
    )


def read_warnings(found: Sequence[object]) -> tuple[str, ...]:
    """Return the server's warnings as text, whatever form they have; their wording is its own."""
    texts = (
        text_of(one.get("message") or one.get("detail") or one.get("text"))
        if isinstance(one, Mapping)
        else text_of(one)
        for one in found
    )
    return tuple(text for text in texts if text)


def _source_of_filters(filters: Mapping[str, object]) -> Mapping[str, object]:
    """Return as much of a query as an old server's filters tell about the shape of their result."""
    kind = str(filters.get("insight") or "TRENDS").capitalize()
    dates = {"date_from": filters.get("date_from"), "date_to": filters.get("date_to")}
    return {"kind": f"{kind}Query", "dateRange": dates, "interval": filters.get("interval")}


class _Dates(TypedDict):
    date_from: datetime | None
    date_to: datetime | None


def _dates(found: ResolvedDateRange | None) -> _Dates:
    return {"date_from": found.date_from if found else None, "date_to": found.date_to if found else None}
