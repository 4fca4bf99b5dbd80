"""Applying a plan: announced and noted in the journal step by step, taken back when it fails midway.

The API has no transactions. What was written is taken back on any failure; when a process is killed instead, applying
the same files again finds what is there by its key and goes on.
"""

from collections.abc import Mapping
from typing import Any

from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import InsightsError
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite, InsightPatch, InsightWrite
from insights_mcp.server.boards.writing import BoardWriter, tile_of
from insights_mcp.server.files.board_plans import BoardPlan, TilePlan
from insights_mcp.server.files.keys import tag_of
from insights_mcp.server.files.places import free_places
from insights_mcp.server.files.planning import InsightPlan, Plan
from insights_mcp.server.journal import BEGUN, DONE, Entry, Step, dump_step
from insights_mcp.server.states import GONE, changed_fields, insight_state
from insights_mcp.server.tool import Call
from insights_mcp.server.transactions import Failure, all_or_nothing

NAME = "insights-files"


class HalfApplied(InsightsError):
    """Files could not be applied, and what was written of them could not be taken back either."""


async def apply_plan(call: Call, plan: Plan) -> None:
    """Write all that a plan says; `call.handles` gets the handle that undoes it, if there was anything to write.

    Raises what failed, with a sentence on what became of the rest; HalfApplied when it could not be taken back.
    """
    await _settle_killed(call)
    if plan.is_nothing:
        return
    async with all_or_nothing(call, NAME, _title(plan), _FAILURE) as handle:
        await _Application(call, handle, BoardWriter(call, handle), plan).run()


class _Application:
    """One application of a plan: dashboards first, then insights onto them, then texts and places."""

    def __init__(self, call: Call, handle: str, writer: BoardWriter, plan: Plan) -> None:
        self._call = call
        self._handle = handle
        self._writer = writer
        self._plan = plan
        self._boards: dict[str, Dashboard] = {}
        self._numbers: dict[str, int] = {}

    async def run(self) -> None:
        """Write everything, in this order."""
        for board in self._plan.boards:
            self._boards[board.file.key] = board.found or await self._create_board(board)
        for insight in self._plan.insights:
            await self._write_insight(insight)
        await self._place_others()
        for board in self._plan.boards:
            for tile in board.tiles:
                if tile.saved is not None:
                    self._numbers[tile.file.insight or ""] = tile.saved.id
        for board in self._plan.boards:
            await self._fill_board(board)
        await self._delete_gone()

    async def _create_board(self, plan: BoardPlan) -> Dashboard:
        fields: dict[str, Any] = dict(plan.fields)
        return await self._writer.create_dashboard(DashboardWrite(**fields))

    async def _write_insight(self, plan: InsightPlan) -> None:
        key, added = plan.file.key, self._boards_to_add(plan.file.key)
        fields: dict[str, Any] = dict(plan.fields)
        if plan.found is None:
            if added:
                fields["dashboards"] = added
            # By its tag it is found if nobody lives to note its number.
            await self._call.add_intent(self._handle, {"noun": "insight", "name": plan.file.name, "tag": tag_of(key)})
            made = await self._call.api.insights.create(InsightWrite(**fields))
            after = {"deleted": False, "name": made.name, "query": made.query}
            await self._writer.note(Step("insight", made.id, GONE, after))
            self._numbers[key] = made.id
            return
        self._numbers[key] = plan.found.id
        boards = {*plan.found.dashboard_ids, *added} - self._boards_to_leave(plan.found.id)
        if boards != set(plan.found.dashboard_ids):
            fields["dashboards"] = sorted(boards)
        if fields:
            await self._change_insight(plan.found, fields)

    async def _change_insight(self, before: Insight, fields: Mapping[str, Any]) -> None:
        told = insight_state(before)
        announced = Step("insight", before.id, {name: told[name] for name in fields if name in told}, fields)
        await self._call.add_intent(self._handle, dump_step(announced))
        await self._call.api.insights.update(before.id, InsightPatch(**fields))
        after = await self._call.api.insights.get(before.id, basic=True)
        old, new = changed_fields(insight_state(before), insight_state(after))
        if new:
            await self._writer.note(Step("insight", before.id, old, new))

    def _boards_to_add(self, key: str) -> list[int]:
        """Return the dashboards that an insight is to be on and is not."""
        return [
            self._boards[board.file.key].id
            for board in self._plan.boards
            if any(tile.file.insight == key and tile.there is None for tile in board.tiles)
        ]

    def _boards_to_leave(self, number: int) -> set[int]:
        """Return the dashboards that an insight is on and is to be taken off."""
        return {
            self._boards[board.file.key].id
            for board in self._plan.boards
            if any(tile.insight is not None and tile.insight.id == number for tile in board.removed)
        }

    async def _place_others(self) -> None:
        """Put insights that no file tells of on dashboards, and take off those that were removed."""
        wanted: dict[int, set[int]] = {}
        known: dict[int, Insight] = {}
        told = set(self._numbers.values())
        for board in self._plan.boards:
            number = self._boards[board.file.key].id
            for tile in board.tiles:
                if tile.saved is not None and tile.there is None:
                    known[tile.saved.id] = tile.saved
                    wanted.setdefault(tile.saved.id, set(tile.saved.dashboard_ids)).add(number)
            for removed in board.removed:
                if removed.insight is not None and removed.insight.id not in told:
                    one = await self._call.api.insights.get(removed.insight.id, basic=True)
                    known[one.id] = one
                    wanted.setdefault(one.id, set(one.dashboard_ids)).discard(number)
        for number, boards in wanted.items():
            await self._writer.set_boards_of(known[number], sorted(boards))

    async def _fill_board(self, plan: BoardPlan) -> None:
        """Write a dashboard's own fields, its texts, and where its tiles stand, all in one request."""
        if plan.is_nothing:
            return
        fields: dict[str, Any] = dict(plan.fields) if plan.found is not None else {}
        board = await self._writer.refresh(self._boards[plan.file.key].id)
        tiles = self._tile_changes(plan, board)
        tiles += [{"id": tile.id, "deleted": True} for tile in plan.removed if tile.insight is None]
        if tiles:
            fields["tiles"] = tiles
        if fields:
            await self._writer.change_dashboard(board, DashboardPatch(**fields))

    def _tile_changes(self, plan: BoardPlan, board: Dashboard) -> list[dict[str, object]]:
        """Return what brings tiles to their texts, places and looks; texts that are not there yet are made so."""
        found: list[dict[str, object]] = []
        places = free_places(plan, board, self._queries())
        by_id = {tile.id: tile for tile in board.tiles}
        for at, one in enumerate(plan.tiles):
            there = by_id.get(one.there.id) if one.there is not None else None
            if one.file.insight is not None:
                there = tile_of(board, self._numbers.get(one.file.insight, 0))
            changes = TilePlan(one.file, there).changes
            if at in places:
                changes["layouts"] = {size: dict(box) for size, box in places[at].items()}
            if there is not None and changes:
                found.append({"id": there.id, **changes})
            elif there is None and one.file.text is not None:
                found.append({"text": {"body": one.file.text}, **changes})
        return found

    def _queries(self) -> dict[str, Mapping[str, object]]:
        """Return the queries of the insights on dashboards, by their keys."""
        saved = {tile.file.insight or "": tile.saved for board in self._plan.boards for tile in board.tiles}
        known: dict[str, Mapping[str, object]] = {key: one.query or {} for key, one in saved.items() if one}
        return known | {one.file.key: one.file.query for one in self._plan.insights}

    async def _delete_gone(self) -> None:
        for insight in self._plan.gone_insights:
            before = {"deleted": False, "dashboards": sorted(insight.dashboard_ids)}
            await self._call.api.insights.update(insight.id, InsightPatch(deleted=True))
            await self._writer.note(Step("insight", insight.id, before, GONE))
        for board in self._plan.gone_boards:
            await self._call.api.dashboards.update(board.id, DashboardPatch(deleted=True))
            await self._writer.note(Step("dashboard", board.id, {"deleted": False}, GONE))


def _tell(taken: int) -> str:
    what = f"{taken} writes done before that were taken back." if taken else "Nothing was written."
    return f"{what} Apply the same files again to try once more."


def _half(reason: InsightsError, error: InsightsError, entry: Entry) -> InsightsError:
    done = f"{len(entry.steps)} writes were done before that and could not all be taken back: {error.message}"
    return HalfApplied(
        f"{reason.message} {done}",
        advice=f"Apply the same files again: it goes on from there. Or undo {entry.handle} takes back what is left.",
    )


_FAILURE = Failure(_tell, _half, rollback_seconds=300)


async def _settle_killed(call: Call) -> None:
    """Make applications that were killed midway this one's past: what they wrote stays and is found by its key."""
    for entry in await call.entries():
        if entry.tool == NAME and entry.state == BEGUN and not _is_running(call, entry.handle):
            await call.set_state(entry.handle, DONE)


def _is_running(call: Call, handle: str) -> bool:
    return any(known == handle for _, known in call.services.journal.active)


def _title(plan: Plan) -> str:
    keys = [one.file.key for one in plan.insights if not one.is_nothing]
    keys += [one.file.key for one in plan.boards if not one.is_nothing]
    return f"{', '.join(keys[:3])}{f' and {len(keys) - 3} more' if len(keys) > 3 else ''}"
