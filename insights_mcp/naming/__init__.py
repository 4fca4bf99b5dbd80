"""Names and descriptions for insights: query to summary, summary to model, and the deterministic namer."""

from insights_mcp.naming.metadata import Metadata, Namer
from insights_mcp.naming.model import ModelNamer
from insights_mcp.naming.naming import name_query
from insights_mcp.naming.rules import describe_deterministically
from insights_mcp.naming.summary import QuerySummary, summarize_query

__all__ = [
    "Metadata",
    "ModelNamer",
    "Namer",
    "QuerySummary",
    "describe_deterministically",
    "name_query",
    "summarize_query",
]
