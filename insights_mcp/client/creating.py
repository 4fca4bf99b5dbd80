"""Creating exactly once: a create whose answer was lost is looked for before it is ever sent again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol, TypeVar

from insights_mcp.client.caller import Caller
from insights_mcp.client.exchange import Call, LostMidway, TimedOut
from insights_mcp.client.waiting import Deadline
from insights_mcp.errors import InsightsError, OutcomeUnknown, ServerFailed, UnexpectedAnswer

# A Date header counts whole seconds, and clocks drift.
CLOCK_TOLERANCE = timedelta(seconds=2)
# The server may still be at work when the connection breaks: look twice before believing that nothing came of it.
PAUSES_BEFORE_LOOKING = (0.5, 2.0)


class Created(Protocol):
    """What a read-back needs to know of an object."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def created_at(self) -> datetime | None:
        """When the server made it."""


Object = TypeVar("Object", bound=Created)


class Likeness(Enum):
    """How a found object compares with the one that was to be created."""

    SAME = auto()
    DOUBTFUL = auto()
    OTHER = auto()


async def create_once(
    caller: Caller,
    call: Call,
    *,
    read: Callable[[object], Object],
    newest: Callable[[Deadline], Awaitable[Sequence[Object]]],
    likeness: Callable[[Object], Likeness],
    own: set[int],
) -> Object:
    """Send a create and return what it made; `own` holds ids this client made before, which are never mistaken for it.

    Raises ApiError, Unreachable (nothing was made), OutcomeUnknown (neither could be made sure).
    """
    deadline = caller.deadline(caller.deadlines.write)
    began = caller.our_now()
    for may_repeat in (True, False):
        try:
            made = read((await caller.send(call, deadline)).data)
        except (LostMidway, TimedOut, ServerFailed, UnexpectedAnswer) as error:
            if isinstance(error, UnexpectedAnswer) and 300 <= error.status < 500:
                raise
            found = await _look(caller, call, began, newest, likeness, own)
            if found is not None:
                made = found
            elif isinstance(error, ServerFailed | UnexpectedAnswer) and error.status >= 500:
                raise
            elif not (may_repeat and isinstance(error, LostMidway) and deadline.remaining() > 0):
                raise _unknown(call, error.message) from error
            else:
                continue
        own.add(made.id)
        return made
    raise _unknown(call, "")  # pragma: no cover  # the second round returns or raises


def _unknown(call: Call, what: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{what} It could not be made sure whether the {call.subject} was created.".strip(),
        advice="List the newest ones to see, before creating it again.",
    )


async def _look(
    caller: Caller,
    call: Call,
    began: datetime,
    newest: Callable[[Deadline], Awaitable[Sequence[Object]]],
    likeness: Callable[[Object], Likeness],
    own: set[int],
) -> Object | None:
    """Return the object the lost create made, None when there surely is none.

    Raises OutcomeUnknown when the list cannot be read, or holds one that may or may not be it.
    """
    for pause in PAUSES_BEFORE_LOOKING:
        await caller.sleep(pause)
        try:
            candidates = await newest(caller.deadline(caller.deadlines.read_back))
        except InsightsError as error:
            raise _unknown(call, "The answer was lost.") from error
        since = began + (caller.skew or timedelta(0)) - CLOCK_TOLERANCE
        fresh = [item for item in candidates if item.id not in own and item.created_at and item.created_at >= since]
        alike = {kind: [item for item in fresh if likeness(item) is kind] for kind in Likeness}
        if alike[Likeness.SAME]:
            return alike[Likeness.SAME][0]
        if alike[Likeness.DOUBTFUL]:
            raise _unknown(call, f"A new {call.subject} of that name is there, but it is not quite the one sent.")
    return None


def holds(stored: object, sent: object) -> bool:
    """Return whether what was stored is what was sent, with defaults added and nulls left out (facts/rest-api.md 2.8).

    The server also wraps bare queries: then the source is compared.
    """
    if isinstance(sent, Mapping):
        if not isinstance(stored, Mapping):
            return False
        if "kind" in sent and stored.get("kind") != sent["kind"] and "source" in stored:
            return holds(stored["source"], sent)
        return all(value is None or (key in stored and holds(stored[key], value)) for key, value in sent.items())
    if isinstance(sent, list | tuple):
        return (
            isinstance(stored, list | tuple)
            and len(stored) == len(sent)
            and all(holds(left, right) for left, right in zip(stored, sent, strict=True))
        )
    return stored == sent
