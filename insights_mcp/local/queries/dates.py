"""Which time a query looks at: its bounds on the project's clock, rounded as its interval asks (facts/queries.md 1.0).

Bounds enter SQL at second precision and inclusive, so an event in the last second's fraction falls out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import DateSpan, QueryContext, QueryError, Statement
from insights_mcp.local.queries.expressions import alias, all_of, call, compare, constant, field, from_table
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.dates import DateRange, Interval

DEFAULT_DAYS = 7
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
# Of the events that a series counts also older ones are believed.
EARLIEST_COUNTED = datetime(1980, 1, 1, tzinfo=UTC)
_NOTHING_GIVEN = DateRange()
FINE_INTERVALS = ("minute", "hour")
ONE_INTERVAL: Mapping[Interval, relativedelta] = {
    "minute": relativedelta(minutes=1),
    "hour": relativedelta(hours=1),
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


@dataclass(frozen=True)
class QueryDates:
    """The resolved dates of a query. `delta_from`, `delta_to` are None where the given date was absolute or absent."""

    date_from: datetime
    date_to: datetime
    interval: Interval
    timezone: ZoneInfo
    week_start_day: int = 0
    interval_count: int = 1
    is_aligned: bool = True
    weekdays: tuple[int, ...] = ()
    delta_from: Mapping[str, int] | None = None
    delta_to: Mapping[str, int] | None = None
    given: DateRange = _NOTHING_GIVEN

    @property
    def span(self) -> DateSpan:
        """Both ends, as the response shows them."""
        return DateSpan(self.date_from, self.date_to)

    @property
    def lower(self) -> datetime:
        """The earliest moment an event may have: the interval's start where the range is aligned to it.

        A week and anything longer is aligned to its day only, so that a range's first bucket is partial. For months
        this is PostHog's newer rule; facts/queries.md 1.0 has them begin on their first day.
        """
        if not self.is_aligned:
            return drop_fraction(self.date_from)
        unit: Interval = self.interval if self.interval in FINE_INTERVALS else "day"
        return start_of(self.date_from, unit, self.week_start_day)

    @property
    def upper(self) -> datetime:
        """The latest moment an event may have."""
        return drop_fraction(self.date_to)


def resolve_dates(
    date_range: DateRange | None,
    interval: Interval,
    context: QueryContext,
    *,
    interval_count: int = 1,
    is_exact: bool = False,
    counted: ast.Expr | None = None,
) -> QueryDates:
    """Resolve a date range. `is_exact` takes relative dates to the second, as `explicitDate` asks for.

    `all` begins with the project's first event, or with the first one that is `counted` where that condition is given.
    Raises QueryError for several weeks as one interval.
    """
    date_range = date_range or DateRange()
    if interval == "hour" and interval_count > 1:  # ClickHouse counts several hours from midnight of each day
        interval, interval_count = "minute", interval_count * 60
    if interval == "week" and interval_count > 1:
        raise QueryError("An interval of several weeks is not supported.")
    date_from, delta_from = _resolve_from(date_range, interval, context, counted, is_exact=is_exact)
    date_to, delta_to = _resolve_to(date_range, interval, context, is_exact=is_exact)
    if date_range.excludeIncompletePeriods:
        date_from, date_to = _keep_whole_intervals(date_from, date_to, interval, context)
    return QueryDates(
        date_from=date_from,
        date_to=date_to,
        interval=interval,
        interval_count=interval_count,
        timezone=context.timezone,
        week_start_day=context.team.week_start_day,
        is_aligned=_is_aligned(date_range, interval, delta_from, is_exact=is_exact),
        weekdays=tuple(sorted(set(date_range.daysOfWeek or ()))),
        delta_from=delta_from,
        delta_to=delta_to,
        given=date_range,
    )


def start_of(moment: datetime, interval: Interval, week_start_day: int) -> datetime:
    """Return the start of the interval that holds a moment, by the clock on the wall."""
    floor = moment.replace(second=0, microsecond=0)
    if interval == "minute":
        return floor
    floor = floor.replace(minute=0)
    if interval == "hour":
        return floor
    floor = floor.replace(hour=0, fold=0)
    if interval == "week":
        days_in = floor.weekday() if week_start_day == 1 else floor.isoweekday() % 7
        return floor - timedelta(days=days_in)
    if interval == "quarter":
        return floor.replace(month=floor.month - (floor.month - 1) % 3, day=1)
    if interval == "year":
        return floor.replace(month=1, day=1)
    return floor.replace(day=1) if interval == "month" else floor


def drop_fraction(moment: datetime) -> datetime:
    """Return the moment at the precision of seconds; a clock time that comes twice means its first coming."""
    return moment.replace(microsecond=0, fold=0)


def find_earliest(context: QueryContext, counted: ast.Expr | None = None) -> datetime:
    """Return the time of the project's first event, or of the first one `counted`; 2015 without any. Runs a query."""
    is_late = compare(field("timestamp"), ">", constant(EARLIEST if counted is None else EARLIEST_COUNTED))
    first = call("toUnixTimestamp", call("min", field("timestamp")))
    select = ast.SelectQuery(
        select=[alias("earliest", first)],
        select_from=from_table("events"),
        where=is_late if counted is None else all_of([is_late, counted]),
    )
    rows = context.fetch(Statement(select, label="earliest event")).rows
    seconds = rows[0][0] if rows else None
    moment = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else EARLIEST
    return moment.astimezone(context.timezone)


def _resolve_from(
    date_range: DateRange, interval: Interval, context: QueryContext, counted: ast.Expr | None, *, is_exact: bool
) -> tuple[datetime, Mapping[str, int] | None]:
    if date_range.date_from == "all":
        return find_earliest(context, counted), {}
    if date_range.date_from is None:
        return start_of(context.local_now, "day", 0) - timedelta(days=DEFAULT_DAYS), None
    truncate = not (interval == "minute" or is_exact)
    moment = parse_moment(
        date_range.date_from,
        context.timezone,
        context.now,
        truncate=truncate,
        week_start_day=context.team.week_start_day,
    )
    return moment.at, moment.delta


def _resolve_to(
    date_range: DateRange, interval: Interval, context: QueryContext, *, is_exact: bool
) -> tuple[datetime, Mapping[str, int] | None]:
    at, delta = context.local_now, None
    if date_range.date_to:
        week_start_day = context.team.week_start_day
        moment = parse_moment(date_range.date_to, context.timezone, context.now, week_start_day=week_start_day)
        at, delta = moment.at, moment.delta
    elif is_exact:
        return at, None
    if date_range.explicitDate:
        return at, delta
    if interval not in FINE_INTERVALS:
        return at.replace(hour=23, minute=59, second=59, microsecond=999999), delta
    if date_range.date_to and delta is None:
        return at, delta
    at = at.replace(second=59, microsecond=999999)
    return (at.replace(minute=59) if interval == "hour" else at), delta


def _keep_whole_intervals(
    date_from: datetime, date_to: datetime, interval: Interval, context: QueryContext
) -> tuple[datetime, datetime]:
    """Return the range without a first interval that began before it and a last one that is still going on.

    The whole range where nothing would be left of it.
    """
    week_start_day = context.team.week_start_day
    first = start_of(date_from, interval, week_start_day)
    if first < date_from:
        first += ONE_INTERVAL[interval]
    last = min(date_to, start_of(context.local_now, interval, week_start_day) - timedelta(microseconds=1))
    return (first, last) if first <= last else (date_from, date_to)


def _is_aligned(date_range: DateRange, interval: Interval, delta: Mapping[str, int] | None, *, is_exact: bool) -> bool:
    if is_exact:
        return False
    if date_range.date_from is None:
        return True
    if date_range.explicitDate:
        return False
    if delta is None:
        return True
    return interval not in FINE_INTERVALS and not (interval == "day" and "hours" in delta)
