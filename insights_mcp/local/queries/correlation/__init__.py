"""FunnelCorrelationQuery: what those who convert do, or are, that others do not (facts/queries.md 1.8)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.correlation.plan import plan_correlation
from insights_mcp.local.queries.correlation.shape import shape_correlation
from insights_mcp.schema.correlation import FunnelCorrelationQuery

CORRELATION: Kind[FunnelCorrelationQuery] = Kind("FunnelCorrelationQuery", plan_correlation, shape_correlation)
