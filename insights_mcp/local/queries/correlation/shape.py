"""Odds ratios of the candidates, the strongest first (facts/queries.md 1.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.correlation.candidates import (
    AUTOCAPTURE,
    ELEMENTS_CHAIN,
    ELEMENTS_DIVIDER,
    SEPARATOR,
    looks_at_elements,
)
from insights_mcp.local.queries.correlation.question import Correlation
from insights_mcp.local.queries.sampling import scale
from insights_mcp.schema.correlation import FunnelCorrelationQuery

# Added to every count, so that none is 0.
_PRIOR = 1
_FEW_PERSONS = 25
_SMALL_SHARE = 0.02
_SHOWN = 10
_SKEWED = 10


@dataclass(frozen=True)
class _Candidate:
    """One candidate: how many of those who succeeded, and of those who failed, have it."""

    name: str
    success: int
    failure: int
    odds_ratio: float

    @property
    def correlation_type(self) -> Literal["success", "failure"]:
        """What it goes with."""
        return "success" if self.odds_ratio > 1 else "failure"


def shape_correlation(rows: Sequence[Rows], query: FunnelCorrelationQuery, context: QueryContext) -> Outcome:
    """Return the events or properties that go with success, then those that go with failure."""
    if not rows:
        return Outcome(results={"events": [], "skewed": False})
    success, failure = (_whole(one) for one in (rows[0].rows[0] if rows[0].rows else (0, 0)))
    found = [_read(row, success, failure) for row in rows[1].rows]
    factor = query.source.source.samplingFactor
    totals = [scale(total, float(factor), None) if factor else total for total in (success, failure)]
    columns = ["name", "success_count", "failure_count"]
    dates = Correlation(query, context).funnel.run.dates.span
    types = list(zip(columns, rows[1].types, strict=True)) if len(rows[1].types) == len(columns) else None
    if not all(totals):
        return Outcome(results={"events": [], "skewed": True}, columns=columns, types=types, dates=dates)
    likely = [one for one in found if _is_significant(one, success + failure)]
    with_success = sorted((one for one in likely if one.odds_ratio > 1), key=lambda one: (-one.odds_ratio, one.name))
    with_failure = sorted((one for one in likely if one.odds_ratio <= 1), key=lambda one: (one.odds_ratio, one.name))
    return Outcome(
        results={
            "events": [_print(one, query) for one in (*with_success[:_SHOWN], *with_failure[:_SHOWN])],
            "skewed": max(totals) / min(totals) > _SKEWED,
        },
        columns=columns,
        types=types,
        dates=dates,
    )


def _read(row: Sequence[object], success_total: int, failure_total: int) -> _Candidate:
    name, success, failure = str(row[0]), _whole(row[1]), _whole(row[2])
    odds = ((success + _PRIOR) * (failure_total - failure + _PRIOR)) / (
        (success_total - success + _PRIOR) * (failure + _PRIOR)
    )
    return _Candidate(name, success, failure, odds)


def _is_significant(one: _Candidate, total: int) -> bool:
    return one.success + one.failure >= min(_FEW_PERSONS, _SMALL_SHARE * total)


def _print(one: _Candidate, query: FunnelCorrelationQuery) -> dict[str, object]:
    return {
        "success_count": one.success,
        "failure_count": one.failure,
        "odds_ratio": one.odds_ratio,
        "correlation_type": one.correlation_type,
        "event": _print_event(one.name, query),
    }


def _print_event(name: str, query: FunnelCorrelationQuery) -> dict[str, object]:
    """Return the candidate as an event; of clicks with their kind and elements."""
    if looks_at_elements(query):
        event, key, value = name.split(SEPARATOR, 2)
        if event == AUTOCAPTURE and key == ELEMENTS_CHAIN:
            kind, chain = value.split(ELEMENTS_DIVIDER, 1)
            elements = [element.body() for element in read_chain(chain)]
            return {"event": name, "properties": {"$event_type": kind}, "elements": elements}
    return {"event": name, "properties": {}, "elements": []}


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
