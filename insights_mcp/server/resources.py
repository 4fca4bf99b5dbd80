"""Insights and dashboards as resources: `insight://{short_id}` and `dashboard://{id}`, listed a page at a time."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from mcp_types import Resource, ResourceTemplate

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight
from insights_mcp.client.paging import Page
from insights_mcp.errors import InputError, PermissionDenied
from insights_mcp.render.insights import kind_word
from insights_mcp.render.marking import mark, quote
from insights_mcp.server.identifiers import dashboard_key, insight_key
from insights_mcp.server.tools.dashboards import tell_dashboard
from insights_mcp.server.tools.reading import tell_insight

MIME_TYPE = "text/plain"
INSIGHT = ResourceTemplate(
    uri_template="insight://{short_id}",
    name="insight",
    title="Saved insight",
    description="A saved insight: name, definition and the gist of its cached result.",
    mime_type=MIME_TYPE,
)
DASHBOARD = ResourceTemplate(
    uri_template="dashboard://{id}",
    name="dashboard",
    title="Dashboard",
    description="A dashboard: its insights in order, each with the gist of its cached result.",
    mime_type=MIME_TYPE,
)
TEMPLATES = (INSIGHT, DASHBOARD)
# A page holds the latest of both; clients that follow the cursor to its end read this many pages.
_INSIGHTS, _DASHBOARDS, _PAGES = 20, 10, 10


@dataclass(frozen=True)
class ResourcePage:
    """Some resources, and the cursor of the next page if there is one."""

    resources: Sequence[Resource]
    next_cursor: str | None = None


async def list_resources(api: PostHogClient, cursor: str | None = None) -> ResourcePage:
    """Return the insights changed last and the dashboards, pinned first: so many of each, and a cursor.

    Raises InputError for a cursor that is none of ours.
    """
    number = _page_number(cursor)
    insights, dashboards = await _read_both(api, number)
    found = [*map(_of_insight, insights.results), *map(_of_dashboard, dashboards.results)]
    has_more = (insights.has_more or dashboards.has_more) and number + 1 < _PAGES
    return ResourcePage([one for one in found if one is not None], str(number + 1) if has_more else None)


async def read_resource(api: PostHogClient, uri: str) -> str:
    """Return an insight or a dashboard as text.

    Raises InputError for an address that is neither's, NotFound for what is not there.
    """
    if uri.startswith("dashboard:"):
        return await tell_dashboard(api, await dashboard_key(api, uri))
    return await tell_insight(api, await insight_key(api, uri))


def _page_number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and 0 < int(cursor[:4]) < _PAGES):
        raise InputError(f"{quote(cursor, 40)} is no cursor of this list.", advice="Begin again without a cursor.")
    return int(cursor)


async def _read_both(api: PostHogClient, number: int) -> tuple[Page[Insight], Page[Dashboard]]:
    """Return a page of each. A key that may not read one of them still lists the other.

    Raises PermissionDenied when it may read neither.
    """
    nothing: Page[Dashboard] = Page([], 0, 0, None)
    dashboards = nothing
    with suppress(PermissionDenied):
        dashboards = await api.dashboards.list(limit=_DASHBOARDS, offset=number * _DASHBOARDS)
    try:
        insights = await api.insights.list(limit=_INSIGHTS, offset=number * _INSIGHTS, order="-last_modified_at")
    except PermissionDenied:
        if dashboards is nothing:
            raise
        insights = Page([], 0, 0, None)
    return insights, dashboards


def _of_insight(one: Insight) -> Resource | None:
    if not one.short_id:
        return None
    return Resource(
        uri=f"insight://{one.short_id}",
        name=one.short_id,
        title=mark(one.title),
        description=f"{kind_word(one.query)}{f': {mark(one.description)}' if one.description else ''}",
        mime_type=MIME_TYPE,
    )


def _of_dashboard(board: Dashboard) -> Resource:
    return Resource(
        uri=f"dashboard://{board.id}",
        name=f"dashboard-{board.id}",
        title=mark(board.name or f"Dashboard {board.id}"),
        description=f"dashboard{f': {mark(board.description)}' if board.description else ''}",
        mime_type=MIME_TYPE,
    )
