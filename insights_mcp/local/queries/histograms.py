"""Histogram breakdowns: equal bins between the smallest and the largest value (facts/queries.md 1.1)."""

from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import NULL
from insights_mcp.local.queries.expressions import all_of, call, compare, constant

# Added to the end of the last bin, so that the largest value is inside.
LAST_BIN_EXTRA = 0.01


@dataclass(frozen=True)
class Bin:
    """One bin: from `low`, below `high`."""

    low: float
    high: float

    @property
    def text(self) -> str:
        """The bin as a breakdown value, as ClickHouse prints an array of numbers."""
        return f"[{_print(self.low)},{_print(self.high)}]"


def cut_bins(low: float, high: float, count: int) -> list[Bin]:
    """Return the bins between two numbers."""
    width = (high - low) / count
    return [
        Bin(width * index + low, width * (index + 1) + low + (LAST_BIN_EXTRA if index + 1 == count else 0))
        for index in range(count)
    ]


def bin_text(value: ast.Expr, bins: list[Bin]) -> ast.Expr:
    """Return the text of the first bin a number is in, the null sentinel when it is in none."""
    branches: list[ast.Expr] = []
    for one in bins:
        branches.append(all_of([compare(value, ">=", constant(one.low)), compare(value, "<", constant(one.high))]))
        branches.append(constant(one.text))
    return call("multiIf", *branches, constant(NULL)) if branches else constant(NULL)


def _print(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
