"""A query as the few lines a naming model (or a person) needs to know of it: no numbers, no results unless given."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch

from insights_mcp.naming.series import filter_text, math_text, raw_name
from insights_mcp.naming.text import escape, quote
from insights_mcp.naming.words import count_of, period_text
from insights_mcp.schema.base import Model
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelCorrelationQuery, FunnelsActorsQuery
from insights_mcp.schema.entities import Entity
from insights_mcp.schema.events import ActorsQuery, EventsQuery, InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.filters import PropertyFilter, PropertyFilterRoot
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.insight_query import InsightQuery
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.nodes import ForeignQuery
from insights_mcp.schema.paths import PathsQuery
from insights_mcp.schema.queries import AnyQuery, SourceQuery, unwrap_query
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.stickiness import StickinessQuery
from insights_mcp.schema.trends import TrendsQuery

_SQL_LIMIT = 3000
_RESULTS_LIMIT = 2000
_MOST_SERIES = 20


@dataclass(frozen=True)
class QuerySummary:
    """What a query asks, in lines. Names and values in it are the project's: data, quoted, hidden characters escaped.

    `kind` is the kind of the query that runs, `query` that query itself.
    """

    kind: str
    text: str
    query: SourceQuery


def summarize_query(query: AnyQuery, *, results: object = None) -> QuerySummary:
    """Return the summary of a query of any kind, with its results when they are given."""
    source = unwrap_query(query)
    lines = list(_lines(source))
    display = getattr(query, "display", None)
    if display and display != "ActionsLineGraph":
        lines.append(f"Display: {display}")
    if results is not None:
        text = json.dumps(results, default=str, separators=(",", ":"))
        lines.append(f"Results: {escape(text if len(text) <= _RESULTS_LIMIT else text[:_RESULTS_LIMIT] + '…', '')}")
    return QuerySummary(source.kind, "\n".join(lines), source)


@singledispatch
def _lines(query: Model) -> Iterator[str]:
    yield f"Type: {getattr(query, 'kind', 'query')}"


@_lines.register
def _(query: TrendsQuery) -> Iterator[str]:
    yield "Type: trend"
    yield from _series(query.series, "Series")
    shown = query.trendsFilter
    for formula, name in formulas_of(query):
        yield f"Formula: {quote(formula)}{f' named {quote(name)}' if name else ''}"
    yield from _common(query, query.interval, query.breakdownFilter)
    if shown.smoothingIntervals > 1:
        yield f"Smoothing: mean of {shown.smoothingIntervals} intervals"
    if shown.display != "ActionsLineGraph":
        yield f"Display: {shown.display}"


@_lines.register
def _(query: FunnelsQuery) -> Iterator[str]:
    shown = query.funnelsFilter
    yield f"Type: funnel ({shown.funnelVizType.replace('_', ' ')})"
    yield from _series(query.series, "Step")
    window = count_of(shown.funnelWindowInterval, shown.funnelWindowIntervalUnit)
    yield f"Order: {shown.funnelOrderType}, within {window}"
    for exclusion in shown.exclusions:
        steps = f"{exclusion.funnelFromStep + 1} and {exclusion.funnelToStep + 1}"
        yield f"Excluding: {quote(raw_name(exclusion))} between steps {steps}"
    if shown.funnelAggregateByHogQL:
        yield f"Counted by: {quote(shown.funnelAggregateByHogQL)}"
    yield from _common(query, query.interval if shown.funnelVizType == "trends" else None, query.breakdownFilter)


@_lines.register
def _(query: RetentionQuery) -> Iterator[str]:
    shown = query.retentionFilter
    yield "Type: retention"
    for word, entity in (("Starting", shown.targetEntity), ("Returning", shown.returningEntity)):
        where = f" where {filter_text(entity.properties)}" if entity.properties else ""
        yield f"{word} event: {quote(raw_name(entity))}{where}"
    yield f"Periods: {count_of(shown.totalIntervals, shown.period.lower())}"
    if shown.retentionType and shown.retentionType != "retention_recurring":
        yield f"Counted from: {shown.retentionType.removeprefix('retention_').replace('_', ' ')}"
    if shown.aggregationType != "count":
        yield f"Measured: {shown.aggregationType} of {quote(shown.aggregationProperty or 'property')}"
    yield from _common(query, None, query.breakdownFilter)


@_lines.register
def _(query: PathsQuery) -> Iterator[str]:
    shown = query.pathsFilter
    yield "Type: user paths"
    yield f"Through: {', '.join(shown.includeEventTypes or ['all events'])}"
    if shown.startPoint:
        yield f"Starting at: {quote(shown.startPoint)}"
    if shown.endPoint:
        yield f"Ending at: {quote(shown.endPoint)}"
    if query.funnelPathsFilter:
        around = query.funnelPathsFilter
        yield f"Around funnel: {(around.funnelPathType or 'all').removeprefix('funnel_path_').replace('_', ' ')}"
        yield from _series(around.funnelSource.series, "Step")
    yield from _common(query, None, None)


@_lines.register
def _(query: StickinessQuery) -> Iterator[str]:
    yield "Type: stickiness (on how many intervals the same people come)"
    yield from _series(query.series, "Series")
    if query.stickinessFilter.computedAs == "cumulative":
        yield "Computed: cumulative"
    yield from _common(query, query.interval, None)


@_lines.register
def _(query: LifecycleQuery) -> Iterator[str]:
    yield "Type: lifecycle (new, returning, resurrecting, dormant people)"
    yield from _series(query.series, "Event")
    if query.lifecycleFilter.toggledLifecycles:
        yield f"Statuses: {', '.join(query.lifecycleFilter.toggledLifecycles)}"
    yield from _common(query, query.interval, None)


@_lines.register
def _(query: FunnelCorrelationQuery) -> Iterator[str]:
    yield f"Type: what correlates with conversion ({query.funnelCorrelationType.replace('_', ' ')})"
    yield from _inner(query.source.source)


@_lines.register(InsightActorsQuery)
@_lines.register(FunnelsActorsQuery)
@_lines.register(StickinessActorsQuery)
@_lines.register(FunnelCorrelationActorsQuery)
def _(
    query: InsightActorsQuery | FunnelsActorsQuery | StickinessActorsQuery | FunnelCorrelationActorsQuery,
) -> Iterator[str]:
    yield "Type: people behind one point of a query"
    yield from _inner(query.source)


@_lines.register
def _(query: ActorsQuery) -> Iterator[str]:
    yield "Type: list of people"
    if query.select:
        yield f"Columns: {', '.join(quote(column, 60) for column in query.select[:10])}"
    if query.search:
        yield f"Search: {quote(query.search)}"
    if filter_text(query.properties):
        yield f"Filters: {filter_text(query.properties)}"
    if query.source:
        yield from _inner(query.source)


@_lines.register
def _(query: EventsQuery) -> Iterator[str]:
    yield "Type: table of events"
    events = [query.event] if query.event else query.events or []
    if events:
        yield f"Events: {', '.join(quote(name) for name in events[:10])}"
    yield f"Columns: {', '.join(quote(column, 60) for column in query.select[:10])}"
    if query.where:
        yield f"Where: {', '.join(quote(condition) for condition in query.where[:10])}"
    if query.properties:
        yield f"Filters: {filter_text(query.properties)}"
    if query.after or query.before:
        yield f"Period: {period_text(query.after or '-24h', query.before)}"


@_lines.register
def _(query: HogQLQuery) -> Iterator[str]:
    yield "Type: SQL"
    if query.name:
        yield f"Query name: {quote(query.name)}"
    sql = query.query if len(query.query) <= _SQL_LIMIT else query.query[:_SQL_LIMIT] + "…"
    yield f"SQL:\n{escape(sql)}"


@_lines.register
def _(query: ForeignQuery) -> Iterator[str]:
    yield f"Type: {query.kind}"
    yield f"Body: {escape(json.dumps(query.model_extra, default=str)[:_RESULTS_LIMIT], '')}"


def _inner(query: Model) -> Iterator[str]:
    return (f"Of {line[0].lower()}{line[1:]}" if line.startswith("Type:") else f"  {line}" for line in _lines(query))


def _series(series: Sequence[Entity], word: str) -> Iterator[str]:
    letters = word == "Series" and len(series) > 1
    for index, entity in enumerate(series[:_MOST_SERIES]):
        mark = f" {chr(65 + index) if letters else index + 1}" if len(series) > 1 else ""
        conditions = [*entity.properties, *entity.fixedProperties]
        where = f" where {filter_text(conditions)}" if conditions else ""
        math = f", {math_text(entity)}" if word == "Series" or entity.math else ""
        optional = ", optional" if entity.optionalInFunnel else ""
        yield f"{word}{mark}: {quote(raw_name(entity))}{math}{optional}{where}"
    if len(series) > _MOST_SERIES:
        yield f"... and {len(series) - _MOST_SERIES} more"


def _common(query: InsightQuery, interval: str | None, breakdown: BreakdownFilter | None) -> Iterator[str]:
    properties: Sequence[PropertyFilter] | PropertyFilterRoot = query.properties
    if filter_text(properties):
        yield f"Filters: {filter_text(properties)}"
    if query.filterTestAccounts:
        yield "Filters: without internal and test users"
    keys = breakdown_keys(breakdown)
    if keys:
        yield f"Breakdown: {', '.join(f'{quote(key)} ({kind})' for key, kind in keys)}"
    if query.aggregation_group_type_index is not None:
        yield f"Counted by: group type {query.aggregation_group_type_index}"
    if interval:
        yield f"Interval: {interval}"
    if query.dateRange.date_from or not isinstance(query, RetentionQuery):
        yield f"Period: {period_text(query.dateRange.date_from, query.dateRange.date_to)}"
    if isinstance(query, TrendsQuery | FunnelsQuery | StickinessQuery) and query.compareFilter.compare:
        to = query.compareFilter.compare_to
        yield f"Compare: {quote(to) if to else 'previous period'}"


def formulas_of(query: TrendsQuery) -> list[tuple[str, str | None]]:
    """Return the formulas that count, each with its own name: the newest way of giving them wins."""
    shown = query.trendsFilter
    if shown.formulaNodes:
        return [(node.formula, node.custom_name) for node in shown.formulaNodes]
    given = shown.formulas or ([shown.formula] if shown.formula else [])
    return [(formula, None) for formula in given if formula]


def breakdown_keys(breakdown: BreakdownFilter | None) -> list[tuple[str, str]]:
    """Return what a query is broken down by, each with its type."""
    if breakdown is None:
        return []
    if breakdown.breakdowns:
        return [(str(item.property), item.type or "event") for item in breakdown.breakdowns]
    given = breakdown.breakdown
    keys = given if isinstance(given, list) else [] if given is None else [given]
    return [(str(key), breakdown.breakdown_type) for key in keys]
