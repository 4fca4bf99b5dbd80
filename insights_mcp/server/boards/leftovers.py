"""Half-made dashboards: what a failed or killed write left behind, found and taken back.

What was made and noted is in the steps. What was made and not noted (the process died between the two) is found by
its name, its age, and for insights by the dashboard that it was made on.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import InsightsError, NotFound
from insights_mcp.render.marking import quote
from insights_mcp.render.reading import text_of
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.server.journal import BEGUN, UNDONE, Entry, Step, read_step
from insights_mcp.server.scopes import find_scope
from insights_mcp.server.states import GONE, differing, read_state, state_before, write_state
from insights_mcp.server.tool import Call

# Clocks differ by less; a namesake made so shortly before would be taken for ours.
_CLOCKS_APART = timedelta(minutes=2)
# After this nobody writes at one dashboard any more, whatever its process does.
_LONGEST_WRITE = timedelta(minutes=15)


async def take_back(call: Call, entry: Entry) -> int:
    """Undo all that a write made, noted or not, newest first. Returns how many objects were taken back.

    Raises what the API raises; trying again goes on where it stopped.
    """
    steps = [*entry.steps, *await _find_unnoted(call.api, entry)]
    taken = 0
    for step in reversed(steps):
        now = await read_state(call.api, step)
        target = state_before(now, step)
        if differing(now, target):
            await write_state(call.api, step, target)
            taken += 1
    return taken


async def clean_up(call: Call) -> list[str]:
    """Take back what killed processes left half-made, and say so, a sentence each."""
    told = []
    scope, journal = await find_scope(call.api), call.services.journal
    for entry in await call.entries():
        if entry.state != BEGUN or _is_alive(entry, call.api.our_now()) or (scope, entry.handle) in journal.active:
            continue
        try:
            taken = await take_back(call, entry)
        except InsightsError as error:
            told.append(f"A {_name(entry)} could not be taken back yet: {error.message}")
            continue
        await call.set_state(entry.handle, UNDONE)
        told.append(
            f"Took back a {_name(entry)} ({taken} objects): "
            f"the server was ended while it wrote it ({entry.at[:16].replace('T', ' ')})."
        )
    return told


def _name(entry: Entry) -> str:
    what = "half-made dashboard" if entry.tool.startswith("dashboard") else f"half-done {entry.tool}"
    return f"{what} {quote(entry.title, 60)}"


async def _find_unnoted(api: PostHogClient, entry: Entry) -> list[Step]:
    """Return steps that were announced and taken, and never noted: objects made, and insights changed."""
    noted = [(step.noun, step.after.get("name"), step.id) for step in entry.steps if step.before == GONE]
    open_intents = [intent for intent in entry.intents if "id" not in intent]
    for noun, name, _ in noted:
        intent = next((one for one in open_intents if (one.get("noun"), one.get("name")) == (noun, name)), None)
        if intent is not None:
            open_intents.remove(intent)
    known = {(noun, number) for noun, _, number in noted}
    steps = _find_changed(entry)
    for intent in open_intents:
        step = await _find_made(api, intent, _since(api, entry), known)
        if step is not None:
            known.add((step.noun, step.id))
            steps.append(step)
    return steps


def _find_changed(entry: Entry) -> list[Step]:
    """Return the changes that were announced with all they change; one that never came to be is none to take back."""
    noted = {(step.noun, step.id) for step in entry.steps}
    announced = [intent for intent in entry.intents if isinstance(intent.get("id"), int)]
    steps = [read_step(intent) for intent in announced]
    return [step for step in steps if (step.noun, step.id) not in noted]


async def _find_made(
    api: PostHogClient, intent: Mapping[str, object], since: datetime, known: set[tuple[str, int]]
) -> Step | None:
    name = text_of(intent.get("name"))
    if intent.get("noun") == "dashboard":
        for board in (await api.dashboards.list(limit=500)).results:
            if board.name == name and board.created_at and board.created_at >= since:
                return Step("dashboard", board.id, GONE, {"deleted": False, "name": name})
        return None
    for made in await _candidates(api, intent):
        if ("insight", made.id) in known or (made.name or "") != name:
            continue
        if made.created_at and made.created_at >= since:
            return Step("insight", made.id, GONE, {"deleted": False, "name": name})
    return None


async def _candidates(api: PostHogClient, intent: Mapping[str, object]) -> Sequence[Insight]:
    """Return the insights that may be the announced one: those of its tag, or on its dashboard."""
    tag, board_id = text_of(intent.get("tag")), intent.get("dashboard")
    if tag:
        return (await api.insights.list(InsightFilters(tags=[tag]), limit=100)).results
    try:
        tiles = (await api.dashboards.get(board_id)).tiles if isinstance(board_id, int) else ()
    except NotFound:
        return ()
    return [tile.insight for tile in tiles if tile.insight is not None]


def _since(api: PostHogClient, entry: Entry) -> datetime:
    return _read_at(entry) + (api.clock_skew or timedelta(0)) - _CLOCKS_APART


def _read_at(entry: Entry) -> datetime:
    try:
        at = datetime.fromisoformat(entry.at)
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_alive(entry: Entry, now: datetime) -> bool:
    """Return whether the process that began a write may still be at it."""
    if now - _read_at(entry) > _LONGEST_WRITE:
        return False
    if entry.pid == os.getpid():
        return False  # this process knows what it is writing
    if sys.platform == "win32":  # there is no asking for a process there that does not end it
        return True
    try:
        os.kill(entry.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
