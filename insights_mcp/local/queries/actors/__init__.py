"""ActorsQuery: a table of persons or groups, all of them or those behind a point (facts/queries.md 1.9)."""

from insights_mcp.local.queries.actors.options import plan_options, shape_options
from insights_mcp.local.queries.actors.plan import plan_actors
from insights_mcp.local.queries.actors.points import plan_point, shape_point
from insights_mcp.local.queries.actors.shape import shape_actors
from insights_mcp.local.queries.context import AnyKind, Kind
from insights_mcp.schema.events import ActorsQuery
from insights_mcp.schema.nodes import ForeignQuery

ACTORS: Kind[ActorsQuery] = Kind("ActorsQuery", plan_actors, shape_actors)
# What these may be asked for. The kind is one that only tables of actors use, so it has no schema of its own.
_OPTIONS: Kind[ForeignQuery] = Kind("InsightActorsQueryOptions", plan_options, shape_options)
_POINT_KINDS = ("InsightActorsQuery", "FunnelsActorsQuery", "StickinessActorsQuery", "FunnelCorrelationActorsQuery")
# Asked for by themselves, these answer the bare rows of what `source` gives to a table.
POINTS: tuple[AnyKind, ...] = (*(Kind(name, plan_point, shape_point) for name in _POINT_KINDS), _OPTIONS)
