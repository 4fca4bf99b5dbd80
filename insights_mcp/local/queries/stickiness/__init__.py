"""StickinessQuery: on how many intervals the same actors come (facts/queries.md 1.6)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.stickiness.plan import plan_stickiness
from insights_mcp.local.queries.stickiness.shape import shape_stickiness
from insights_mcp.schema.stickiness import StickinessQuery

STICKINESS: Kind[StickinessQuery] = Kind("StickinessQuery", plan_stickiness, shape_stickiness)
