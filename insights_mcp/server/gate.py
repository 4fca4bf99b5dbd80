"""The gate between our errors and the model: one place decides what of an error is shown (design: one gate)."""

from mcp.server.mcpserver.exceptions import ToolError

from insights_mcp.errors import ApiError, InsightsError
from insights_mcp.render.marking import mark, quote

LIMIT = 600
_DETAIL_LIMIT = 240
# Where a tool of ours tells what the API only refuses.
_ADVICE_BY_FIELD = {"dashboards": "dashboards-list shows the ids there are."}
# The API's text when it has nothing to say.
_EMPTY_WORDS = frozenset({"", "Not found.", "A server error occurred."})


def to_tool_error(error: InsightsError) -> ToolError:
    """Return what the model reads of an error: our words, the API's own text quoted as data, at most 600 characters."""
    return ToolError(tell_error(error))


def tell_error(error: InsightsError) -> str:
    """Return message, quoted detail and advice in at most 600 characters; the advice is never cut."""
    detail = (error.detail or "").strip() if isinstance(error, ApiError) else ""
    if detail in _EMPTY_WORDS or detail in error.message:
        detail = ""
    advice = _ADVICE_BY_FIELD.get(error.attr or "", error.advice) if isinstance(error, ApiError) else error.advice
    said = f" The API says: {quote(detail, _DETAIL_LIMIT)}" if detail else ""
    whole = mark(str(error)) if not said else mark(error.message)
    if said and advice:
        said += " " + mark(advice)
    room = LIMIT - len(said)
    return (whole if len(whole) <= room else whole[: room - 1] + "…") + said
