"""Writing a dashboard all or not at all: each request is announced in the journal, and what fails is taken back.

The API has no transactions. So what is about to be made is written down before the request (`intent`) and what was
made after it (`step`); between the two a kill leaves something that is found by its name and age (see `leftovers`).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import InsightsError
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite, InsightPatch, InsightWrite
from insights_mcp.server.journal import Entry, Step
from insights_mcp.server.layouts import Box
from insights_mcp.server.states import GONE, changed_fields, dashboard_state
from insights_mcp.server.tool import Call
from insights_mcp.server.transactions import Failure, all_or_nothing


class HalfWritten(InsightsError):
    """A dashboard could not be written, and what was written of it could not be taken back either."""


class BoardWriter:
    """Makes the objects of one dashboard, one request after the other, and remembers each."""

    def __init__(self, call: Call, handle: str) -> None:
        self._call = call
        self._handle = handle
        self._made: set[int] = set()

    async def create_dashboard(self, board: DashboardWrite) -> Dashboard:
        """Make the dashboard itself."""
        await self._intend({"noun": "dashboard", "name": board.name})
        made = await self._call.api.dashboards.create(board)
        self._made.add(made.id)
        await self.note(Step("dashboard", made.id, GONE, {"deleted": False, "name": made.name}))
        return made

    async def create_insight(self, board_id: int, name: str, body: Mapping[str, object], **more: Any) -> Insight:
        """Make an insight on the dashboard."""
        await self._intend({"noun": "insight", "name": name, "dashboard": board_id})
        write = InsightWrite(query=dict(body), name=name, dashboards=[board_id], **more)
        made = await self._call.api.insights.create(write)
        await self.note(Step("insight", made.id, GONE, {"deleted": False, "name": made.name, "query": made.query}))
        return made

    async def set_boards_of(self, insight: Insight, boards: Sequence[int]) -> None:
        """Put a saved insight on other dashboards than it was on."""
        before, after = sorted(insight.dashboard_ids), sorted(boards)
        if before != after:
            await self._call.api.insights.update(insight.id, InsightPatch(dashboards=list(boards)))
            await self.note(Step("insight", insight.id, {"dashboards": before}, {"dashboards": after}))

    async def change_dashboard(self, board: Dashboard, patch: DashboardPatch) -> Dashboard:
        """Change a dashboard's own fields, its texts or the places of its tiles. What is on a new one goes with it."""
        await self._call.api.dashboards.update(board.id, patch)
        after = await self._call.api.dashboards.get(board.id)
        old, new = changed_fields(dashboard_state(board), dashboard_state(after))
        if new and board.id not in self._made:
            await self.note(Step("dashboard", board.id, old, new))
        return after

    async def refresh(self, board_id: int) -> Dashboard:
        """Return the dashboard as it is now."""
        return await self._call.api.dashboards.get(board_id)

    async def note(self, step: Step) -> None:
        """Remember a step that was taken."""
        await self._call.add_step(self._handle, step)

    async def _intend(self, intent: Mapping[str, object]) -> None:
        await self._call.add_intent(self._handle, intent)


@asynccontextmanager
async def writing_board(call: Call, tool: str, title: str) -> AsyncIterator[BoardWriter]:
    """Write a dashboard within: at the end it stands under an undo handle; on any failure nothing is left of it.

    Raises what failed, with a sentence on what became of the rest; HalfWritten when it could not be taken back.
    """
    async with all_or_nothing(call, tool, title, _FAILURE) as handle:
        yield BoardWriter(call, handle)


def _tell(taken: int) -> str:
    return f"{taken} objects written before were taken back; nothing is left." if taken else "Nothing was written."


def _half(reason: InsightsError, error: InsightsError, entry: Entry) -> InsightsError:
    return HalfWritten(
        f"{reason.message} What was written before that could not be taken back: {error.message}",
        advice=f"undo with {entry.handle} takes it back; the next start of this server tries it too.",
    )


_FAILURE = Failure(_tell, _half, rollback_seconds=60)


def tile_of(board: Dashboard, insight_id: int) -> Tile | None:
    """Return the tile of an insight on a dashboard."""
    return next((tile for tile in board.tiles if tile.insight is not None and tile.insight.id == insight_id), None)


def placed(boxes: Mapping[int, Box]) -> list[dict[str, object]]:
    """Return what moves tiles to their places."""
    return [{"id": tile_id, "layouts": {size: dict(box) for size, box in boxes[tile_id].items()}} for tile_id in boxes]
