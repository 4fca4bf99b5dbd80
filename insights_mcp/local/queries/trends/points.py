"""The numbers of one series: placed on the intervals, merged, added up, smoothed (facts/queries.md 1.1)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.buckets import Bucket, Key
from insights_mcp.local.queries.trends.results import Number, is_other, place_of

Value = str | list[str]


@dataclass(frozen=True)
class Line:
    """One series of a run: its breakdown value (None without a breakdown) and its numbers, one per interval."""

    value: Value | None
    numbers: list[Number]


@dataclass(frozen=True)
class Finish:
    """What is done to the numbers after they are placed."""

    is_cumulative: bool = False
    smoothing: int = 1
    is_fractional: bool = False
    has_breakdown: bool = False


def read_line(rows: Rows, buckets: Sequence[Bucket], finish: Finish) -> Line:
    """Return the series of a run without a breakdown: rows of total and interval."""
    return Line(None, _place({read_key(key): read_number(total) for total, key in rows.rows}, buckets, finish))


def read_lines(rows: Rows, buckets: Sequence[Bucket], finish: Finish, roll_up: str, limit: int) -> list[Line]:
    """Return the series of a run with a breakdown, in the order of the results."""
    points: dict[str, dict[Key, Number]] = {}
    values: dict[str, Value] = {}
    merged = max((read_number(row[4]) for row in rows.rows), default=0) - limit
    for total, bucket, given, present, _ in rows.rows:
        value = _value(given)
        number = read_number(total)
        if roll_up in ("max", "min") and is_other(value) and present != merged:
            # the values that lack this interval count as 0 there, as in PostHog's filled arrays
            number = max(number, 0) if roll_up == "max" else min(number, 0)
        values[repr(value)] = value
        points.setdefault(repr(value), {})[read_key(bucket)] = number
    lines = [Line(values[name], _place(numbers, buckets, finish)) for name, numbers in points.items()]
    return sorted(lines, key=lambda line: _rank(line.value, sum(line.numbers)))


def read_totals(rows: Rows, *, is_fractional: bool) -> list[Line]:
    """Return the totals of a run with a breakdown, in the order of the results."""
    lines = [Line(_value(value), [_as_kind(read_number(total), is_fractional)]) for value, total in rows.rows]
    return sorted(lines, key=lambda line: _rank(line.value, line.numbers[0]))


def read_total(rows: Rows, *, is_fractional: bool) -> Number:
    """Return the total of a run without a breakdown."""
    return _as_kind(read_number(rows.rows[0][0]) if rows.rows else 0, is_fractional)


def _rank(value: Value | None, total: Number) -> tuple[int, Number, list[str]]:
    """Return the sort key of a breakdown value: real ones by total, largest first, then missing, then the rest."""
    return place_of(value), -total, value if isinstance(value, list) else [value or ""]


def _place(points: Mapping[Key, Number], buckets: Sequence[Bucket], finish: Finish) -> list[Number]:
    numbers = [_as_kind(points.get(bucket.key, 0), finish.is_fractional) for bucket in buckets]
    if finish.is_cumulative:
        numbers = list(accumulate(numbers))
        if not finish.has_breakdown:
            numbers = _stay_positive(numbers)
    return _smooth(numbers, finish.smoothing) if finish.smoothing > 1 else numbers


def _stay_positive(numbers: Sequence[Number]) -> list[Number]:
    """Return sums that stay as they were where they would be zero or less: PostHog takes these for missing ones."""
    kept: list[Number] = []
    for number in numbers:
        kept.append(number if number > 0 or not kept else kept[-1])
    return kept


def _smooth(numbers: Sequence[Number], intervals: int) -> list[Number]:
    """Return the mean of the last intervals, rounded down; the first ones have fewer before them."""
    windows = [numbers[max(0, index - intervals + 1) : index + 1] for index in range(len(numbers))]
    return [math.floor(sum(window) / len(window)) for window in windows]


def _as_kind(number: Number, is_fractional: bool) -> Number:  # a property of the series
    return float(number) if is_fractional else number


def read_number(value: object) -> Number:
    """Return a number of the engine; what is none, or not finite, is 0."""
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    return 0


def _value(value: object) -> Value:
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)


def read_key(value: object) -> Key:
    """Return the key of the interval a row is of."""
    return value if isinstance(value, date) else int(str(value))
