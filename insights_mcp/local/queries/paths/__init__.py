"""PathsQuery: which way people go, from item to item (facts/queries.md 1.5)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.paths.plan import plan_paths
from insights_mcp.local.queries.paths.shape import shape_paths
from insights_mcp.schema.paths import PathsQuery

PATHS: Kind[PathsQuery] = Kind("PathsQuery", plan_paths, shape_paths)
