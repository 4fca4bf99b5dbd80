"""The tiles of a dashboard in a file."""

from collections.abc import Mapping

from insights_mcp.server.files.documents import LOOKS, SIDES, Box, TileFile
from insights_mcp.server.files.fields import Fields

MAX_TILES = 300
_MAX_TEXT = 4000
_MAX_KEY = 400
_LARGEST = 10_000
_TILE = ("insight", "text", "layouts", *LOOKS)
_SIZES = ("sm", "xs", "md", "lg")


def read_tiles(board: Fields) -> list[TileFile] | None:
    """Return the tiles; None when none were given, so that they stay as they are."""
    given = board.data.get("tiles")
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > MAX_TILES:
        board.refuse(f"must be a list of at most {MAX_TILES} tiles", "tiles")
        return None
    tiles: list[TileFile] = []
    seen: set[str] = set()
    for at, entry in enumerate(given):
        if not isinstance(entry, Mapping):
            board.refuse("must be an object with insight or text", "tiles", at)
            continue
        tile = _read_tile(board.within(entry, "tiles", at), at)
        if tile is None:
            continue
        if tile.insight is not None and tile.insight in seen:
            board.refuse(f"{tile.insight} is on the dashboard twice", "tiles", at)
            continue
        seen.add(tile.insight or "")
        tiles.append(tile)
    return tiles


def _read_tile(fields: Fields, at: int) -> TileFile | None:
    fields.refuse_unknown(_TILE)
    insight, text = fields.text("insight", _MAX_KEY), fields.text("text", _MAX_TEXT)
    if (insight is None) == (text is None):
        if not {"insight", "text"} & fields.data.keys():
            fields.refuse("needs insight (its key) or text")
        elif insight is not None:
            fields.refuse("is either an insight or a text, not both")
        return None
    if text is not None and not text.strip():
        fields.refuse("is empty", "text")
        return None
    looks = {name: fields.data[name] for name in LOOKS if fields.data.get(name) is not None}
    return TileFile(at, insight, text, _read_layouts(fields), looks or None)


def _read_layouts(fields: Fields) -> Box | None:
    given = fields.object("layouts")
    if not given:
        return None
    boxes: dict[str, Mapping[str, int]] = {}
    for size, box in given.items():
        if size not in _SIZES:
            fields.refuse(f"is no size of screen; known are {', '.join(_SIZES)}", "layouts", size)
            continue
        sides = dict(box) if isinstance(box, Mapping) else {}
        numbers = {
            side: sides[side] for side in SIDES if isinstance(sides.get(side), int) and 0 <= sides[side] < _LARGEST
        }
        if len(numbers) != len(SIDES) or len(sides) != len(SIDES) or not (numbers["w"] and numbers["h"]):
            fields.refuse("must be x, y, w and h as whole numbers, such as {x: 0, y: 0, w: 6, h: 5}", "layouts", size)
            continue
        boxes[size] = numbers
    return boxes or None
