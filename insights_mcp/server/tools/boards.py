"""`dashboard-create` and `dashboard-update`: whole dashboards in one call, all or nothing."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.errors import InputError
from insights_mcp.render.diffs import describe_changes
from insights_mcp.render.marking import quote
from insights_mcp.render.numbers import plural
from insights_mcp.render.tables import Plain, cut_table, dense_table
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite
from insights_mcp.server.acks import tell_write
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.boards.filters import read_filters
from insights_mcp.server.boards.planning import PlannedTile, plan_tiles
from insights_mcp.server.boards.problems import Problems
from insights_mcp.server.boards.tiles import read_rows, read_tiles
from insights_mcp.server.boards.updating import UpdatePlan, find_removed, references, write_update
from insights_mcp.server.boards.writing import writing_board
from insights_mcp.server.consent import Confirm, find_loss_of_dashboard, needs_asking, refuse_without_consent
from insights_mcp.server.identifiers import DashboardId, find_dashboard
from insights_mcp.server.journal import Step
from insights_mcp.server.layouts import arrange
from insights_mcp.server.patches import merge_patch
from insights_mcp.server.states import GONE, dashboard_state
from insights_mcp.server.tool import ADDS, CHANGES, Call, Tool
from insights_mcp.server.tools.creating import Force, Name

_ROOM = 4000
_MAX_NAME = 60
_LOOKED_THROUGH = 500
_FIELDS = {"name", "description", "tags", "pinned"}

Tiles = Annotated[
    dict[str, object], Field(description="By names of yours: {query, name?}, a saved insight's id, or {text}")
]
Rows = Annotated[list[list[str]], Field(description='Names, top to bottom; "a:8" is 8 of 12 columns wide')]
Filters = Annotated[dict[str, object], Field(description="Over all tiles, such as date_from")]


class CreateBoardArguments(Arguments):
    """The dashboard to create."""

    name: Name
    tiles: Tiles
    rows: Rows | None = None
    description: str | None = None
    tags: list[str] | None = None
    pinned: bool | None = None
    filters: Filters | None = None
    dry_run: bool = False
    force: Force = False


class UpdateBoardArguments(Arguments):
    """What to change of a dashboard."""

    id: DashboardId
    add: Annotated[dict[str, object], Field(description="As tiles of dashboard-create")] | None = None
    remove: Annotated[list[str], Field(description="Insight ids; t7 is a text")] | None = None
    rows: Annotated[list[list[str]], Field(description="New order, ids and names of add")] | None = None
    name: Name | None = None
    description: str | None = None
    tags: list[str] | None = None
    pinned: bool | None = None
    filters: dict[str, object] | None = None
    deleted: Annotated[bool, Field(description="true deletes, false restores")] | None = None
    confirm: Confirm = False
    dry_run: bool = False
    force: bool = False


async def create_board(arguments: CreateBoardArguments, call: Call) -> str:
    """Create a dashboard with all its tiles, or nothing."""
    problems = Problems()
    if not arguments.tiles:
        problems.add("tiles", 'give at least one, such as {"signups": 12} for saved insight 12')
    given = read_tiles(arguments.tiles, problems, call.notes)
    rows = read_rows(arguments.rows or [], list(arguments.tiles), problems)
    filters = read_filters(arguments.filters or {}, problems)
    if not arguments.force:
        await _check_name(call, arguments.name, problems)
    tiles = await plan_tiles(call, given, problems, force=arguments.force)
    problems.raise_if_any(CREATE.name)
    if arguments.dry_run:
        return _tell(f"Dry run, nothing written. Would create dashboard {quote(arguments.name, _MAX_NAME)}.", tiles, {})
    fields: dict[str, Any] = arguments.model_dump(include=_FIELDS, exclude_none=True)
    if filters:
        fields["filters"] = filters
    async with writing_board(call, CREATE.name, arguments.name) as writer:
        board = await writer.create_dashboard(DashboardWrite(**fields))
        plan = UpdatePlan({}, tiles, (), rows or arrange(list(tiles), {name: one.shape for name, one in tiles.items()}))
        ids = await write_update(writer, board, plan)
    return _tell(f"Created dashboard {_name(call, board)}.", tiles, ids)


async def update_board(arguments: UpdateBoardArguments, call: Call) -> str:
    """Change a dashboard by what is given; the rest of it stays."""
    number = await find_dashboard(call, arguments.id, is_write=True)
    if arguments.deleted is not None:
        return await _set_deleted(number, arguments, call)
    board = await call.api.dashboards.get(number)
    plan = await _plan(board, arguments, call)
    if plan.is_nothing:
        raise InputError("dashboard-update: nothing to change was given.", advice="Give add, remove, rows or a field.")
    changes = _describe(board, plan)
    if arguments.dry_run:
        said = f"Dry run, nothing written. Would update dashboard {_name(call, board)}."
        return _tell(tell_write(said, changes=changes, is_dry_run=True), plan.added, {})
    async with writing_board(call, UPDATE.name, board.name or "") as writer:
        ids = await write_update(writer, board, plan)
    return _tell(tell_write(f"Updated dashboard {_name(call, board)}.", changes=changes), plan.added, ids)


async def _plan(board: Dashboard, arguments: UpdateBoardArguments, call: Call) -> UpdatePlan:
    """Check an update as a whole.

    Raises NotWritten with all that is wrong.
    """
    problems = Problems()
    given = read_tiles(arguments.add or {}, problems, call.notes)
    removed = find_removed(board, arguments.remove or [], problems)
    there = references(board)
    for name in given:
        if name in there:
            problems.add(name, "is on the dashboard already; call the new tile otherwise")
    gone = {tile.id for tile in removed}
    left = [name for name, tile in there.items() if tile.id not in gone]
    rows = read_rows(arguments.rows or [], [*left, *(arguments.add or {})], problems)
    filters = read_filters(arguments.filters or {}, problems)
    added = await plan_tiles(call, given, problems, force=arguments.force)
    problems.raise_if_any(UPDATE.name)
    fields: dict[str, Any] = arguments.model_dump(include=_FIELDS, exclude_none=True)
    if filters:
        fields["filters"] = merge_patch(board.filters, filters)
    return UpdatePlan(fields, added, removed, rows)


async def _set_deleted(number: int, arguments: UpdateBoardArguments, call: Call) -> str:
    if not arguments.deleted:
        if arguments.dry_run:
            return f"Dry run, nothing written. Would restore dashboard {number} if it is deleted."
        board = await call.api.dashboards.update(number, DashboardPatch(deleted=False))
        await call.record(UPDATE.name, board.name or "", [Step("dashboard", number, GONE, {"deleted": False})])
        return f"Restored dashboard {_name(call, board)}."
    board = await call.api.dashboards.get(number)
    kept = f"It has {plural(len(board.tiles), 'tile')}; the insights stay." if board.tiles else ""
    if arguments.dry_run:
        return tell_write(f"Dry run, nothing written. Would delete dashboard {_name(call, board)}.", notes=[kept])
    if needs_asking(call, confirmed=arguments.confirm):
        loss = find_loss_of_dashboard(board)
        if stays := await refuse_without_consent(call, UPDATE.name, loss, confirmed=arguments.confirm):
            return stays
    await call.api.dashboards.update(number, DashboardPatch(deleted=True))
    await call.record(UPDATE.name, board.name or "", [Step("dashboard", number, {"deleted": False}, GONE)])
    return tell_write(f"Deleted dashboard {_name(call, board)}.", notes=[kept])


async def _check_name(call: Call, name: str, problems: Problems) -> None:
    boards = (await call.api.dashboards.list(limit=_LOOKED_THROUGH)).results
    same = next((one for one in boards if (one.name or "").strip().casefold() == name.strip().casefold()), None)
    if not name.strip():
        problems.add("name", "is empty")
    elif same is not None:
        problems.add("name", f"dashboard {same.id} is called so already: dashboard-update changes it, or force=true")


def _describe(board: Dashboard, plan: UpdatePlan) -> list[str]:
    before = {name: value for name, value in dashboard_state(board).items() if name in plan.fields}
    changes = describe_changes(before, plan.fields)
    if plan.added:
        changes.append(f"{len(plan.added)} added")
    if plan.removed:
        names = [str(tile.insight.id) if tile.insight is not None else f"t{tile.id}" for tile in plan.removed]
        changes.append(f"removed {' '.join(names)}")
    return [*changes, *(["tiles moved"] if plan.rows else [])]


def _tell(said: str, tiles: Mapping[str, PlannedTile], ids: Mapping[str, int]) -> str:
    """Return the answer with a row per tile: what it is called and what it shows now."""
    rows = [
        [ids.get(name), Plain(quote(one.title, _MAX_NAME)), Plain(one.shows)]
        for name, one in tiles.items()
        if one.text is None
    ]
    table = [cut_table(dense_table(("id", "name", "shows"), rows), _ROOM).text] if rows else []
    warnings = [f"{quote(one.title, _MAX_NAME)} finds nothing. {one.warning}" for one in tiles.values() if one.warning]
    return "\n".join([said, *table, *warnings])


def _name(call: Call, board: Dashboard) -> str:
    address = call.api.dashboard_url(board.id)
    return f"{quote(board.name or '', _MAX_NAME)} (id {board.id}{f', {address}' if address else ''})"


CREATE = Tool(
    "dashboard-create",
    "Create a dashboard",
    CreateBoardArguments,
    create_board,
    hints=ADDS,
    aliases={"dashboards-create": {}, "create-dashboard": {}},
)
UPDATE = Tool(
    "dashboard-update",
    "Change a dashboard",
    UpdateBoardArguments,
    update_board,
    hints=CHANGES,
    aliases={
        "dashboards-partial-update": {},
        "update-dashboard": {},
        "dashboard-delete": {"deleted": True},
        "dashboard-reorder-tiles": {},
    },
)
