"""The one way in: a name for any query, by the model where there is one, by rules where that fails."""

from dataclasses import replace

from insights_mcp.errors import ExtraMissing, NamingFailed
from insights_mcp.naming.metadata import Metadata, Namer
from insights_mcp.naming.rules import describe_deterministically
from insights_mcp.naming.summary import summarize_query
from insights_mcp.schema.queries import AnyQuery

NO_MODEL = "Named by rule: no model is set up (set OPENAI_API_KEY)."


async def name_query(query: AnyQuery, *, model: Namer | None, results: object = None) -> Metadata:
    """Return a name and description; model trouble ends in the rules' answer, with a note that says so."""
    if model is None:
        return replace(describe_deterministically(query), note=NO_MODEL)
    try:
        return await model.describe(summarize_query(query, results=results))
    except (NamingFailed, ExtraMissing) as failed:
        return replace(describe_deterministically(query), note=f"Named by rule: {failed}")
