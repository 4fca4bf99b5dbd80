"""The tools, one module per noun, in the order they are listed."""

from typing import Any

from insights_mcp.server.tool import Tool
from insights_mcp.server.tools import (
    activity,
    boards,
    changing,
    creating,
    dashboards,
    files,
    listing,
    naming,
    queries,
    reading,
    schema,
    sharing,
    undoing,
)

TOOLS: tuple[Tool[Any], ...] = (
    listing.TOOL,
    reading.TOOL,
    queries.INSIGHT_QUERY,
    queries.QUERY_RUN,
    schema.TOOL,
    creating.TOOL,
    changing.UPDATE,
    changing.DELETE,
    undoing.TOOL,
    naming.TOOL,
    activity.TOOL,
    sharing.TOOL,
    dashboards.LIST,
    dashboards.GET,
    boards.CREATE,
    boards.UPDATE,
    files.TOOL,
)
