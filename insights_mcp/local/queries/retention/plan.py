"""The statements of a retention query: one, or one per cohort of a cohort breakdown.

A row of theirs is a cell of the table: how many actors started in a row and came back in a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.breakdowns import ALL_USERS, DEFAULT_LIMIT, EXPORT_LIMIT, BreakdownItem, read_breakdown
from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.expressions import field
from insights_mcp.local.queries.retention.grid import Grid, read_grid
from insights_mcp.local.queries.retention.limits import MAX_CELLS, check_cells
from insights_mcp.local.queries.retention.numbers import select_numbers
from insights_mcp.local.queries.retention.question import Question
from insights_mcp.local.queries.retention.returns import select_returns
from insights_mcp.local.queries.retention.rules import check_modes, has_numbers
from insights_mcp.local.queries.retention.windows import select_windows
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.retention import RetentionQuery

_COUNTS = """
SELECT {value} start, arrayJoin({{offsets}}) AS offset, count() AS actors
FROM {{actors}} GROUP BY {value} start, offset ORDER BY {value} start, offset
"""
_SUMS = """
SELECT {value} start, cell.1 AS offset, count() AS actors, sum(cell.2) AS total
FROM (SELECT {value} start, arrayJoin(cells) AS cell FROM {{actors}})
GROUP BY {value} start, offset ORDER BY {value} start, offset
"""
# Whoever comes back is there in all columns before, too.
_CUMULATED = "range(0, arrayMax(offsets) + 1)"


@dataclass(frozen=True)
class RetentionPlan:
    """What planning and shaping both start from. `limit` is how many breakdown values are shown."""

    grid: Grid
    item: BreakdownItem | None
    cohorts: tuple[int | str, ...]
    limit: int

    @property
    def is_broken_down(self) -> bool:
        """Whether rows bear breakdown values."""
        return self.item is not None or bool(self.cohorts)


def read_plan(query: RetentionQuery, context: QueryContext) -> RetentionPlan:
    """Return the plan. Only the first of several `breakdowns` counts, as upstream. Raises QueryError."""
    check_modes(query.retentionFilter)
    grid = read_grid(query, context)
    breakdown = read_breakdown(query.breakdownFilter, context)
    if breakdown is None or query.breakdownFilter is None:
        check_cells(grid.rows * grid.columns, 1)
        return RetentionPlan(grid, None, (), 0)
    if isinstance(query.breakdownFilter.breakdown, list) and len(breakdown.items) > 1 and not breakdown.cohorts:
        raise QueryError("A retention is broken down by one property, not by several.", attr="breakdownFilter")
    # unlike in other insights, a list of cohorts may be longer than what is shown of it
    given = query.breakdownFilter.breakdown_limit
    limit = (EXPORT_LIMIT if context.is_export else DEFAULT_LIMIT) if given is None else max(given, 0)
    check_cells(grid.rows * grid.columns, limit + 1)
    by_cohort = [item for item in breakdown.items if item.type == "cohort"]
    cohorts = breakdown.cohorts or tuple(_read_cohort(item.property) for item in by_cohort)
    return RetentionPlan(grid, None if cohorts else _as_it_is(breakdown.items[0]), cohorts, limit)


def plan_retention(query: RetentionQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statements. Raises QueryError."""
    plan = read_plan(query, context)
    value = "value," if plan.item is not None else ""
    return [
        Statement(_select_cells(Question(query, plan.grid, plan.item, cohort, context), value), max_rows=MAX_CELLS)
        for cohort in plan.cohorts or (None,)
    ]


def select_actors_with_returns(question: Question) -> ast.SelectQuery:
    """Return the actors with their starts and, in `offsets`, the columns they came back in. Raises QueryError."""
    if question.is_windowed:
        return select_windows(question)
    return select_returns(question)


def _select_cells(question: Question, value: str) -> ast.SelectQuery:
    if has_numbers(question.asked):
        return fill_select(_SUMS.format(value=value), actors=select_numbers(question))
    offsets = parse_expr(_CUMULATED) if question.asked.cumulative else field("offsets")
    return fill_select(_COUNTS.format(value=value), actors=select_actors_with_returns(question), offsets=offsets)


def _as_it_is(item: BreakdownItem) -> BreakdownItem:
    """Return the item without what upstream's retention does not do to its values: URLs stay as they are."""
    return replace(item, normalizes_url=False, cleans_path=False)


def _read_cohort(given: str) -> int | str:
    if given in (ALL_USERS, "0"):
        return ALL_USERS
    if not given.isdecimal():
        raise QueryError(f"A cohort breakdown needs cohort numbers or 'all', not '{given}'.", attr="breakdownFilter")
    return int(given)
