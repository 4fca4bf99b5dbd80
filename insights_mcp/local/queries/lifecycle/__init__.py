"""LifecycleQuery: who is new, returning, resurrecting, dormant (facts/queries.md 1.7)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.lifecycle.plan import plan_lifecycle
from insights_mcp.local.queries.lifecycle.shape import shape_lifecycle
from insights_mcp.schema.lifecycle import LifecycleQuery

LIFECYCLE: Kind[LifecycleQuery] = Kind("LifecycleQuery", plan_lifecycle, shape_lifecycle)
