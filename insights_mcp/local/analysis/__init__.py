"""What results say and what to ask next, by rule: no model is needed, and one may add to it."""

from insights_mcp.local.analysis.analyst import analyze
from insights_mcp.local.analysis.suggestions import Suggestion, suggest

__all__ = ["Suggestion", "analyze", "suggest"]
