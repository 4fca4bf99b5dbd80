"""Who is behind a bar of a stickiness insight: the actors that came in so many intervals (facts/queries.md 1.9)."""

from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import field
from insights_mcp.local.queries.stickiness.plan import compare_number, group_index, select_intervals
from insights_mcp.local.queries.stickiness.runs import plan_runs
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.events import InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.stickiness import StickinessOperator, StickinessQuery

_ACTORS = "SELECT actor AS actor_id FROM {actors} WHERE {condition}"


def select_actors(asked: StickinessActorsQuery | InsightActorsQuery, context: QueryContext) -> ast.AnySelect:
    """Return the select of `actor_id`: of all series and periods, or of the one asked for. Raises QueryError."""
    query = cast(StickinessQuery, asked.source)
    plan = plan_runs(query, context)
    runs = [run for run in plan.runs if asked.series in (None, run.order) and asked.compare in (None, run.period)]
    if not runs:
        raise QueryError("There is no such series.", attr="series")
    condition = _condition(asked, query)
    selects = [
        fill_select(_ACTORS, actors=select_intervals(query, run, plan.current, context), condition=condition)
        for run in runs
    ]
    if len(selects) == 1:
        return selects[0]
    others = [ast.SelectSetNode(select_query=one, set_operator="UNION DISTINCT") for one in selects[1:]]
    return ast.SelectSetQuery(initial_select_query=selects[0], subsequent_select_queries=others)


def actors_group_index(asked: StickinessActorsQuery | InsightActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    series = cast(StickinessQuery, asked.source).series
    place = asked.series or 0
    return group_index(series[place]) if place < len(series) else None


def _condition(asked: StickinessActorsQuery | InsightActorsQuery, query: StickinessQuery) -> ast.Expr:
    if asked.day is None:
        return parse_expr("isNotNull(actor)")
    if not str(asked.day).isdecimal():
        raise QueryError(f"The day of a stickiness is a number of intervals, not '{asked.day}'.", attr="day")
    operator: StickinessOperator = "exact"
    if query.stickinessFilter.computedAs == "cumulative":
        operator = "gte"
    elif isinstance(asked, StickinessActorsQuery) and asked.operator is not None:
        operator = asked.operator
    return compare_number(field("intervals"), operator, int(asked.day))
