"""Dashboards and tiles as JSON (facts/rest-api.md 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.local.answers.freshness import RefreshMode
from insights_mcp.local.app.http import Call
from insights_mcp.local.app.insight_context import QueryView
from insights_mcp.local.app.insight_queries import shown_query
from insights_mcp.local.app.insight_results import NO_RESULTS, compute
from insights_mcp.local.app.insight_shapes import (
    CAN_EDIT,
    EVERYONE_CAN_EDIT,
    Around,
    JsonObject,
    full_insight,
    load_around,
)
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.problems import Problem
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import Dashboard
from insights_mcp.local.store.insights import Insight, get_insights
from insights_mcp.local.store.sharing import shared_ids
from insights_mcp.local.store.tags import get_tags
from insights_mcp.local.store.tiles import Tile, TileText, get_texts, tiles_of_dashboard
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import User, get_users


@dataclass(frozen=True)
class Board:
    """A dashboard with everything that stands on it."""

    dashboard: Dashboard
    tags: Sequence[str]
    is_shared: bool
    tiles: Sequence[Tile]
    insights: Mapping[int, Insight]
    texts: Mapping[int, TileText]
    around: Around
    users: Mapping[int, User]


def load_board(db: Connection, dashboard: Dashboard) -> Board:
    """Read what stands on a dashboard."""
    tiles = tiles_of_dashboard(db, dashboard.id)
    insights = get_insights(db, [tile.insight_id for tile in tiles if tile.insight_id is not None])
    texts = get_texts(db, [tile.text_id for tile in tiles if tile.text_id is not None])
    authors = [author for text in texts.values() for author in (text.created_by, text.last_modified_by)]
    return Board(
        dashboard=dashboard,
        tags=get_tags(db, "dashboard", [dashboard.id]).get(str(dashboard.id), []),
        is_shared=bool(shared_ids(db, "dashboard", [dashboard.id])),
        tiles=tiles,
        insights={insight.id: insight for insight in insights},
        texts=texts,
        around=load_around(db, insights),
        users=get_users(db, [dashboard.created_by, *authors]),
    )


def basic_dashboard(dashboard: Dashboard, *, tags: Sequence[str], is_shared: bool, author: User | None) -> JsonObject:
    """Return a dashboard as lists show it, without tiles."""
    return {
        "id": dashboard.id,
        "name": dashboard.name,
        "description": dashboard.description,
        "pinned": dashboard.pinned,
        "created_at": show_time(dashboard.created_at),
        "created_by": basic_user(author),
        "last_accessed_at": show_time(dashboard.last_accessed_at),
        "last_viewed_at": show_time(dashboard.last_accessed_at),
        "is_shared": is_shared,
        "deleted": dashboard.deleted,
        "creation_mode": dashboard.creation_mode,
        "tags": list(tags),
        "restriction_level": dashboard.restriction_level,
        "effective_restriction_level": EVERYONE_CAN_EDIT,
        "effective_privilege_level": CAN_EDIT,
        "user_access_level": "manager",
        "access_control_version": "v2",
        "last_refresh": show_time(dashboard.last_refresh),
        "team_id": dashboard.team_id,
    }


def full_dashboard(call: Call, board: Board, refresh: RefreshMode, view: QueryView) -> JsonObject:
    """Return a dashboard with its tiles and their results, computed as the refresh mode asks."""
    dashboard = board.dashboard
    filters, variables = {**dashboard.filters, **view.filters}, {**dashboard.variables, **view.variables}
    author = board.users.get(dashboard.created_by or 0)
    return {
        **basic_dashboard(dashboard, tags=board.tags, is_shared=board.is_shared, author=author),
        "filters": filters,
        "variables": variables,
        "breakdown_colors": dashboard.breakdown_colors,
        "data_color_theme_id": dashboard.data_color_theme_id,
        "persisted_filters": dashboard.filters or None,
        "persisted_variables": dashboard.variables or None,
        "quick_filter_ids": dashboard.quick_filter_ids,
        "tiles": [_tile(call, board, tile, refresh, QueryView(filters, variables)) for tile in board.tiles],
    }


def _tile(call: Call, board: Board, tile: Tile, refresh: RefreshMode, view: QueryView) -> JsonObject:
    insight = board.insights.get(tile.insight_id or 0)
    text = board.texts.get(tile.text_id or 0)
    shown: JsonObject = {
        "id": tile.id,
        "order": tile.order,
        "layouts": tile.layouts,
        "color": tile.color,
        "filters_overrides": tile.filters_overrides,
        "show_description": tile.show_description,
        "transparent_background": tile.transparent_background,
        "insight": None,
        "text": _text(text, board) if text else None,
        "button_tile": None,
        "last_refresh": None,
        "is_cached": False,
    }
    if insight is None:
        return shown
    query = QueryView(tile.filters_overrides or view.filters, view.variables).lay_over(shown_query(insight))
    try:
        results = compute(call, insight.id, query, refresh)
    except Problem as problem:  # one broken tile leaves the others readable
        results = NO_RESULTS
        shown["error"] = {"type": problem.code, "message": problem.detail}
    shown["insight"] = full_insight(insight, board.around, query, results)
    shown["last_refresh"], shown["is_cached"] = results["last_refresh"], results["is_cached"]
    return shown


def _text(text: TileText, board: Board) -> JsonObject:
    return {
        "id": text.id,
        "body": text.body,
        "created_by": basic_user(board.users.get(text.created_by or 0)),
        "last_modified_at": show_time(text.last_modified_at),
        "last_modified_by": basic_user(board.users.get(text.last_modified_by or 0)),
        "team": board.dashboard.team_id,
    }
