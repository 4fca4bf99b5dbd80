"""The runs of a stickiness query: for each series the current period, and then the one it is compared with."""

from dataclasses import dataclass
from typing import Literal

from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.entities import find_action
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.schema.entities import ActionsNode, Series
from insights_mcp.schema.stickiness import StickinessQuery

Period = Literal["current", "previous"]
MAX_INTERVAL_COUNT = 365


@dataclass(frozen=True)
class Run:
    """One statement's worth of a stickiness query."""

    entity: Series
    order: int
    period: Period
    dates: QueryDates


@dataclass(frozen=True)
class StickinessPlan:
    """What planning and shaping both start from."""

    current: QueryDates
    previous: QueryDates | None
    runs: tuple[Run, ...]


def plan_runs(query: StickinessQuery, context: QueryContext) -> StickinessPlan:
    """Return the runs in the order of the results. Series of actions that do not exist have none. Raises QueryError."""
    if not query.series:
        raise QueryError("Stickiness insights require at least one series.", attr="series")
    if query.intervalCount and query.intervalCount > MAX_INTERVAL_COUNT:
        raise QueryError(f"intervalCount cannot exceed {MAX_INTERVAL_COUNT}.", attr="intervalCount")
    is_exact = query.dateRange.explicitDate
    current = resolve_dates(query.dateRange, query.interval, context, is_exact=is_exact)
    periods: list[tuple[Period, QueryDates]] = [("current", current)]
    if query.compareFilter.compare:
        periods.append(("previous", compared_dates(current, query.compareFilter, context)))
    runs = tuple(
        Run(entity, order, period, dates)
        for order, entity in enumerate(query.series)
        if _exists(entity, context)
        for period, dates in periods
    )
    return StickinessPlan(current, periods[1][1] if len(periods) > 1 else None, runs)


def _exists(entity: Series, context: QueryContext) -> bool:
    return not isinstance(entity, ActionsNode) or find_action(entity.id, context) is not None
