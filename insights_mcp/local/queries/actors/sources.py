"""Where the actors of a table come from: one function per kind of insight.

Each answers a SELECT with a column `actor_id` (the person's id or the group's key), one row per actor, and whatever
else may be asked of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.correlation import actors as correlation
from insights_mcp.local.queries.funnels import actors as funnels
from insights_mcp.local.queries.lifecycle import actors as lifecycle
from insights_mcp.local.queries.paths import actors as paths
from insights_mcp.local.queries.retention import actors as retention
from insights_mcp.local.queries.stickiness import actors as stickiness
from insights_mcp.local.queries.trends import actors as trends
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelsActorsQuery
from insights_mcp.schema.events import InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.trends import TrendsQuery

ActorsSource: TypeAlias = InsightActorsQuery | FunnelsActorsQuery | FunnelCorrelationActorsQuery | StickinessActorsQuery


@dataclass(frozen=True)
class ActorsSelect:
    """The actors behind a point. `group_type_index` is None for persons."""

    select: ast.AnySelect
    group_type_index: int | None = None


SelectActors = Callable[..., ActorsSelect]


def select_source(source: ActorsSource, context: QueryContext) -> ActorsSelect:
    """Return the actors of a point of an insight. Raises QueryError, also for kinds that cannot tell."""
    select = _SOURCES.get(source.source.kind)
    if select is None:
        raise QueryError(
            f"The people behind a {source.source.kind} are not supported by the local backend yet.",
            code="not_supported",
            attr="source",
        )
    return select(source, context)


def match_events_behind(source: InsightActorsQuery, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is behind a point of a trend or a row of a retention. Raises QueryError."""
    if isinstance(source.source, TrendsQuery):
        return trends.match_events(source, context)
    if isinstance(source.source, RetentionQuery):
        return retention.match_events(source, context)
    raise QueryError(f"Cannot convert source query of type {source.source.kind} to events query", attr="source")


def _of_trends(source: InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(trends.select_actors(source, context), trends.actors_group_index(source))


def _of_lifecycle(source: InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(lifecycle.select_actors(source, context), lifecycle.actors_group_index(source))


def _of_retention(source: InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(retention.select_actors(source, context), retention.actors_group_index(source))


def _of_paths(source: InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(paths.select_actors(source, context))


def _of_stickiness(source: StickinessActorsQuery | InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(stickiness.select_actors(source, context), stickiness.actors_group_index(source))


def _of_funnels(source: FunnelsActorsQuery | InsightActorsQuery, context: QueryContext) -> ActorsSelect:
    if not isinstance(source, FunnelsActorsQuery):
        raise QueryError("The people behind a funnel are asked for by a FunnelsActorsQuery.", attr="source")
    return ActorsSelect(funnels.select_actors(source, context), funnels.actors_group_index(source))


def _of_correlation(source: FunnelCorrelationActorsQuery, context: QueryContext) -> ActorsSelect:
    return ActorsSelect(correlation.select_actors(source, context), correlation.actors_group_index(source))


# A kind of insight by name, and who is behind a point of it.
_SOURCES: dict[str, SelectActors] = {
    "TrendsQuery": _of_trends,
    "FunnelsQuery": _of_funnels,
    "FunnelCorrelationQuery": _of_correlation,
    "LifecycleQuery": _of_lifecycle,
    "PathsQuery": _of_paths,
    "RetentionQuery": _of_retention,
    "StickinessQuery": _of_stickiness,
}
