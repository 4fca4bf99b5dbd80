"""The intervals of a time series: their SQL key, their `days` text and their label (facts/queries.md 1.0).

A day and anything longer is keyed by its date. An hour and anything shorter is keyed by the Unix time of its start,
because a clock time comes twice on the day the clocks go back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.dates import FINE_INTERVALS, ONE_INTERVAL, QueryDates, start_of
from insights_mcp.local.queries.expressions import call, field
from insights_mcp.schema.dates import Interval

MAX_BUCKETS = 100_000
_SECONDS = {"minute": 60, "hour": 3600}
_START_FUNCTIONS: dict[Interval, str] = {
    "minute": "toStartOfMinute",
    "hour": "toStartOfHour",
    "day": "toDate",
    "week": "toStartOfWeek",
    "month": "toStartOfMonth",
    "quarter": "toStartOfQuarter",
    "year": "toStartOfYear",
}

Key = date | int


@dataclass(frozen=True)
class Bucket:
    """One interval: the key its rows carry, and its start on the project's clock."""

    key: Key
    start: datetime


def bucket_expr(interval: Interval, moment: ast.Expr | None = None) -> ast.Expr:
    """Return the expression whose value is the key of the interval an event is in."""
    start = call(_START_FUNCTIONS[interval], moment or field("timestamp"))
    return call("toUnixTimestamp", start) if interval in FINE_INTERVALS else start


def list_buckets(dates: QueryDates) -> list[Bucket]:
    """Return every interval from the one of date_from to the one of date_to. Raises QueryError for too many."""
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    last = start_of(dates.date_to, dates.interval, dates.week_start_day)
    if _estimate(first, last, dates.interval) > MAX_BUCKETS:
        raise QueryError(
            f"This date range has more than {MAX_BUCKETS:,} intervals. Choose a shorter range or a longer interval.",
            attr="interval",
        )
    if dates.interval in FINE_INTERVALS:
        return _list_instants(first, last, dates)
    return [
        Bucket(start.date(), start)
        for start in _list_starts(first, last, _step(dates.interval))
        if _has_weekday(start, dates)
    ]


def list_starts(dates: QueryDates) -> list[datetime]:
    """Return the start of every interval by the clock on the wall, as `action.days` shows them."""
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    starts = _list_starts(first, dates.date_to, _step(dates.interval))
    return [start for start in starts if _has_weekday(start, dates)]


def next_start(start: datetime, interval: Interval) -> datetime:
    """Return the start of the interval after the one that starts here, by the clock on the wall."""
    return start + _step(interval)


def print_days(buckets: Sequence[Bucket], interval: Interval) -> list[str]:
    """Return the `days` of a series."""
    form = "%Y-%m-%d %H:%M:%S" if interval in FINE_INTERVALS else "%Y-%m-%d"
    return [bucket.start.strftime(form) for bucket in buckets]


def print_labels(buckets: Sequence[Bucket], dates: QueryDates) -> list[str]:
    """Return the `labels` of a series. A week shows its days inside the range."""
    if dates.interval == "week":
        return [_print_week(bucket.start.date(), dates) for bucket in buckets]
    return [_print_label(bucket.start, dates.interval) for bucket in buckets]


def _print_label(start: datetime, interval: Interval) -> str:
    month = start.strftime("%b")
    if interval in FINE_INTERVALS:
        return f"{start.day}-{month} {start:%H:%M}"
    if interval == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    if interval == "year":
        return str(start.year)
    return f"{month} {start.year}" if interval == "month" else f"{start.day}-{month}-{start.year}"


def _print_week(start: date, dates: QueryDates) -> str:
    first = max(start, dates.date_from.date())
    last = max(min(start + timedelta(days=6), dates.date_to.date()), first)
    if first == last:
        return f"{first.day}-{first:%b}-{first.year}"
    if first.year != last.year:
        return f"{first.day}-{first:%b}-{first.year} – {last.day}-{last:%b}-{last.year}"
    if first.month != last.month:
        return f"{first.day}-{first:%b} – {last.day}-{last:%b}"
    return f"{first.day}–{last.day} {last:%b}"


def _list_instants(first: datetime, last: datetime, dates: QueryDates) -> list[Bucket]:
    step = _SECONDS[dates.interval]
    start, end = int(first.timestamp()), int(last.timestamp())
    return [
        Bucket(moment, datetime.fromtimestamp(moment, UTC).astimezone(dates.timezone))
        for moment in range(start, end + 1, step)
    ]


def _list_starts(first: datetime, last: datetime, step: relativedelta) -> list[datetime]:
    starts, start = [], first
    while start <= last:
        starts.append(start)
        start += step
    return starts


def _step(interval: Interval) -> relativedelta:
    return ONE_INTERVAL[interval]


def _estimate(first: datetime, last: datetime, interval: Interval) -> float:
    return (last - first).total_seconds() / _SECONDS.get(interval, 86400)


def _has_weekday(start: datetime, dates: QueryDates) -> bool:
    return not (dates.weekdays and dates.interval == "day") or start.isoweekday() in dates.weekdays
