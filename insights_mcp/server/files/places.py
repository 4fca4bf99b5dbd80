"""Places for new tiles, where a file gives none at all."""

from collections.abc import Mapping

from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.render.reading import text_of
from insights_mcp.server.asking import source_of
from insights_mcp.server.boards.planning import display_of
from insights_mcp.server.files.board_plans import BoardPlan
from insights_mcp.server.layouts import Box, Shape, arrange, bottom_of, lay_out, shape_of_query

Queries = Mapping[str, Mapping[str, object]]


def free_places(plan: BoardPlan, board: Dashboard, queries: Queries) -> dict[int, Box]:
    """Return places for new tiles below everything that stands, by the tile's place in the plan.

    Only where a file places none of its tiles: else it was left open on purpose, and screens find room themselves.
    `queries` are those of the insights by their keys.
    """
    if any(one.file.layouts is not None for one in plan.tiles):
        return {}
    shapes: dict[str, Shape] = {}
    for at, one in enumerate(plan.tiles):
        if one.there is None:
            query = queries.get(one.file.insight or "", {})
            shapes[str(at)] = (
                Shape("text", text_of(one.file.text))
                if one.file.insight is None
                else shape_of_query(source_of(query), display_of(query))
            )
    boxes = lay_out(arrange(list(shapes), shapes), shapes, top=bottom_of([tile.layouts for tile in board.tiles]))
    return {int(at): box for at, box in boxes.items()}
