"""Intervals as whole numbers, counted from a first one: what is kept of an actor's events is a short list of them.

Where the clocks change, days stay days of the calendar and hours stay hours that passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.dates import FINE_INTERVALS, ONE_INTERVAL
from insights_mcp.local.queries.expressions import call, constant, field
from insights_mcp.schema.dates import Interval

_SECONDS = {"minute": 60, "hour": 3600}
_MONTHS: Mapping[Interval, int] = {"month": 1, "quarter": 3, "year": 12}
# Division towards zero: right for every moment since the first interval.
_TEMPLATES: Mapping[Interval, str] = {
    "minute": "intDiv(toUnixTimestamp({moment}) - {first}, 60)",
    "hour": "intDiv(toUnixTimestamp({moment}) - {first}, 3600)",
    "day": "toDate({moment}) - {first}",
    "week": "intDiv(toDate({moment}) - {first}, 7)",
    "month": "toRelativeMonthNum({moment}) - {first}",
    "quarter": "intDiv(toRelativeMonthNum({moment}) - {first}, 3)",
    "year": "intDiv(toRelativeMonthNum({moment}) - {first}, 12)",
}


@dataclass(frozen=True)
class Positions:
    """Counts intervals from the one that starts at `first`, which is number 0."""

    first: datetime
    interval: Interval

    def of(self, moment: ast.Expr | None = None) -> ast.Expr:
        """Return the number of the interval that holds a moment, which must not be before the first one."""
        placeholders: dict[str, ast.Node] = {
            "moment": moment or field("timestamp"),
            "first": constant(self._number_of_first()),
        }
        return parse_expr(_TEMPLATES[self.interval], placeholders)

    def number_of(self, start: datetime) -> int:
        """Return the number of the interval that starts at a moment on the project's clock."""
        if self.interval in FINE_INTERVALS:
            return int(start.timestamp() - self.first.timestamp()) // _SECONDS[self.interval]
        if self.interval in _MONTHS:
            months = (start.year - self.first.year) * 12 + start.month - self.first.month
            return months // _MONTHS[self.interval]
        return (start.date() - self.first.date()).days // (7 if self.interval == "week" else 1)

    def start_of(self, position: int) -> datetime:
        """Return when an interval starts, on the project's clock."""
        return later(self.first, self.interval, position)

    def date_at(self, position: ast.Expr) -> ast.Expr:
        """Return the first day of an interval of a day or longer, by its number."""
        function = "addMonths" if self.interval in _MONTHS else "addDays"
        step = constant(7 if self.interval == "week" else _MONTHS.get(self.interval, 1))
        count = ast.ArithmeticOperation(left=position, op="*", right=step)
        return call(function, constant(self.first.date()), count)

    def _number_of_first(self) -> object:
        if self.interval in FINE_INTERVALS:
            return int(self.first.timestamp())
        return self.first.year * 12 + self.first.month if self.interval in _MONTHS else self.first.date()


def later(moment: datetime, interval: Interval, count: int) -> datetime:
    """Return the moment so many intervals later, earlier for a negative count."""
    if interval in FINE_INTERVALS:
        passed = timedelta(seconds=_SECONDS[interval] * count)
        return (moment.astimezone(UTC) + passed).astimezone(moment.tzinfo)
    return moment + ONE_INTERVAL[interval] * count
