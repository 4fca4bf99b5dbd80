"""Tiles across and within dashboards: move, copy, put in order (facts/rest-api.md 12)."""

from insights_mcp.local.app.dashboard_shapes import Board, full_dashboard, load_board
from insights_mcp.local.app.fields import read_key, read_keys
from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.insight_context import QueryView
from insights_mcp.local.app.insight_results import read_refresh
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import Dashboard, get_dashboard
from insights_mcp.local.store.tiles import (
    Tile,
    find_tile,
    get_tile,
    move_tile,
    put_insight,
    tiles_of_dashboard,
    update_tile,
)

# Two tiles to a row of a twelve-column grid.
COLUMNS, WIDTH, HEIGHT = 2, 6, 5


@endpoint("PATCH", "/dashboards/{id}/move_tile/", scope="dashboard:write")
def move(call: Call) -> Answer:
    """Move a tile to another dashboard."""
    given = call.fields.get("tile")
    with call.backend.store.write() as db:
        source = _need_dashboard(db, call, call.number("id"))
        tile = _need_tile(db, source, given.get("id") if isinstance(given, dict) else None)
        target = _need_dashboard(db, call, read_key(call.fields.get("toDashboard"), "toDashboard"))
        if tile.insight_id is not None and find_tile(db, target.id, tile.insight_id):
            raise invalid("The insight is already on that dashboard.", attr="toDashboard")
        move_tile(db, tile, target.id)
        board = load_board(db, source)
    return _answer(call, board)


@endpoint("POST", "/dashboards/{id}/copy_tile/", scope="dashboard:write")
def copy(call: Call) -> Answer:
    """Put the insight of another dashboard's tile on this one."""
    with call.backend.store.write() as db:
        target = _need_dashboard(db, call, call.number("id"))
        source = _need_dashboard(db, call, read_key(call.fields.get("fromDashboardId"), "fromDashboardId"))
        tile = _need_tile(db, source, call.fields.get("tileId"))
        if tile.insight_id is None:
            raise invalid("Only tiles with an insight can be copied.", attr="tileId")
        put_insight(db, target.id, tile.insight_id)
        board = load_board(db, target)
    return _answer(call, board)


@endpoint("POST", "/dashboards/{id}/reorder_tiles/", scope="dashboard:write")
def reorder(call: Call) -> Answer:
    """Lay tiles out in the given order, two to a row; tiles that were not named follow."""
    wanted = read_keys(call.fields, "tile_order")
    with call.backend.store.write() as db:
        dashboard = _need_dashboard(db, call, call.number("id"))
        standing = [tile.id for tile in tiles_of_dashboard(db, dashboard.id)]
        unknown = set(wanted) - set(standing)
        if unknown:
            raise invalid(f"No such tile on this dashboard: {min(unknown)}.", attr="tile_order")
        for index, tile_id in enumerate([*wanted, *(tile_id for tile_id in standing if tile_id not in wanted)]):
            row, column = divmod(index, COLUMNS)
            place = {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT}
            narrow = {"x": 0, "y": index * HEIGHT, "w": 1, "h": HEIGHT}
            update_tile(db, tile_id, {"order": index, "layouts": {"sm": place, "xs": narrow}})
        board = load_board(db, dashboard)
    return _answer(call, board)


def _answer(call: Call, board: Board) -> Answer:
    return Answer(full_dashboard(call, board, read_refresh(call), QueryView()))


def _need_dashboard(db: Connection, call: Call, number: int) -> Dashboard:
    dashboard = get_dashboard(db, call.team.id, number)
    if dashboard is None:
        raise not_found()
    return dashboard


def _need_tile(db: Connection, dashboard: Dashboard, value: object) -> Tile:
    tile = get_tile(db, dashboard.id, read_key(value, "tile"))
    if tile is None:
        raise not_found("Tile not found.")
    return tile


ROUTES = (move, copy, reorder)
