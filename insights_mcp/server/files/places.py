"""Places for new tiles that a file gives none."""

from collections.abc import Mapping

from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.server.asking import source_of
from insights_mcp.server.boards.planning import display_of
from insights_mcp.server.files.board_plans import BoardPlan, text_in
from insights_mcp.server.layouts import Shape, arrange, bottom_of, lay_out, shape_of_query


def free_places(plan: BoardPlan, board: Dashboard, tiles: Mapping[int, Tile]) -> dict[int, dict[str, object]]:
    """Return places below everything that stands, by the tile's place in the plan.

    Only where a file places none of its tiles: else it was left open on purpose, and screens find room themselves.
    """
    if any(one.file.layouts is not None for one in plan.tiles):
        return {}
    new = {tile.id for tile in tiles.values()}
    standing = [tile.layouts for tile in board.tiles if tile.id not in new]
    shapes = {str(at): _shape(tile) for at, tile in tiles.items()}
    boxes = lay_out(arrange(list(shapes), shapes), shapes, top=bottom_of(standing))
    return {int(at): {size: dict(place) for size, place in box.items()} for at, box in boxes.items()}


def _shape(tile: Tile) -> Shape:
    if tile.insight is None:
        return Shape("text", text_in(tile))
    query = tile.insight.query or {}
    return shape_of_query(source_of(query), display_of(query))
