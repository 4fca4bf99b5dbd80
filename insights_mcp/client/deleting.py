"""Deleting exactly once: a second soft delete answers 404, so after a lost answer that means it is done."""

from collections.abc import Callable
from typing import TypeVar

from insights_mcp.client.caller import Caller
from insights_mcp.client.exchange import Answer, Call, LostMidway, TimedOut
from insights_mcp.errors import NotFound, OutcomeUnknown

T = TypeVar("T")


async def delete_once(caller: Caller, call: Call, *, read: Callable[[Answer], T], gone: T) -> T:
    """Send a delete; `gone` is returned when its answer was lost but it surely happened.

    Raises NotFound when it was not there to begin with; OutcomeUnknown.
    """
    deadline = caller.deadline(caller.deadlines.write)
    lost: Exception | None = None
    for _ in range(2):
        try:
            return read(await caller.send(call, deadline))
        except LostMidway as error:
            lost = error
        except TimedOut as error:
            lost = error
            break
        except NotFound:
            if lost is None:
                raise
            return gone
    raise OutcomeUnknown(
        f"The answer was lost; the {call.subject} may or may not be deleted.",
        advice="Read it again: it is deleted when it is not found.",
    ) from lost
