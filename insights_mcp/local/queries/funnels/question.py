"""What a funnel asks: its steps, window and order, the runs it takes, how its actors get a breakdown value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from insights_mcp.local.queries.breakdowns import ALL_USERS, Breakdown, BreakdownItem, read_breakdown
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.entities import require_action
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.schema.entities import ActionsNode, EventsNode, Exclusion, GroupNode, Series
from insights_mcp.schema.funnels import AttributionType, FunnelOrderType, FunnelsFilter, FunnelsQuery

Period = Literal["current", "previous"]

_MICROS = 1_000_000
# A month is always 31 days (facts/queries.md 1.2).
_WINDOW_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "month": 31 * 86400,
}
_DEFAULT_WINDOW = 14
# Only values of these types are cut off behind the limit and merged.
_LIMITED_TYPES = ("event", "person", "group")
# How results name those who are not in the only cohort (facts/queries.md 1.0, Breakdown filter).
NOT_IN_COHORT = 1 << 52
UNLIMITED_ROWS = 100


@dataclass(frozen=True)
class Attribution:
    """Where an actor's breakdown value comes from. `step` counts from 0 and is set for the mode "step" only.

    Values are lists of texts, one per item; a group's property alone is a plain text (`is_list` is false).
    """

    items: tuple[BreakdownItem, ...]
    mode: AttributionType
    step: int | None
    is_list: bool
    limit: int | None


@dataclass(frozen=True)
class Run:
    """One statement's worth of a funnel: a period, and for cohort breakdowns a cohort."""

    period: Period
    dates: QueryDates
    cohort: int | str | None = None
    # whether it is about those who are not in the cohort
    is_outside: bool = False
    # the cohorts that somebody must be in one of, when the run is not about a certain one
    any_of_cohorts: tuple[int | str, ...] = ()

    @property
    def cohort_value(self) -> int | None:
        """The cohort as results name it: everybody is 0."""
        if self.cohort is None:
            return None
        if self.is_outside:
            return NOT_IN_COHORT
        return 0 if self.cohort == ALL_USERS else int(self.cohort)


@dataclass(frozen=True)
class Funnel:
    """A funnel and one of its runs, ready to be put into SQL."""

    query: FunnelsQuery
    run: Run
    attribution: Attribution | None
    context: QueryContext

    @property
    def filter(self) -> FunnelsFilter:
        """The funnel's own settings."""
        return self.query.funnelsFilter

    @property
    def series(self) -> list[Series]:
        """The steps."""
        return self.query.series

    @property
    def exclusions(self) -> list[Exclusion]:
        """The events that must not happen between steps."""
        return self.filter.exclusions

    @property
    def size(self) -> int:
        """How many steps there are."""
        return len(self.query.series)

    @property
    def order(self) -> FunnelOrderType:
        """Whether steps may have other events between them, or come in any order."""
        return self.filter.funnelOrderType

    @property
    def sample(self) -> float | None:
        """The part of the events to read, None for all."""
        factor = self.query.samplingFactor
        return float(factor) if factor and factor != 1 else None

    @property
    def is_trend(self) -> bool:
        """Whether conversion is asked over time."""
        return self.filter.funnelVizType == "trends"

    @property
    def window(self) -> int:
        """The conversion window in microseconds."""
        return self.window_count * _WINDOW_SECONDS[self.filter.funnelWindowIntervalUnit] * _MICROS

    @property
    def window_count(self) -> int:
        """How many units of time the window has; none or fewer mean the default, as upstream."""
        given = self.filter.funnelWindowInterval
        return given if given > 0 else _DEFAULT_WINDOW

    @property
    def optional(self) -> frozenset[int]:
        """The steps that may be left out, counted from 1."""
        return frozenset(index for index, step in enumerate(self.series, 1) if step.optionalInFunnel)

    @property
    def excluded_before(self) -> frozenset[int]:
        """The steps, counted from 1, that an exclusion stands right before."""
        return frozenset(
            step for one in self.exclusions for step in range(one.funnelFromStep + 2, one.funnelToStep + 2)
        )

    @property
    def attributed_step(self) -> int | None:
        """The step, counted from 1, whose event must have the breakdown value; None for other attributions."""
        if self.attribution is None or self.attribution.step is None:
            return None
        return self.attribution.step + 1

    @property
    def origin(self) -> int:
        """The microsecond that times are counted from; the first possible one is 1, so that 0 can mean none."""
        return int(self.run.dates.date_from.timestamp()) * _MICROS - 1

    @cached_property
    def are_steps_apart(self) -> bool:
        """Whether no event can be two steps, told by the names of events alone."""
        return _are_apart([self.names_of(step) for step in self.series])

    @cached_property
    def are_exclusions_apart(self) -> bool:
        """Whether no event can be a step and excluded, told by the names of events alone."""
        steps = [self.names_of(step) for step in self.series]
        return all(_are_apart([self.names_of(one), step]) for one in self.exclusions for step in steps)

    def names_of(self, entity: Series | Exclusion) -> frozenset[str] | None:
        """Return the names an event of this entity may have, None for any. Raises QueryError."""
        if isinstance(entity, EventsNode):
            return None if entity.event is None else frozenset((entity.event,))
        if isinstance(entity, ActionsNode):
            action = require_action(entity.id, self.context)
            names = [step.event for step in action.steps]
            return frozenset(filter(None, names)) if names and all(names) else None
        if isinstance(entity, GroupNode):
            return _united([self.names_of(node) for node in entity.nodes])
        raise QueryError("Data warehouse series are not supported by the local backend.")


def list_runs(query: FunnelsQuery, context: QueryContext) -> list[Run]:
    """Return the runs: every cohort of the current period, then of the previous one. Raises QueryError.

    A cohort that is alone is set against those who are not in it.
    """
    is_exact = query.dateRange.explicitDate
    current = resolve_dates(query.dateRange, query.interval, context, is_exact=is_exact)
    periods: list[tuple[Period, QueryDates]] = [("current", current)]
    if is_compared(query):
        periods.append(("previous", compared_dates(current, query.compareFilter, context)))
    parts = list_cohorts(query, context) or [(None, False)]
    return [Run(period, dates, cohort, is_outside) for period, dates in periods for cohort, is_outside in parts]


def list_cohorts(query: FunnelsQuery, context: QueryContext) -> Sequence[tuple[int | str | None, bool]]:
    """Return the cohorts that a funnel is broken down by, each with whether those outside of it are meant."""
    breakdown = read_breakdown(query.breakdownFilter, context)
    cohorts = breakdown.cohorts if breakdown else ()
    parts = [(cohort, False) for cohort in cohorts]
    if len(cohorts) == 1 and cohorts[0] != ALL_USERS and query.funnelsFilter.funnelVizType != "time_to_convert":
        parts.append((cohorts[0], True))
    return parts


def read_attribution(query: FunnelsQuery, context: QueryContext) -> Attribution | None:
    """Return how actors get their breakdown value, None without a breakdown or with one by cohorts."""
    breakdown = read_breakdown(query.breakdownFilter, context)
    if breakdown is None or not breakdown.items:
        return None
    mode = query.funnelsFilter.breakdownAttributionType
    # only properties of events are cleaned and normalized here
    items = tuple(
        item if item.type == "event" else replace(item, normalizes_url=False, cleans_path=False)
        for item in breakdown.items
    )
    return Attribution(
        items=items,
        mode=mode,
        step=(query.funnelsFilter.breakdownAttributionValue or 0) if mode == "step" else None,
        is_list=breakdown.is_list or breakdown.items[0].type != "group",
        limit=_limit(breakdown),
    )


def is_compared(query: FunnelsQuery) -> bool:
    """Return whether the previous period is asked for; a flow has none."""
    return query.compareFilter.compare and query.funnelsFilter.funnelVizType != "flow"


def is_by_cohort(query: FunnelsQuery, context: QueryContext) -> bool:
    """Return whether the funnel is broken down by cohorts."""
    breakdown = read_breakdown(query.breakdownFilter, context)
    return breakdown is not None and bool(breakdown.cohorts)


def _limit(breakdown: Breakdown) -> int | None:
    return breakdown.limit if all(item.type in _LIMITED_TYPES for item in breakdown.items) else None


def _are_apart(names: list[frozenset[str] | None]) -> bool:
    seen: set[str] = set()
    for one in names:
        if one is None or seen & one:
            return False
        seen |= one
    return True


def _united(names: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [one for one in names if one is not None]
    return frozenset().union(*known) if len(known) == len(names) else None
