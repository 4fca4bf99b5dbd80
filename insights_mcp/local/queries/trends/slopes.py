"""The SlopeGraph display: each series' first and last interval, of an ordinary time series (PostHog's slope runner).

Only the events of those two intervals are read. There is no period before, and nothing is smoothed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar, cast

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.buckets import next_start
from insights_mcp.local.queries.context import Outcome, QueryContext, Statement
from insights_mcp.local.queries.dates import QueryDates, start_of
from insights_mcp.local.queries.trends.maths import ACTIVE_DAYS, effective_math
from insights_mcp.local.queries.trends.plan import plan_trends
from insights_mcp.local.queries.trends.results import Result
from insights_mcp.local.queries.trends.runs import read_dates
from insights_mcp.local.queries.trends.shape import shape_trends
from insights_mcp.schema.dates import CompareFilter
from insights_mcp.schema.filters import Filters, PropertyFilter, PropertyFilterGroup, PropertyFilterRoot
from insights_mcp.schema.trends import TrendsQuery

T = TypeVar("T")


def plan_slopes(query: TrendsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statements of the time series that the slopes are the ends of. Raises QueryError."""
    return plan_trends(_as_time_series(query, context), context)


def shape_slopes(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Outcome:
    """Return the time series' results, of each its first and last point. Raises QueryError."""
    outcome = shape_trends(rows, _as_time_series(query, context), context)
    is_running = _is_running(read_dates(query, query.interval, context), context)
    results = cast(list[Result], outcome.results)
    return replace(outcome, results=[_keep_ends(one, is_running=is_running) for one in results])


def _as_time_series(query: TrendsQuery, context: QueryContext) -> TrendsQuery:
    shown = query.trendsFilter.model_copy(update={"display": "ActionsLineGraph", "smoothingIntervals": 1})
    changes: dict[str, object] = {"trendsFilter": shown, "compareFilter": CompareFilter()}
    # active users look back over the days between the two ends
    if not any(effective_math(series, query.interval) in ACTIVE_DAYS for series in query.series):
        dates = read_dates(query, query.interval, context)
        changes["properties"] = _both(query.properties, _match_ends(dates))
    return query.model_copy(update=changes)


def _match_ends(dates: QueryDates) -> PropertyFilter:
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    last = start_of(dates.date_to, dates.interval, dates.week_start_day)
    begin = (
        f"timestamp >= {_literal(first, dates)} AND timestamp < {_literal(next_start(first, dates.interval), dates)}"
    )
    end = f"timestamp >= {_literal(last, dates)} AND timestamp <= {_literal(dates.date_to, dates)}"
    return PropertyFilter(type="hogql", key=f"({begin}) OR ({end})")


def _literal(moment: datetime, dates: QueryDates) -> str:
    return f"toDateTime('{moment:%Y-%m-%d %H:%M:%S}', '{dates.timezone.key}')"


def _both(given: Filters, more: PropertyFilter) -> Filters:
    if isinstance(given, list):
        return [*given, more]
    groups = [
        PropertyFilterGroup(type=given.type, values=list(given.values)),
        PropertyFilterGroup(type="AND", values=[more]),
    ]
    return PropertyFilterRoot(type="AND", values=groups)


def _is_running(dates: QueryDates, context: QueryContext) -> bool:
    """Return whether the last interval is the one of now, whose events are not all there yet."""
    last = start_of(dates.date_to, dates.interval, dates.week_start_day)
    return last <= context.local_now < next_start(last, dates.interval)


def _keep_ends(result: Result, *, is_running: bool) -> Result:
    kept = result.copy()
    kept["data"] = _ends(result["data"] or [])
    kept["labels"] = _ends(result["labels"])
    kept["days"] = _ends(result["days"])
    kept["incomplete_end"] = is_running
    return kept


def _ends(values: list[T]) -> list[T]:
    return [values[0], values[-1]] if len(values) > 1 else values
