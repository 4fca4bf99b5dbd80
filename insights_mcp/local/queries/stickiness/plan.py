"""The statements of a stickiness query: one per run, actors grouped by their number of active intervals."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.buckets import MAX_BUCKETS
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.dates import QueryDates, start_of
from insights_mcp.local.queries.entities import match_entity
from insights_mcp.local.queries.expressions import compare, constant
from insights_mcp.local.queries.insight_events import actor_field, match_actor, match_dates, match_query, over_events
from insights_mcp.local.queries.positions import Positions
from insights_mcp.local.queries.stickiness.runs import Run, plan_runs
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.local.queries.written import parse_written
from insights_mcp.schema.entities import Series
from insights_mcp.schema.stickiness import StickinessCriteria, StickinessOperator, StickinessQuery

_ACTORS = "SELECT {actor} AS actor, length(groupUniqArray({position})) AS intervals FROM events GROUP BY actor"
# An interval counts with so many events only.
_BUSY = """
SELECT {actor} AS actor, {position} AS position FROM events GROUP BY actor, position HAVING {has_enough}
"""
_BUSY_ACTORS = "SELECT actor, count() AS intervals FROM {busy} GROUP BY actor"
# count(actor) leaves out the null that an expression may give
_COUNTS = "SELECT intervals, count(actor) AS actors FROM {actors} GROUP BY intervals ORDER BY intervals"
_COMPARISONS: Mapping[StickinessOperator, ast.CompareOp] = {"gte": ">=", "lte": "<=", "exact": "=="}


def plan_stickiness(query: StickinessQuery, context: QueryContext) -> Sequence[Statement]:
    """Return one statement per run. Raises QueryError."""
    plan = plan_runs(query, context)
    return [
        Statement(
            fill_select(_COUNTS, actors=select_intervals(query, run, plan.current, context)),
            label=f"series {run.order + 1}, {run.period}",
            max_rows=MAX_BUCKETS,
        )
        for run in plan.runs
    ]


def select_intervals(query: StickinessQuery, run: Run, current: QueryDates, context: QueryContext) -> ast.SelectQuery:
    """Return the select of `actor` and the number of `intervals` each came in. Raises QueryError."""
    holes: Mapping[str, ast.Node] = {
        "actor": _actor(run.entity),
        "position": _position(query, run.dates, current),
    }
    where = [
        match_dates(run.dates),
        match_entity(run.entity, context),
        match_query(query, context),
        match_actor(group_index(run.entity)),
    ]
    criteria = query.stickinessFilter.stickinessCriteria
    if criteria is None or (criteria.operator == "gte" and criteria.value <= 1):
        return over_events(fill_select(_ACTORS, **holes), query, where)
    busy = over_events(fill_select(_BUSY, **holes, has_enough=_has_enough(criteria)), query, where)
    return fill_select(_BUSY_ACTORS, busy=busy)


def compare_number(number: ast.Expr, operator: StickinessOperator, value: int) -> ast.Expr:
    """Return the comparison of a number by a stickiness operator."""
    return compare(number, _COMPARISONS[operator], constant(value))


def group_index(entity: Series) -> int | None:
    """Return the type of group that acts instead of persons, None for persons."""
    return entity.math_group_type_index if entity.math == "unique_group" else None


def _actor(entity: Series) -> ast.Expr:
    if entity.math == "hogql" and entity.math_hogql is not None:
        return parse_written(entity.math_hogql)
    return actor_field(group_index(entity))


def _position(query: StickinessQuery, dates: QueryDates, current: QueryDates) -> ast.Expr:
    """Return the number of an event's interval; with `intervalCount` counted back from the end of the current range."""
    if query.intervalCount is None:
        return Positions(start_of(dates.date_from, dates.interval, dates.week_start_day), dates.interval).of()
    return parse_expr(
        "intDiv(age({interval}, timestamp, {end}), {count})",
        {
            "interval": constant(query.interval),
            "end": constant(current.upper),
            "count": constant(query.intervalCount),
        },
    )


def _has_enough(criteria: StickinessCriteria) -> ast.Expr:
    return compare_number(parse_expr("count()"), criteria.operator, criteria.value)
