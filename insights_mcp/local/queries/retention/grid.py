"""The rows and columns of a retention table: cohorts by when they started, and how much later they came back."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from dateutil.relativedelta import relativedelta

from insights_mcp.local.queries.context import DateSpan, QueryContext
from insights_mcp.local.queries.dates import FINE_INTERVALS, resolve_dates, start_of
from insights_mcp.local.queries.positions import Positions, later
from insights_mcp.local.queries.retention.limits import check_intervals, check_rows
from insights_mcp.schema.dates import Interval
from insights_mcp.schema.retention import RetentionQuery

# What the runner takes for a number of intervals that is zero.
DEFAULT_INTERVALS = 7


@dataclass(frozen=True)
class Grid:
    """The table's shape. `end` is not part of the range; `brackets` are the sizes of custom columns."""

    first: datetime
    end: datetime
    interval: Interval
    intervals: int
    rows: int
    brackets: tuple[int, ...] = ()

    @property
    def columns(self) -> int:
        """How many columns there are, the one of the start included."""
        return len(self.brackets) + 1 if self.brackets else self.intervals

    @property
    def reach(self) -> int:
        """How many intervals a row looks at, its own included."""
        return sum(self.brackets) or self.intervals

    @property
    def positions(self) -> Positions:
        """The numbering of the rows."""
        return Positions(self.first, self.interval)

    @property
    def span(self) -> DateSpan:
        """The range, as the response shows it."""
        return DateSpan(self.first, self.end)

    @property
    def period(self) -> str:
        """What an interval is called."""
        return self.interval.title()

    def date_of(self, row: int) -> datetime:
        """Return when a row starts, by the clock on the wall."""
        return _wall_clock_later(self.first, self.interval, row)

    def labels(self) -> list[str]:
        """Return the labels of the columns: `Day 0`, `Day 1`; with brackets `Day 1-3`."""
        if not self.brackets:
            return [f"{self.period} {column}" for column in range(self.columns)]
        labels, start = [f"{self.period} 0"], 1
        for size in self.brackets:
            end = start + size - 1
            labels.append(f"{self.period} {start}" if start == end else f"{self.period} {start}-{end}")
            start += size
        return labels


def read_grid(query: RetentionQuery, context: QueryContext) -> Grid:
    """Return the table's shape. Raises QueryError."""
    asked = query.retentionFilter
    interval = cast(Interval, asked.period.lower())
    brackets = tuple(int(size) for size in asked.retentionCustomBrackets or ())
    check_intervals(asked, brackets)
    intervals = asked.totalIntervals or DEFAULT_INTERVALS
    dates = resolve_dates(query.dateRange, interval, context)
    start_day = dates.week_start_day
    end = start_of(_wall_clock_later(dates.date_to, interval, 1), interval, start_day)
    given = query.dateRange.date_from
    first = start_of(dates.date_from if given else _wall_clock_later(end, interval, -intervals), interval, start_day)
    rows = _count_rows(first, end, interval)
    # on the day that the clocks go back there is an hour more than there are rows
    shown_end = min(end, later(first, interval, rows)) if interval in FINE_INTERVALS else end
    return Grid(first, shown_end, interval, intervals, rows, brackets)


def _count_rows(first: datetime, end: datetime, interval: Interval) -> int:
    rows = 0
    while _wall_clock_later(first, interval, rows) < end:
        rows += 1
        check_rows(rows)
    return rows


def _wall_clock_later(moment: datetime, interval: Interval, count: int) -> datetime:
    # sums of aware moments are sums on the wall clock; unlike `later` this counts 24 hours for every day
    return moment + relativedelta(**{f"{interval}s": count})  # type: ignore[arg-type]  # one of relativedelta's keys
