"""RetentionQuery: who comes back, period by period (facts/queries.md 1.4)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.retention.plan import plan_retention
from insights_mcp.local.queries.retention.shape import shape_retention
from insights_mcp.schema.retention import RetentionQuery

RETENTION: Kind[RetentionQuery] = Kind("RetentionQuery", plan_retention, shape_retention)
