"""Changing a dashboard by deltas: what is added, what is removed, where things go; the rest stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.schema.insights import DashboardPatch
from insights_mcp.schema.text import nearest
from insights_mcp.server.asking import source_of
from insights_mcp.server.boards.planning import PlannedTile, display_of
from insights_mcp.server.boards.problems import Problems
from insights_mcp.server.boards.writing import BoardWriter, placed, tile_of
from insights_mcp.server.layouts import Box, Cell, Shape, arrange, bottom_of, lay_out, shape_of_query


@dataclass(frozen=True)
class UpdatePlan:
    """What an update will do to a dashboard; `rows` hold names of new tiles and references to old ones."""

    fields: Mapping[str, Any]
    added: Mapping[str, PlannedTile]
    removed: Sequence[Tile]
    rows: Sequence[Sequence[Cell]]

    @property
    def is_nothing(self) -> bool:
        """Return whether nothing was asked for."""
        return not (self.fields or self.added or self.removed or self.rows)


def references(board: Dashboard) -> dict[str, Tile]:
    """Return a dashboard's tiles by everything a caller may call them: number, short_id, name, `t7` for a text."""
    found: dict[str, Tile] = {}
    for tile in board.tiles:
        names = [f"t{tile.id}"]
        if tile.insight is not None:
            names = [str(tile.insight.id), tile.insight.short_id, tile.insight.title]
        for name in names:
            found.setdefault(name, tile)
    return found


def find_removed(board: Dashboard, given: Sequence[str], problems: Problems) -> list[Tile]:
    """Return the tiles to take off; those that are not there are added to the problems."""
    known, removed = references(board), dict[int, Tile]()
    for name in given:
        tile = known.get(name) or known.get(name.rstrip("/").rsplit("/", 1)[-1])
        if tile is None:
            near = nearest(name, known)
            problems.add("remove", f"{name[:40]} is not on it{f'; did you mean {near}?' if near else ''}")
        else:
            removed[tile.id] = tile
    return list(removed.values())


async def write_update(writer: BoardWriter, board: Dashboard, plan: UpdatePlan) -> dict[str, int]:
    """Write an update: fields, insights added and removed, texts, then places. Returns the added numbers."""
    if plan.fields:
        board = await writer.change_dashboard(board, DashboardPatch(**plan.fields))
    ids = await add_insights(writer, board.id, plan.added)
    for tile in plan.removed:
        if tile.insight is not None:
            kept = [one for one in tile.insight.dashboard_ids if one != board.id]
            await writer.set_boards_of(tile.insight, kept)
    board = await writer.refresh(board.id)
    texts: list[dict[str, object]] = [
        {"text": {"body": tile.text}} for tile in plan.added.values() if tile.text is not None
    ]
    texts += [{"id": tile.id, "deleted": True} for tile in plan.removed if tile.insight is None]
    if texts:
        board = await writer.change_dashboard(board, DashboardPatch(tiles=texts))
    boxes = _place(board, plan, ids)
    if boxes:
        await writer.change_dashboard(board, DashboardPatch(tiles=placed(boxes)))
    return ids


async def add_insights(writer: BoardWriter, board_id: int, added: Mapping[str, PlannedTile]) -> dict[str, int]:
    """Create the new insights on a dashboard and put the saved ones on it. Returns their numbers by the names given."""
    ids: dict[str, int] = {}
    for name, tile in added.items():
        if tile.new is not None:
            more: dict[str, Any] = {"tags": list(tile.new.tags)} if tile.new.tags else {}
            if tile.new.description:
                more["description"] = tile.new.description
            ids[name] = (await writer.create_insight(board_id, tile.title, tile.body or {}, **more)).id
        elif tile.saved is not None:
            await writer.set_boards_of(tile.saved, [*tile.saved.dashboard_ids, board_id])
            ids[name] = tile.saved.id
    return ids


def find_tiles(board: Dashboard, added: Mapping[str, PlannedTile], ids: Mapping[str, int]) -> dict[str, Tile]:
    """Return the tiles that were added by the names given; equal texts in the order they came."""
    found: dict[str, Tile] = {}
    taken: set[int] = set()
    for name, planned in added.items():
        if name in ids:
            tile = tile_of(board, ids[name])
        else:
            same = (one for one in reversed(board.tiles) if mapping(one.text).get("body") == planned.text)
            tile = next((one for one in same if one.id not in taken), None)
        if tile is not None:
            taken.add(tile.id)
            found[name] = tile
    return found


def _place(board: Dashboard, plan: UpdatePlan, ids: Mapping[str, int]) -> dict[int, Box]:
    added, known = find_tiles(board, plan.added, ids), references(board)
    tiles = {**known, **added}
    shapes = {name: plan.added[name].shape for name in added}
    new = {tile.id for tile in added.values()}
    if not plan.rows:
        rows = arrange(list(added), shapes)
        boxes = lay_out(rows, shapes, top=bottom_of([tile.layouts for tile in board.tiles if tile.id not in new]))
        return {tiles[name].id: box for name, box in boxes.items()}
    shapes |= {cell.name: _shape(tiles[cell.name]) for row in plan.rows for cell in row if cell.name not in shapes}
    rest = arrange([name for name in added if not _is_in(name, plan.rows)], shapes)
    named = {tiles[name].id: box for name, box in lay_out([*plan.rows, *rest], shapes).items()}
    return named | _below(board, named)


def _is_in(name: str, rows: Sequence[Sequence[Cell]]) -> bool:
    return any(cell.name == name for row in rows for cell in row)


def _below(board: Dashboard, boxes: Mapping[int, Box]) -> dict[int, Box]:
    """Return places for the tiles nobody named: below the named ones, as they stood to one another."""
    top = bottom_of(list(boxes.values()))
    moved: dict[int, Box] = {}
    for tile in board.tiles:
        wide = mapping(mapping(tile.layouts).get("sm"))
        if tile.id not in boxes:
            place = {side: _whole(wide.get(side), usual) for side, usual in (("x", 0), ("y", 0), ("w", 6), ("h", 5))}
            moved[tile.id] = {"sm": {**place, "y": top + place["y"]}, "xs": {"x": 0, "y": top, "w": 1, "h": place["h"]}}
    return moved


def _whole(value: object, usual: int) -> int:
    return int(value) if isinstance(value, int | float) else usual


def _shape(tile: Tile) -> Shape:
    if tile.insight is None:
        return Shape("text", text_of(mapping(tile.text).get("body")))
    query = tile.insight.query or {}
    return shape_of_query(source_of(query), display_of(query))
