"""FunnelsQuery: how many get from step to step, and how fast (facts/queries.md 1.2, 1.3)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.funnels.plan import plan_funnel, shape_funnel
from insights_mcp.schema.funnels import FunnelsQuery

FUNNELS: Kind[FunnelsQuery] = Kind("FunnelsQuery", plan_funnel, shape_funnel)
