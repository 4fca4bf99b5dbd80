"""Who is behind a point of a trend: its actors, and the events they are there for (facts/queries.md 1.9)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from dateutil.parser import isoparse
from dateutil.relativedelta import relativedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import ALL_USERS, OTHER, BreakdownItem, is_boolean, raw_value, text_value
from insights_mcp.local.queries.buckets import next_start
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.dates import FINE_INTERVALS, QueryDates, drop_fraction, resolve_dates
from insights_mcp.local.queries.expressions import (
    TRUE,
    alias,
    all_of,
    any_of,
    call,
    compare,
    constant,
    field,
    from_select,
)
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.local.queries.trends.displays import is_total_value
from insights_mcp.local.queries.trends.maths import ACTIVE_DAYS, FIRST_TIME_MATHS, group_index
from insights_mcp.local.queries.trends.question import Question
from insights_mcp.local.queries.trends.runs import Run, plan_runs
from insights_mcp.schema.dates import Interval
from insights_mcp.schema.entities import Series
from insights_mcp.schema.events import InsightActorsQuery
from insights_mcp.schema.trends import TrendsQuery

# What a histogram once called the bin of everything that is in no other.
ANY_NUMBER = '["",""]'
_TRUTHS = {"true": ("true", "1"), "false": ("false", "0")}


def select_actors(asked: InsightActorsQuery, context: QueryContext) -> ast.SelectQuery:
    """Return the query for the actors behind a point, with their events' number and distinct ids. Raises QueryError."""
    point = _open_point(asked, context)
    events = point.select_firsts() if point.is_first_time else point.select_events()
    columns = [alias("actor_id", field("actor_id")), alias("event_count", call("count"))]
    if point.group_index is None:
        ids = call("arraySort", call("groupUniqArray", field("distinct_id")))
        columns.append(alias("event_distinct_ids", ids))
    if asked.includeRecordings:
        event = ast.Tuple(exprs=[field(name) for name in ("timestamp", "uuid", "$session_id", "$window_id")])
        columns.append(alias("matching_events", call("groupUniqArray", event, params=[constant(100)])))
    if not point.is_first_time:
        columns.append(alias("last_seen", call("max", field("timestamp"))))
    return ast.SelectQuery(select=columns, select_from=from_select(events), group_by=[field("actor_id")])


def match_events(asked: InsightActorsQuery, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is counted in a point. Raises QueryError."""
    point = _open_point(asked, context)
    if not point.is_first_time:
        return point.condition
    firsts = ast.SelectQuery(select=[field("uuid")], select_from=from_select(point.select_firsts()))
    return compare(field("uuid"), "in", firsts)


def actors_group_index(asked: InsightActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons. Raises QueryError."""
    return group_index(_series(cast(TrendsQuery, asked.source), asked.series or 0))


@dataclass(frozen=True)
class _Point:
    """One point of a trend: a run of the query, and from when to when."""

    question: Question
    start: datetime
    end: datetime
    includes_end: bool
    value: ast.Expr
    with_sessions: bool

    @property
    def is_first_time(self) -> bool:
        return self.question.math in FIRST_TIME_MATHS

    @property
    def group_index(self) -> int | None:
        return group_index(self.question.entity)

    @property
    def actor(self) -> ast.Field:
        return field("person_id") if self.group_index is None else field(f"$group_{self.group_index}")

    @property
    def names(self) -> tuple[str, ...]:
        """What else is told of an event beside its time."""
        return ("uuid", "distinct_id", *(("$session_id", "$window_id") if self.with_sessions else ()))

    @property
    def since(self) -> ast.Expr:
        return compare(field("timestamp"), ">=", constant(self.start))

    @property
    def until(self) -> ast.Expr:
        return compare(field("timestamp"), "<=" if self.includes_end else "<", constant(self.end))

    @cached_property
    def condition(self) -> ast.Expr:
        return all_of([self.question.where(self.since, self.until), self.value])

    def select_events(self) -> ast.SelectQuery:
        columns = [alias("actor_id", self.actor), *(alias(name, field(name)) for name in ("timestamp", *self.names))]
        return ast.SelectQuery(select=columns, select_from=self.question.events, where=self.condition)

    def select_firsts(self) -> ast.SelectQuery:
        """Return each actor's first event ever, where it is in the point and passes the filters."""
        question, moment = self.question, field("timestamp")
        conditions = [self.until, question.is_entity]
        if question.math.startswith("first_matching_event"):
            conditions.append(question.passes_filters)
        passes = all_of([self.since, question.passes_filters, self.value])
        firsts = ast.SelectQuery(
            select=[
                alias("actor", self.actor),
                alias("first_timestamp", call("min", moment)),
                alias("first_that_passes", call("minIf", moment, passes)),
                *(alias(f"first_{name}", call("argMin", field(name), moment)) for name in self.names),
            ],
            select_from=question.events,
            where=all_of(conditions),
            group_by=[field("actor")],
        )
        return ast.SelectQuery(
            select=[
                alias("actor_id", field("actor")),
                *(alias(name, field(f"first_{name}")) for name in ("timestamp", *self.names)),
            ],
            select_from=from_select(firsts),
            where=compare(field("first_timestamp"), "==", field("first_that_passes")),
        )


def _open_point(asked: InsightActorsQuery, context: QueryContext) -> _Point:
    query = cast(TrendsQuery, asked.source)
    entity, order = _series(query, asked.series or 0), asked.series or 0
    plan = plan_runs(query, context)
    is_previous = asked.compare == "previous" and plan.previous is not None
    # as upstream, not the numbers' own dates: one number keeps the query's interval, all time is the project's;
    # but not below a day, as a last day without a time would end where it begins
    is_by_day = is_total_value(query) and query.interval in FINE_INTERVALS
    interval: Interval = "day" if is_by_day else query.interval
    current = resolve_dates(query.dateRange, interval, context, is_exact=bool(query.dateRange.explicitDate))
    dates = compared_dates(current, query.compareFilter, context) if is_previous else current
    run = Run(entity, order, "previous" if is_previous else "current", dates)
    items = None
    if plan.breakdown is not None and plan.breakdown.cohorts:
        run = replace(run, cohort=_read_cohort(asked.breakdown))
    elif plan.breakdown is not None:
        items = plan.breakdown
    question = Question(query, run, items, context)
    start, end, includes_end = _period(asked, question, current)
    value = _match_value(asked.breakdown, question)
    return _Point(question, start, end, includes_end, value, with_sessions=bool(asked.includeRecordings))


def _series(query: TrendsQuery, order: int) -> Series:
    if not 0 <= order < len(query.series):
        raise QueryError(f"There is no series {order}: the trend has {len(query.series)}.", attr="series")
    return query.series[order]


def _period(asked: InsightActorsQuery, question: Question, current: QueryDates) -> tuple[datetime, datetime, bool]:
    """Return the start and end of a point, and whether the end is part of it."""
    dates, active_days = question.dates, ACTIVE_DAYS.get(question.math)
    is_explicit = bool(question.query.dateRange.explicitDate)
    if question.is_total_value:
        if asked.day is not None:
            raise QueryError("A `day` is forbidden for trends actors queries with total value aggregation", attr="day")
        start = dates.date_from
        if active_days is not None:
            window_start = dates.date_to - timedelta(days=active_days - 1)
            start = max(start, window_start) if is_explicit else window_start
        return start, dates.date_to, True
    if asked.day is None:
        raise QueryError("A `day` is required for trends actors queries without total value aggregation", attr="day")
    start = _read_day(str(asked.day), question.context)
    if question.run.period == "previous":
        start = _to_previous(start, question, current)
    end, includes_end = next_start(start, dates.interval), False
    if active_days is not None:
        start -= timedelta(days=active_days - 1)
    if is_explicit:
        start = max(start, dates.date_from)
        if dates.date_to < end:
            end, includes_end = dates.date_to, active_days is None
    return start, end, includes_end


def _read_day(text: str, context: QueryContext) -> datetime:
    try:
        day = isoparse(text.replace(" ", "T", 1))
    except (ValueError, OverflowError):
        raise QueryError(f"'{text[:60]}' is not a day of the trend.", attr="day") from None
    return day.replace(tzinfo=context.timezone) if day.tzinfo is None else day.astimezone(context.timezone)


def _to_previous(start: datetime, question: Question, current: QueryDates) -> datetime:
    """Return the start of the same point in the compared period."""
    query, previous = question.query, question.dates
    delta = current.delta_from
    if query.dateRange.date_from is None:
        delta = {"days": 7}
    if query.compareFilter.compare_to is not None or not delta:
        return previous.date_from + (start - current.date_from)
    moved = start - relativedelta(**delta)  # type: ignore[arg-type]  # the keys are relativedelta's own
    return (
        moved if previous.interval in ("hour", "minute") else drop_fraction(moved).replace(hour=0, minute=0, second=0)
    )


def _read_cohort(value: object) -> int | str:
    if value in (None, ALL_USERS, 0, "0"):
        return ALL_USERS
    if not str(value).isdecimal():
        raise QueryError(f"A cohort breakdown's value is a cohort's number or 'all', not '{value}'.", attr="breakdown")
    return int(str(value))


def _match_value(value: str | int | list[str] | None, question: Question) -> ast.Expr:
    """Return the condition that an event has a breakdown value; the rest behind the limit is not told apart."""
    items = question.breakdown.items if question.breakdown else ()
    if value is None or not items:
        return TRUE
    values = value if isinstance(value, list) else [value]
    if len(values) != len(items):
        raise QueryError(f"The breakdown has {len(items)} values, not {len(values)}.", attr="breakdown")
    return all_of(_match_item(str(one), item, question.context) for one, item in zip(values, items, strict=True))


def _match_item(value: str, item: BreakdownItem, context: QueryContext) -> ast.Expr:
    if value == OTHER:
        return TRUE
    if item.bins is not None and value == ANY_NUMBER:
        return TRUE
    if item.bins is not None and value.startswith("["):
        return _match_bin(value, call("toFloat", raw_value(item, context)))
    texts = _TRUTHS.get(value, (value,)) if is_boolean(item, context) else (value,)
    return any_of(compare(text_value(item, context), "==", constant(text)) for text in texts)


def _match_bin(value: str, number: ast.Expr) -> ast.Expr:
    try:
        low, high = (float(end) for end in value.strip("[]").split(","))
    except ValueError:
        raise QueryError(f"'{value[:60]}' is not a bin of the histogram.", attr="breakdown") from None
    if low == high:
        return compare(number, "==", constant(low))
    return all_of([compare(number, ">=", constant(low)), compare(number, "<", constant(high))])
