"""The results of a funnel over time: conversion rates per interval (facts/queries.md 1.2, trends results)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from dateutil.relativedelta import relativedelta

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.breakdowns import DEFAULT_LIMIT
from insights_mcp.local.queries.buckets import Bucket, Key, list_buckets, print_days, print_labels
from insights_mcp.local.queries.context import Outcome
from insights_mcp.local.queries.dates import ONE_INTERVAL
from insights_mcp.local.queries.funnels.entrances import Entrances, may_be_hard
from insights_mcp.local.queries.funnels.layout import lay_out
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.results import name_cohort_of
from insights_mcp.local.queries.funnels.tallies import Value
from insights_mcp.local.queries.funnels.walk import build_walker
from insights_mcp.local.queries.funnels.walk_trends import Goal, walk_trend, walk_unordered_trend

_MICROS = 1_000_000
_NOBODY = ["None"]
# How many intervals of all lines together there are at most, as upstream.
_MAX_ROWS = 1_000


class TrendResult(TypedDict, total=False):
    """One line."""

    count: int
    data: list[float]
    days: list[str]
    labels: list[str]
    breakdown_value: Value
    compare_label: str


@dataclass
class _Line:
    """How many started and converted, by interval."""

    started: dict[Key, int] = field(default_factory=dict)
    converted: dict[Key, int] = field(default_factory=dict)

    def add(self, key: Key, started: int, converted: int) -> None:
        """Count some actors."""
        self.started[key] = self.started.get(key, 0) + started
        self.converted[key] = self.converted.get(key, 0) + converted

    def rate(self, key: Key) -> float:
        """Return the share that converted, in percent."""
        started = self.started.get(key, 0)
        return round(self.converted.get(key, 0) / started * 100, 2) if started else 0


def shape_trends(funnels: Sequence[Funnel], rows: Sequence[Rows], *, is_broken_down: bool) -> Outcome:
    """Return one line per breakdown value, the previous period's after the current one's. Raises QueryError."""
    periods = dict.fromkeys(funnel.run.period for funnel in funnels)
    results: list[TrendResult] = []
    for period in periods:
        pairs = [(funnel, answer) for funnel, answer in zip(funnels, rows, strict=True) if funnel.run.period == period]
        shaped = _shape_period(pairs, is_broken_down=is_broken_down)
        results += [{**one, "compare_label": period} for one in shaped] if len(periods) > 1 else shaped
    return Outcome(results=results)


def _shape_period(pairs: Sequence[tuple[Funnel, Rows]], *, is_broken_down: bool) -> list[TrendResult]:
    funnel = pairs[0][0]
    buckets = list_buckets(funnel.run.dates)
    if not is_broken_down:
        lines = _read(funnel, pairs[0][1])
        return [_print(funnel, buckets[:_MAX_ROWS], lines[0][1] if lines else _Line())]
    # those who are not in the only cohort have a line even when there are none
    nobody: list[tuple[Value | None, _Line]] = [(None, _Line())]
    found = [
        (one, value, line)
        for one, answer in pairs
        for value, line in _read(one, answer) or (nobody if one.run.is_outside else [])
    ]
    results: list[TrendResult] = []
    left = min(_limit(funnel) * len(buckets), _MAX_ROWS)
    for one, value, line in sorted(found, key=_rank, reverse=True):
        if left <= 0:
            break
        # the last line to be shown may be cut off in the middle
        results.append({**_print(one, buckets[:left], line), "breakdown_value": _name(one, value)})
        left -= len(buckets)
    return sorted(results, key=lambda result: _order(result["breakdown_value"]))


def _limit(funnel: Funnel) -> int:
    """Return how many lines to show of any kind of breakdown, cohorts among them."""
    given = funnel.query.breakdownFilter
    return (given.breakdown_limit if given else None) or DEFAULT_LIMIT


def _rank(found: tuple[Funnel, Value | None, _Line]) -> tuple[int, int, list[str]]:
    """Return what lines are ranked by: how many started, then their values, cohorts by their numbers."""
    funnel, value, line = found
    return sum(line.started.values()), funnel.run.cohort_value or 0, _order(value or "")


def _name(funnel: Funnel, value: Value | None) -> Value:
    if funnel.run.cohort_value is not None:
        # everybody is cohort 0, which upstream takes for no cohort at all
        return name_cohort_of(funnel) if funnel.run.cohort_value else _NOBODY
    return _NOBODY if value is None else value


def _order(value: Value) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _read(funnel: Funnel, rows: Rows) -> list[tuple[Value | None, _Line]]:
    """Return the line of each breakdown value that anybody started with."""
    lines: dict[str, tuple[Value | None, _Line]] = {}
    is_walked, has_value = may_be_hard(funnel), funnel.attribution is not None
    walk = Walk(funnel) if is_walked else None
    for row in rows.rows:
        key, started, converted = row[0], row[1], row[2]
        value = _value(row[-1]) if has_value else None
        _, line = lines.setdefault(repr(value), (value, _Line()))
        if isinstance(started, int) and isinstance(converted, int):
            line.add(key, started, converted)  # type: ignore[arg-type]  # the statement's first column is a Key
        if walk is not None:
            walk.add(line, row[3])
    return [(value, line) for value, line in lines.values() if any(line.started.values())]


def _value(value: object) -> Value | None:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value if isinstance(value, str | int) else None


class Walk:
    """Walks the actors that the arrays cannot tell."""

    def __init__(self, funnel: Funnel) -> None:
        layout = lay_out(funnel)
        entrances = Entrances(funnel, layout)
        self._walker = build_walker(funnel, layout)
        self._walk = walk_unordered_trend if funnel.order == "unordered" else walk_trend
        self._buckets = list_buckets(funnel.run.dates)
        self._starts = [int(bucket.start.timestamp()) * _MICROS for bucket in self._buckets]
        self._origin = funnel.origin
        self._goal = Goal(entrances.from_step, entrances.to_step, self._interval)

    def add(self, line: _Line, histories: object) -> None:
        """Add what the actors with these histories did to a line."""
        for packed in histories if isinstance(histories, list) else ():
            for interval, is_converted in self.follow(packed).items():
                line.add(self._buckets[interval].key, 1, int(is_converted))

    def follow(self, packed: object) -> dict[int, bool]:
        """Return for each interval that an actor entered in, by its number, whether it converted."""
        return self._walk(self._walker, self._goal, packed if isinstance(packed, list) else [])

    def interval_at(self, seconds: float) -> int:
        """Return the number of the interval at a time."""
        return max(0, bisect_right(self._starts, int(seconds) * _MICROS) - 1)

    def _interval(self, moment: int) -> int:
        return max(0, bisect_right(self._starts, moment + self._origin) - 1)


def _complete_buckets(funnel: Funnel, buckets: list[Bucket]) -> list[Bucket]:
    """Return the intervals to show: all, or only those whose conversion window has ended."""
    if not funnel.filter.hideIncompleteConversionWindowPeriods:
        return buckets
    end = funnel.context.local_now - timedelta(microseconds=funnel.window)
    step = ONE_INTERVAL[funnel.run.dates.interval]
    return [bucket for bucket in buckets if _end(bucket.start, step) <= end]


def _end(start: datetime, step: relativedelta) -> datetime:
    return start + step


def _print(funnel: Funnel, buckets: list[Bucket], line: _Line) -> TrendResult:
    interval, buckets = funnel.run.dates.interval, _complete_buckets(funnel, buckets)
    return {
        "count": len(buckets),
        "data": [line.rate(bucket.key) for bucket in buckets],
        # only hours carry their time upstream
        "days": print_days(buckets, interval if interval == "hour" else "day"),
        "labels": print_labels(buckets, funnel.run.dates),
    }
