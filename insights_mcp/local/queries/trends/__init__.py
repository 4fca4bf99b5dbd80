"""TrendsQuery: how many, over time or in total (facts/queries.md 1.1)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.trends.plan import plan_trends
from insights_mcp.local.queries.trends.shape import shape_trends
from insights_mcp.schema.trends import TrendsQuery

TRENDS: Kind[TrendsQuery] = Kind("TrendsQuery", plan_trends, shape_trends)
