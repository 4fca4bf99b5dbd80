"""The runs of a trends query: one per series, period and, for cohort breakdowns, cohort.

Without cohorts: every series of the current period, then every series of the previous one. A list of cohorts is run
cohort by cohort inside each period.
"""

from dataclasses import dataclass
from typing import Literal

from insights_mcp.local.queries.breakdowns import WORLD_MAP_LIMIT, Breakdown, read_breakdown
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.entities import find_action, match_any_name
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.local.queries.trends.displays import check_query, is_compared, is_exact, is_total_value
from insights_mcp.schema.dates import Interval
from insights_mcp.schema.entities import ActionsNode, Series
from insights_mcp.schema.trends import TrendsQuery

Period = Literal["current", "previous"]


@dataclass(frozen=True)
class Run:
    """One statement's worth of a trends query. `cohort` is set when the run answers for one cohort only."""

    entity: Series
    order: int
    period: Period
    dates: QueryDates
    cohort: int | str | None = None


@dataclass(frozen=True)
class TrendsPlan:
    """What planning and shaping both start from."""

    current: QueryDates
    previous: QueryDates | None
    breakdown: Breakdown | None
    runs: tuple[Run, ...]


def plan_runs(query: TrendsQuery, context: QueryContext) -> TrendsPlan:
    """Return the runs in the order of the results. Series of actions that do not exist have none. Raises QueryError."""
    check_query(query)
    interval = "day" if is_total_value(query) else query.interval
    current = read_dates(query, interval, context)
    previous = None
    if is_compared(query):
        previous = compared_dates(read_dates(query, query.interval, context), query.compareFilter, context)
    limit = WORLD_MAP_LIMIT if query.trendsFilter.display == "WorldMap" else None
    breakdown = read_breakdown(query.breakdownFilter, context, limit=limit)
    cohorts: tuple[int | str | None, ...] = breakdown.cohorts if breakdown and breakdown.cohorts else (None,)
    periods: list[tuple[Period, QueryDates]] = [("current", current)]
    periods += [("previous", previous)] if previous else []
    runs = tuple(
        Run(entity, order, period, dates, cohort)
        for period, dates in periods
        for cohort in cohorts
        for order, entity in enumerate(query.series)
        if exists(entity, context)
    )
    return TrendsPlan(current, previous, breakdown, runs)


def read_dates(query: TrendsQuery, interval: Interval, context: QueryContext) -> QueryDates:
    """Return the current period; all time begins with the first event of any series. Raises QueryError."""
    counted = match_any_name(query.series, context) if query.dateRange.date_from == "all" else None
    return resolve_dates(query.dateRange, interval, context, is_exact=is_exact(query), counted=counted)


def exists(entity: Series, context: QueryContext) -> bool:
    """Return whether there is something to count: an action may have been deleted."""
    return not isinstance(entity, ActionsNode) or find_action(entity.id, context) is not None
