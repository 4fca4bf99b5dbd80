"""The statement of a lifecycle query: actors with their active intervals, each interval with its status.

An interval's number and a status make one whole number, so that counting groups by one column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import MAX_BUCKETS
from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import QueryDates, resolve_dates, start_of
from insights_mcp.local.queries.entities import match_entity, match_name
from insights_mcp.local.queries.expressions import compare, constant, field
from insights_mcp.local.queries.insight_events import actor_field, match_actor, match_query, over_events
from insights_mcp.local.queries.positions import Positions, later
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.entities import Series
from insights_mcp.schema.lifecycle import LifecycleQuery, LifecycleStatus

# In the order of the results. A code is so many times an interval's number, plus the place of the status.
STATUSES: Sequence[LifecycleStatus] = ("new", "returning", "resurrecting", "dormant")

_ACTIVE = "SELECT {actor} AS actor, arraySort(groupUniqArray({position})) AS positions FROM events GROUP BY actor"
# `born` is the interval the actor was created in, -1 when that was before the first one.
_BORN = """
SELECT active.actor AS actor, active.positions AS positions, if(known.created_at >= {first}, {born}, -1) AS born
FROM {active} AS active LEFT JOIN {known} AS known ON active.actor = known.key
"""
_PERSONS = "SELECT id AS key, created_at FROM persons WHERE created_at >= {first} AND created_at < {end}"
_GROUPS = """
SELECT key, created_at FROM groups WHERE index = {index} AND created_at >= {first} AND created_at < {end}
"""
# An interval without activity in the next one makes that one dormant, also the last.
_CODES = """
SELECT
    actor,
    arrayDifference(positions) AS gaps,
    arrayConcat(
        arrayMap(
            (position, gap, nth) ->
                4 * position + multiIf(nth = 1, if(position = {born}, 0, 2), gap = 1, 1, 2),
            positions, gaps, arrayEnumerate(positions)
        ),
        arrayMap(
            position -> 4 * position + 7,
            arrayFilter((position, gap) -> gap != 1, positions, arrayPushBack(arrayPopFront(gaps), 0))
        )
    ) AS codes
FROM {actors}
"""
_COUNTS = "SELECT arrayJoin(codes) AS code, count() AS actors FROM {codes} GROUP BY code"


def plan_lifecycle(query: LifecycleQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises QueryError."""
    select = fill_select(_COUNTS, codes=select_codes(query, context))
    return [Statement(select, label="lifecycle", max_rows=len(STATUSES) * (MAX_BUCKETS + 3))]


def select_codes(query: LifecycleQuery, context: QueryContext) -> ast.SelectQuery:
    """Return the select of `actor` and `codes`, what the actor is in each interval. Raises QueryError."""
    dates = read_dates(query, context)
    positions, end = count_from(dates), end_of(dates)
    if query.lifecycleFilter.onlyUseInsightDates:  # the first activity of the range is that of somebody new
        active = _select_active(query, context, positions, (positions.start_of(1), end))
        return fill_select(_CODES, actors=active, born=field("position"))
    index = query.aggregation_group_type_index
    bounds: Mapping[str, ast.Node] = {"first": constant(positions.first), "end": constant(end)}
    known = fill_select(_PERSONS, **bounds) if index is None else fill_select(_GROUPS, index=constant(index), **bounds)
    actors = fill_select(
        _BORN,
        active=_select_active(query, context, positions, (positions.first, end)),
        known=known,
        born=positions.of(field("known", "created_at")),
        first=constant(positions.first),
    )
    return fill_select(_CODES, actors=actors, born=field("born"))


def read_entity(query: LifecycleQuery) -> Series:
    """Return the one series. Raises QueryError for none, for several, and where it is to count something else."""
    if query.customAggregationTarget:
        raise QueryError(
            "Lifecycle insights count persons or groups; a target of one's own needs a data warehouse series.",
            attr="customAggregationTarget",
        )
    if not query.series:
        raise QueryError("Lifecycle insights require at least one series.", attr="series")
    if len(query.series) > 1:
        raise QueryError("Lifecycle insights take only one series.", attr="series")
    return query.series[0]


def read_dates(query: LifecycleQuery, context: QueryContext) -> QueryDates:
    """Return the dates: days of the week play no part here, exact ones are so to the second. Raises QueryError.

    All time begins with the first event of the series. That runs a query.
    """
    dates = resolve_dates(
        query.dateRange,
        query.interval,
        context,
        is_exact=query.dateRange.explicitDate,
        counted=match_name(read_entity(query), context),
    )
    return replace(dates, weekdays=())


def count_from(dates: QueryDates) -> Positions:
    """Return the numbering of intervals: the one before the range is 0, the first one of the range 1."""
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    return Positions(later(first, dates.interval, -1), dates.interval)


def end_of(dates: QueryDates) -> datetime:
    """Return the end of the last interval."""
    return later(start_of(dates.date_to, dates.interval, dates.week_start_day), dates.interval, 1)


def _select_active(
    query: LifecycleQuery, context: QueryContext, positions: Positions, span: tuple[datetime, datetime]
) -> ast.SelectQuery:
    """Return the actors with the numbers of the intervals they are active in, of those from a moment to another."""
    index = query.aggregation_group_type_index
    select = fill_select(_ACTIVE, actor=actor_field(index), position=positions.of())
    conditions = [
        compare(field("timestamp"), ">=", constant(span[0])),
        compare(field("timestamp"), "<", constant(span[1])),
        # sent with $process_person_profile false: the activity of nobody
        compare(field("person_mode"), "==", constant("full")),
        match_entity(read_entity(query), context),
        match_query(query, context),
        match_actor(index),
    ]
    return over_events(select, query, conditions)
