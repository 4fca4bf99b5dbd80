"""Undoing a write: from the journal, or from the activity log where the journal has nothing.

Before anything is changed the present state is compared with what the write left. If somebody changed it since, the
undo is refused and told who did what: it would silently take their work back too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.errors import ApiError, NotFound
from insights_mcp.render.activity import describe_entry
from insights_mcp.render.diffs import describe_changes
from insights_mcp.render.marking import quote
from insights_mcp.server.journal import UNDONE, Entry, Step
from insights_mcp.server.past import ChangedSince, NothingToUndo, entry_from_log, find_deleted, read_log
from insights_mcp.server.states import GONE, SETS, TILES, State, differing, read_state, state_before, write_state
from insights_mcp.server.tool import Call

_IS_OTHER = "is not as it was left."


@dataclass(frozen=True)
class Plan:
    """One step to take back: how its object is now, and how it is to be."""

    step: Step
    now: State
    target: State

    @property
    def conflicts(self) -> list[str]:
        """Return the fields that are not as the step left them; sets are undone member by member."""
        return [name for name in differing(self.now, self.step.after) if name not in SETS | TILES]

    @property
    def is_done(self) -> bool:
        """Return whether the object is already as it is to be."""
        return not differing(self.now, self.target)

    @property
    def before(self) -> State:
        """Return the present state as far as it will change."""
        if self.target.get("deleted") is True or self.now.get("deleted") is True:
            return self.now
        return {name: self.now.get(name) for name in self.target}

    def changes(self) -> list[str]:
        """Return what undoing changes, a phrase each."""
        if self.target.get("deleted") is True:
            return [f"{self.step.noun} {self.step.id} deleted"]
        restored = [f"{self.step.noun} {self.step.id} restored"] if self.now.get("deleted") is True else []
        named = {name: value for name, value in self.target.items() if name != "deleted" and name not in TILES}
        known = {name: self.now.get(name, self.step.after.get(name)) for name in named}
        moved = ["tiles as they were"] if TILES & set(differing(self.now, self.target)) else []
        return [*restored, *describe_changes(known, named), *moved]


def name_entry(entry: Entry) -> str:
    """Return which write an entry is: `u3, insight-update of "Weekly signups"`."""
    handle = f"{entry.handle}, " if entry.handle else ""
    return f"{handle}{entry.tool} of {quote(entry.title, 80)}"


async def plan_undo(call: Call, entry: Entry, *, force: bool) -> list[Plan]:
    """Return the steps of a write in the order of taking them back.

    Raises NothingToUndo when all is so already, ChangedSince unless forced.
    """
    plans = []
    states: dict[tuple[str, int], State] = {}
    for step in reversed(entry.steps):
        # An earlier step of the same object is taken back from where the later one leads to.
        now = states.get((step.noun, step.id)) or await read_state(call.api, step)
        plan = Plan(step, now, state_before(now, step))
        states[step.noun, step.id] = GONE if plan.target.get("deleted") is True else {**now, **plan.target}
        plans.append(plan)
    if not plans or all(plan.is_done for plan in plans):
        raise NothingToUndo(f"{name_entry(entry)} is undone already.")
    changed = next((plan for plan in plans if plan.conflicts and not plan.is_done), None)
    if changed is not None and not force:
        raise ChangedSince(
            f"Not undone: {quote(entry.title, 80)} was changed since. {await _tell_change(call, changed)}",
            advice="Ask the user; force=true undoes it all the same, and loses that.",
        )
    return [plan for plan in plans if not plan.is_done]


async def undo(call: Call, entry: Entry, plans: Sequence[Plan]) -> list[str]:
    """Take the steps back and write that down. Returns what could not be brought back."""
    notes: list[str] = []
    done: list[Step] = []
    try:
        for plan in plans:
            notes += await write_state(call.api, plan.step, plan.target)
            done.append(Step(plan.step.noun, plan.step.id, plan.before, plan.target))
    finally:
        if done:
            await call.record("undo", entry.title, done)
    if entry.handle:
        await call.set_state(entry.handle, UNDONE)
    return notes


async def latest(call: Call) -> Entry:
    """Return the last write that can be undone.

    Raises NothingToUndo.
    """
    for entry in reversed(await call.entries()):
        if entry.state != UNDONE and entry.tool != "undo":
            return entry
    raise NothingToUndo(
        "Nothing was written here through this server that could be undone.",
        advice="Give an insight's id to undo the last change in its history.",
    )


async def latest_of(call: Call, key: int | str) -> Entry:
    """Return the last write to an insight: from the journal while it still fits, else from the activity log.

    Raises NothingToUndo; ChangedSince when the last change is somebody else's.
    """
    number = await _number(call, key)
    for entry in reversed(await call.entries()):
        if entry.touches("insight", number) and entry.state != UNDONE:
            if all([not differing(await read_state(call.api, step), step.after) for step in entry.steps]):
                return entry
            break
    return await entry_from_log(call, number)


async def _number(call: Call, key: int | str) -> int:
    """Return an insight's number, also of a deleted one: the log still knows its short_id."""
    if isinstance(key, int):
        return key
    try:
        return await call.api.insights.number(key)
    except NotFound:
        number = await find_deleted(call.api, key)
        if number is None:
            raise
        return number


async def _tell_change(call: Call, plan: Plan) -> str:
    fields = f"{', '.join(plan.conflicts)} of {plan.step.noun} {plan.step.id} {_IS_OTHER}"
    if plan.step.noun != "insight":
        return fields
    try:
        log = await read_log(call.api, plan.step.id, limit=1)
    except ApiError:
        return fields
    return f"{describe_entry(log[0], with_insight=False)}." if log else fields
