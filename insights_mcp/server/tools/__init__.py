"""The tools, one module per noun, in the order they are listed."""

from typing import Any

from insights_mcp.server.tool import Tool
from insights_mcp.server.tools import listing, queries, reading

TOOLS: tuple[Tool[Any], ...] = (
    listing.TOOL,
    reading.TOOL,
    queries.INSIGHT_QUERY,
    queries.QUERY_RUN,
)
