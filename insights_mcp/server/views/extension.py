"""The MCP Apps extension: the `ui://` resource, and the tools that are shown with it.

Only clients that advertise the extension hear of the view; for all others the lists stay as they are. The SDK's own
`Apps` class binds tools through its registry, which this server does not use (see `face`).
"""

from collections.abc import Mapping
from typing import Any

from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID, client_supports_apps
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp_types import Resource

from insights_mcp.server.views.page import load_page

URI = "ui://insights-mcp/insight"
TOOLS = frozenset({"insight-query", "query-run"})
# The page draws its own space around it and needs no origin beside its own: the default policy is left as it is.
_META = {"ui": {"prefersBorder": True}}
_RESOURCE = Resource(
    uri=URI,
    name="insight-view",
    title="Insight",
    description="Draws the result of a query: chart, legend, table, interval.",
    mime_type=APP_MIME_TYPE,
    _meta=_META,
)
_VIEW = _RESOURCE.model_dump(mode="json", by_alias=True, exclude_none=True)


class ViewExtension(Extension):
    """Tells clients that the server has views."""

    identifier = EXTENSION_ID


def read_view() -> ReadResourceContents:
    """Return the page as a resource."""
    return ReadResourceContents(content=load_page(), mime_type=APP_MIME_TYPE, meta=_META)


async def list_views(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Add the view to the lists of tools and resources, for clients that can show it.

    A middleware, because the SDK's lists know nothing of who asks.
    """
    result = await call_next(ctx)
    if ctx.method not in ("tools/list", "resources/list") or not client_supports_apps(ctx):
        return result
    wire = result if isinstance(result, dict) else {}
    if ctx.method == "tools/list":
        # What this client is told differs from what others are, so a shared cache must not hold it.
        private = {"cacheScope": "private"} if "cacheScope" in wire else {}
        return {**wire, **private, "tools": [_with_view(tool) for tool in wire.get("tools", ())]}
    return {**wire, "resources": [_VIEW, *wire.get("resources", ())]}


def _with_view(tool: Mapping[str, object]) -> Mapping[str, object]:
    return {**tool, "_meta": {"ui": {"resourceUri": URI}}} if tool.get("name") in TOOLS else tool
