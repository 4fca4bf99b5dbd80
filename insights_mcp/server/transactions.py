"""Several requests as one write: all of them stand under one undo handle, or those that were made are taken back.

The API has no transactions; the journal knows what was made.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from insights_mcp.errors import InsightsError
from insights_mcp.server.boards.leftovers import take_back
from insights_mcp.server.journal import DONE, UNDONE, Entry
from insights_mcp.server.tool import Call


@dataclass(frozen=True)
class Failure:
    """How one kind of write speaks of its failure.

    `told` is the advice once everything is taken back, of how many objects; `half` the error when it could not be:
    of what failed, why taking back failed, and the journal's entry.
    """

    told: Callable[[int], str]
    half: Callable[[InsightsError, InsightsError, Entry], InsightsError]
    rollback_seconds: float


@asynccontextmanager
async def all_or_nothing(call: Call, tool: str, title: str, failure: Failure) -> AsyncIterator[str]:
    """Write within, under the undo handle that is given: on any failure nothing of it is left.

    Raises what failed, with a sentence on what became of the rest; `failure.half` when it could not be taken back.
    """
    handle = await call.begin(tool, title)
    try:
        yield handle
    except BaseException as reason:
        with anyio.CancelScope(shield=True), anyio.move_on_after(failure.rollback_seconds):
            await _roll_back(call, handle, reason, failure)
        raise
    await call.set_state(handle, DONE)
    call.handles.append(f"Undo: {handle}.")


async def _roll_back(call: Call, handle: str, reason: BaseException, failure: Failure) -> None:
    entry = next(entry for entry in await call.entries() if entry.handle == handle)
    try:
        taken = await take_back(call, entry)
    except InsightsError as error:
        if not isinstance(reason, InsightsError):  # cancelled: nobody reads what became of it
            return
        raise failure.half(reason, error, entry) from reason
    await call.set_state(handle, UNDONE)
    if isinstance(reason, InsightsError):
        reason.advice = f"{reason.advice or ''} {failure.told(taken)}".strip()
