"""What a paths query asks, with its defaults: where paths start and end, how long they are, when one is over."""

from dataclasses import dataclass, replace
from functools import cached_property

from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.expressions import constant
from insights_mcp.local.queries.insight_events import match_dates
from insights_mcp.local.queries.paths.funnel_part import FunnelPart, read_funnel_part
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.paths import PathsFilter, PathsQuery

PAGEVIEW = "$pageview"
SCREEN = "$screen"
_SCREENS = "SELECT 1 FROM events WHERE {dates} AND event = {screen} LIMIT 1"
# A pause of half an hour begins a new path.
_PAUSE_MICROS = 30 * 60 * 1_000_000
_STEPS = 5
_EDGES = 50
# What a HogQL query may answer (facts/queries.md 2, Limits).
_MOST_EDGES = 50_000


@dataclass(frozen=True)
class Paths:
    """A paths query, ready to be put into SQL."""

    query: PathsQuery
    context: QueryContext

    @property
    def filter(self) -> PathsFilter:
        """The query's own settings."""
        return self.query.pathsFilter

    @cached_property
    def dates(self) -> QueryDates:
        """When the events are: from the start of a day, also where the dates are exact (facts/queries.md 1.5)."""
        return replace(resolve_dates(self.query.dateRange, "day", self.context), is_aligned=True)

    @cached_property
    def funnel_part(self) -> FunnelPart | None:
        """The part of a funnel that the events are in, None for paths of any events. Raises QueryError."""
        asked = self.query.funnelPathsFilter
        return None if asked is None else read_funnel_part(asked, self.context)

    @cached_property
    def has_screens(self) -> bool:
        """Whether there are screen views in the dates. Runs a query: without any, no properties need to be read."""
        select = fill_select(_SCREENS, dates=match_dates(self.dates), screen=constant(SCREEN))
        return bool(self.context.fetch(Statement(select, label="screen views", max_rows=1)).rows)

    @property
    def pause(self) -> int:
        """The microseconds between two events that make the later one start a new path."""
        return _PAUSE_MICROS if self.funnel_part is None else self.funnel_part.funnel.window

    @property
    def step_limit(self) -> int:
        """How many items of a path are looked at. Raises QueryError."""
        return _positive(self.filter.stepLimit or _STEPS, "stepLimit")

    @property
    def edge_limit(self) -> int:
        """How many edges are shown. Raises QueryError."""
        return min(_positive(self.filter.edgeLimit or _EDGES, "edgeLimit"), _MOST_EDGES)

    @property
    def start_point(self) -> str | None:
        """The item that paths start at."""
        return self._read_point(self.filter.startPoint)

    @property
    def end_point(self) -> str | None:
        """The item that paths end at."""
        return self._read_point(self.filter.endPoint)

    def _read_point(self, point: str | None) -> str | None:
        """Return a point as page addresses are written in paths, without their slash; as upstream not one of two."""
        if not point:
            return None
        is_one_of_two = bool(self.filter.startPoint and self.filter.endPoint)
        return point[:-1] if len(point) > 1 and point.endswith("/") and not is_one_of_two else point


def _positive(number: int, name: str) -> int:
    if number < 1:
        raise QueryError(f"{name} must be 1 or more.", attr=f"pathsFilter.{name}")
    return number
