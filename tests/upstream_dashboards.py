"""Dashboards in the fake PostHog (facts/rest-api.md 12)."""

from tests.upstream_insights import shown
from tests.upstream_world import Asked, Record, World, invalid, missing


def list_dashboards(world: World, asked: Asked) -> Record:
    tags = asked.params.get_list("tags")
    mode = asked.params.get("creation_mode")
    rows = [
        {name: value for name, value in board.items() if name not in ("filters", "variables")}
        for board in sorted(world.dashboards.values(), key=lambda board: (not board["pinned"], board["name"] or ""))
        if not board["deleted"]
        and (not tags or set(tags) & set(board["tags"]))
        and (mode is None or board["creation_mode"] == mode)
    ]
    return asked.page(rows)


def _board(world: World, asked: Asked, *, deleted: bool = False) -> Record:
    text = asked.parts["id"]
    board = world.dashboards.get(int(text)) if text.isdecimal() else None
    if board is None or (board["deleted"] and not deleted):
        raise missing()
    return board


def one_dashboard(world: World, asked: Asked) -> Record:
    board = _board(world, asked)
    return {**board, "tiles": _tiles(world, board)}


def _tiles(world: World, board: Record) -> list[Record]:
    return [
        {
            "id": tile["id"],
            "order": position,
            "layouts": tile.get("layouts", {}),
            "color": None,
            "insight": shown(world, world.insights[tile["insight"]], basic=False) if tile["insight"] else None,
            "text": {"body": tile["text"]} if tile.get("text") else None,
        }
        for position, tile in enumerate(world.tiles)
        if tile["dashboard_id"] == board["id"] and not tile["deleted"]
    ]


def new_dashboard(world: World, user_id: int, fields: Record) -> Record:
    number = world.next_id(world.dashboards)
    board = {
        "id": number,
        "name": None,
        "description": "",
        "pinned": False,
        "deleted": False,
        "is_shared": False,
        "creation_mode": "default",
        "tags": [],
        "filters": {},
        "variables": {},
        "created_at": world.stamp(),
        "created_by": world.users[user_id],
        "last_accessed_at": None,
        **fields,
    }
    world.dashboards[number] = board
    return board


def create_dashboard(world: World, asked: Asked) -> tuple[int, Record]:
    names = ("name", "description", "pinned", "tags", "filters", "variables")
    if not isinstance(asked.body.get("filters", {}), dict):
        raise invalid("Filters must be a dictionary")
    fields = {name: asked.body[name] for name in names if name in asked.body}
    return 201, {**new_dashboard(world, asked.key.user_id, fields), "tiles": []}


def update_dashboard(world: World, asked: Asked) -> Record:
    board = _board(world, asked, deleted=asked.body.get("deleted") is False)
    names = ("name", "description", "pinned", "tags", "filters", "variables", "deleted")
    board.update({name: asked.body[name] for name in names if name in asked.body})
    for given in asked.body.get("tiles", []):
        _write_tile(world, board, given)
    return {**board, "tiles": _tiles(world, board)}


def _write_tile(world: World, board: Record, given: Record) -> None:
    """Change a tile that is there, or add a text. Insights are silently ignored, as upstream."""
    tile = next((one for one in world.tiles if one["id"] == given.get("id")), None)
    if tile is None:
        if not given.get("text"):
            return
        tile = {"id": len(world.tiles) + 1, "dashboard_id": board["id"], "insight": None, "deleted": None}
        world.tiles.append(tile)
    if given.get("text"):
        if len(given["text"].get("body") or "") > 4000:
            raise invalid("Ensure this field has no more than 4000 characters.", "body", "max_length")
        tile["text"] = given["text"].get("body")
    tile.update({name: given[name] for name in ("layouts", "deleted") if name in given})
