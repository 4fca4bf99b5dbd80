"""The labels of active users as positions on a line, so that SQL can count instead of joining.

A grain is what event times are reduced to: a day, or the hour or minute of a finer interval. Grains and labels
are counted from the first label. Labels stand every `step` grains: every day, every seventh day for weeks.
"""

from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import bucket_expr
from insights_mcp.local.queries.dates import FINE_INTERVALS
from insights_mcp.local.queries.expressions import call, constant
from insights_mcp.schema.dates import Interval

_SECONDS = {"minute": 60, "hour": 3600}
_SECONDS_IN_DAY = 86400
_DAYS_IN_WEEK = 7


@dataclass(frozen=True)
class Labels:
    """The labels of one run: the first one's start, their interval and their number."""

    first: datetime
    interval: Interval
    count: int

    @property
    def step(self) -> int:
        """Grains from one label to the next."""
        return _DAYS_IN_WEEK if self.interval == "week" else 1

    def position(self) -> ast.Expr:
        """Return the position of an event's grain, negative before the first label."""
        if self.interval not in FINE_INTERVALS:
            return call("dateDiff", constant("day"), constant(self.first.date()), bucket_expr("day"))
        since_first = _minus(bucket_expr(self.interval), constant(int(self.first.timestamp())))
        return call("intDiv", since_first, constant(_SECONDS[self.interval]))

    def window(self, days: int) -> int:
        """Return so many days in grains."""
        return days * _SECONDS_IN_DAY // _SECONDS.get(self.interval, _SECONDS_IN_DAY)

    def key(self, label: ast.Expr) -> ast.Expr:
        """Return the bucket key of a label."""
        if self.interval in FINE_INTERVALS:
            step = constant(_SECONDS[self.interval])
            return _plus(ast.ArithmeticOperation(left=label, op="*", right=step), constant(int(self.first.timestamp())))
        days = ast.ArithmeticOperation(left=label, op="*", right=constant(self.step))
        return call("addDays", constant(self.first.date()), days)

    def label_from(self, grain: ast.Expr) -> ast.Expr:
        """Return the number of the first label at or after a grain."""
        if self.step == 1:
            return grain
        behind = _plus(grain, constant(self.step - 1))
        # rounded down also below zero, where intDiv would round up
        return call("intDiv", _minus(behind, call("positiveModulo", behind, constant(self.step))), constant(self.step))


def _plus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    return ast.ArithmeticOperation(left=left, op="+", right=right)


def _minus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    return ast.ArithmeticOperation(left=left, op="-", right=right)
