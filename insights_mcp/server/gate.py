"""The gate between our errors and the model: one place decides what of an error is shown (design: one gate)."""

from mcp.server.mcpserver.exceptions import ToolError

from insights_mcp.errors import ApiError, InsightsError, NotFound, PermissionDenied
from insights_mcp.render.marking import mark, quote

LIMIT = 600
_DETAIL_LIMIT = 240
# Where a tool of ours tells what the API only refuses.
_ADVICE_BY_FIELD = {"dashboards": "dashboards-list shows the ids there are."}
# What still works without a scope.
_WITHOUT_SCOPE = {
    "insight:write": "Until then query-run answers without saving.",
    "insight:read": "Until then query-run answers what is not saved.",
    "query:read": "Until then insight-query with refresh=force_cache reads results that are there.",
    "activity_log:read": "Until then insight-get tells who changed an insight last.",
    "dashboard:read": "Until then insights-list with dashboards=[id] lists what is on a dashboard.",
    "dashboard:write": "Until then insight-create saves insights on no dashboard.",
    "event_definition:read": 'Until then query-run "SELECT event, count() FROM events GROUP BY event" lists events.',
    "property_definition:read": 'Until then query-run "SELECT properties FROM events LIMIT 5" shows properties.',
    "sharing_configuration:read": "Sharing is also shown on the insight's page in PostHog.",
    "sharing_configuration:write": "Sharing can also be changed on the insight's page in PostHog.",
}
# The API's text when it has nothing to say.
_EMPTY_WORDS = frozenset({"", "Not found.", "A server error occurred."})


def to_tool_error(error: InsightsError) -> ToolError:
    """Return what the model reads of an error: our words, the API's own text quoted as data, at most 600 characters."""
    return ToolError(tell_error(error))


def tell_error(error: InsightsError) -> str:
    """Return message, quoted detail and advice in at most 600 characters; the advice is never cut."""
    detail = (error.detail or "").strip() if isinstance(error, ApiError) else ""
    if detail in _EMPTY_WORDS or detail in error.message or getattr(error, "scope", None):
        detail = ""
    advice = _advice(error)
    said = f" The API says: {quote(detail, _DETAIL_LIMIT)}" if detail else ""
    whole = mark(f"{error.message} {advice}" if advice else error.message) if not said else mark(error.message)
    if said and advice:
        said += " " + mark(advice)
    room = LIMIT - len(said)
    return (whole if len(whole) <= room else whole[: room - 1] + "…") + said


def _advice(error: InsightsError) -> str | None:
    if isinstance(error, PermissionDenied) and error.scope in _WITHOUT_SCOPE:
        return f"{error.advice or ''} {_WITHOUT_SCOPE[error.scope]}".strip()
    if isinstance(error, NotFound) and error.message.startswith("There is no insight"):
        return "insights-list finds it by name; a deleted one comes back with insight-update restore=true."
    if isinstance(error, NotFound) and error.message.startswith("There is no dashboard"):
        return "dashboards-list shows those there are."
    return _ADVICE_BY_FIELD.get(error.attr or "", error.advice) if isinstance(error, ApiError) else error.advice
