"""`dashboards-list` and `dashboard-get`."""

from typing import Annotated

from pydantic import Field

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.days import short_moment
from insights_mcp.render.insights import compact_json, kind_word
from insights_mcp.render.marking import quote
from insights_mcp.render.numbers import plural
from insights_mcp.render.reading import mapping
from insights_mcp.render.reports import tell_cut
from insights_mcp.render.results import report_result
from insights_mcp.render.tables import Plain, cut_table, dense_table, word
from insights_mcp.render.tokens import estimate_tokens
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens, Refresh, cached_result_of
from insights_mcp.server.identifiers import DashboardId, find_dashboard
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool

# What the line above a table, or below it, may cost.
_HEADLINE = 60
# The API cannot search dashboards: this many are looked through.
_LOOKED_THROUGH = 500
_MAX_NAME = 80


class DashboardsArguments(Arguments):
    """Which dashboards."""

    search: Annotated[str, Field(description="Part of the name or description")] | None = None
    tags: list[str] | None = None
    limit: Annotated[int, Field(ge=1, le=100, description="20 unless given")] = 20
    offset: Annotated[int, Field(ge=0)] = 0
    max_tokens: MaxTokens = DEFAULT_TOKENS


class DashboardArguments(Arguments):
    """Which dashboard."""

    id: DashboardId
    refresh: Refresh = "force_cache"
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def list_dashboards(arguments: DashboardsArguments, call: Call) -> str:
    """Return dashboards, pinned first, a row each."""
    found, total, next_offset = await _find(arguments, call)
    where = await name_project(call.api)
    if not found:
        return f"No dashboard in {where} fits. Leave search and tags out to see all."
    rows: list[list[object]] = [
        [
            one.id,
            Plain(quote(one.name or "", _MAX_NAME)),
            Plain("yes") if one.pinned else None,
            Plain(" ".join(word(tag) for tag in one.tags)),
            Plain(short_moment(one.created_at) or ""),
        ]
        for one in found
    ]
    table = dense_table(("id", "name", "pinned", "tags", "created"), rows)
    cut = cut_table(table, arguments.max_tokens - _HEADLINE)
    whole = plural(cut.kept, "dashboard")
    if total not in (None, cut.kept):
        whole = f"{cut.kept} of {plural(total or 0, 'dashboard')}"
    following = arguments.offset + cut.kept if cut.is_cut else next_offset
    why = f" (max_tokens={arguments.max_tokens} is reached)" if cut.is_cut else ""
    more = f" Next page: offset={following}{why}." if following is not None else ""
    return f"{whole} in {where}.{more}\n{cut.text}"


async def get_dashboard(arguments: DashboardArguments, call: Call) -> str:
    """Return a dashboard's tiles in order, each with the gist of its result."""
    number = await find_dashboard(call, arguments.id)
    refresh = None if arguments.refresh == "force_cache" else arguments.refresh
    return await tell_dashboard(call.api, number, refresh=refresh, max_tokens=arguments.max_tokens)


async def tell_dashboard(
    api: PostHogClient, number: int, *, refresh: str | None = None, max_tokens: int = DEFAULT_TOKENS
) -> str:
    """Return one dashboard in words: what it is, and a row per tile."""
    board = await api.dashboards.get(number, refresh=refresh)
    lines = _describe(board, api)
    tiles = [_tile_row(tile) for tile in _in_order(board.tiles)]
    if not tiles:
        return "\n".join([*lines, "It has no tiles: insight-update with add_to_dashboards puts insights on it."])
    table = dense_table(("id", "short_id", "name", "type", "shows"), tiles)
    around = sum(estimate_tokens(line) + 1 for line in lines) + _HEADLINE
    cut = cut_table(table, max_tokens - around)
    rest = [tell_cut(cut, "tiles", around)] if cut.is_cut else []
    return "\n".join([*lines, cut.text, *rest])


async def _find(arguments: DashboardsArguments, call: Call) -> tuple[list[Dashboard], int | None, int | None]:
    tags = arguments.tags or ()
    if not arguments.search:
        page = await call.api.dashboards.list(tags=tags, limit=arguments.limit, offset=arguments.offset)
        return list(page.results), page.count, page.next_offset
    page = await call.api.dashboards.list(tags=tags, limit=_LOOKED_THROUGH)
    words = arguments.search.lower().split()
    fitting = [one for one in page.results if all(word in f"{one.name} {one.description}".lower() for word in words)]
    end = arguments.offset + arguments.limit
    return fitting[arguments.offset : end], len(fitting), end if end < len(fitting) else None


def _describe(board: Dashboard, api: PostHogClient) -> list[str]:
    address = api.dashboard_url(board.id)
    lines = [f"Dashboard {quote(board.name or '', _MAX_NAME)} (id {board.id}{f', {address}' if address else ''})"]
    if board.description:
        lines.append(f"description: {quote(board.description)}")
    if board.tags:
        lines.append(f"tags: {' '.join(word(tag) for tag in board.tags)}")
    if board.filters:
        lines.append(f"filters: {compact_json(board.filters)}")
    return lines


def _in_order(tiles: tuple[Tile, ...]) -> list[Tile]:
    return sorted(tiles, key=lambda tile: (tile.order is None, tile.order or 0, tile.id))


def _tile_row(tile: Tile) -> list[object]:
    insight = tile.insight
    if insight is None:
        body = tile.text.get("body") if tile.text else None
        return [None, None, Plain(quote(str(body or ""), 200)), Plain("text"), None]
    return [
        insight.id,
        Plain(insight.short_id),
        Plain(quote(insight.title, _MAX_NAME)),
        Plain(kind_word(insight.query)),
        Plain(_shows(tile, insight)),
    ]


def _shows(tile: Tile, insight: Insight) -> str:
    if tile.error:
        return f"failed: {quote(str(mapping(tile.error).get('detail') or tile.error), _MAX_NAME)}"
    result = cached_result_of(insight)
    return report_result(result).gist if result else "no cached result"


LIST = Tool(
    "dashboards-list",
    "List dashboards",
    DashboardsArguments,
    list_dashboards,
    aliases={"dashboards-get-all": {}, "list-dashboards": {}},
)
GET = Tool(
    "dashboard-get",
    "Read a dashboard",
    DashboardArguments,
    get_dashboard,
    aliases={"dashboards-get": {}, "dashboard-retrieve": {}, "get-dashboard": {}},
)
