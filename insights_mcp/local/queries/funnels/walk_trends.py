"""The exact walk of funnel trends over one actor's events: one chain per interval of entrance (facts/queries.md 1.3).

Events come packed (layout.py), in order. An answer is, per interval that the actor came to from_step in, whether it
came to to_step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from insights_mcp.local.queries.funnels.walk import Packed, Queues, Walker

# Tells the interval of a moment, both as numbers that only compare.
Interval = Callable[[int], int]
# Whether an exclusion hit the deepest step reached, or the chain that went on from it.
Hit = Literal["no", "partial", "full"]


@dataclass(frozen=True)
class Goal:
    """What is asked. Steps count from 1."""

    from_step: int
    to_step: int
    interval: Interval


@dataclass(slots=True)
class _Entrance:
    """The newest chain of each step that entered in one interval: when it began, and whether an exclusion hit it."""

    starts: list[int]
    hits: list[bool]
    # when its last event of the first step was: in a strict funnel its chains may have ended since
    newest: int = 0
    deepest: int = 1
    deepest_at: int = 0
    hit: Hit = "no"


@dataclass(slots=True)
class _State:
    """The entrances by interval: those that may change, and those that no event can change any more."""

    open: dict[int, _Entrance] = field(default_factory=dict)
    ended: dict[int, _Entrance] = field(default_factory=dict)
    converted: dict[int, bool] = field(default_factory=dict)


def walk_trend(walker: Walker, goal: Goal, packed: Packed) -> dict[int, bool]:
    """Return per interval of entrance whether the actor converted, in an ordered or strict funnel."""
    state = _State()
    # most events only enter; no event is -1
    entering = -1 if walker.is_strict or walker.attributed == 1 else 1 << walker.layout.step_bit(1)
    for moment, mask in walker.unpack(packed):
        if mask == entering:
            _enter(walker, state, goal.interval(moment), moment)
        else:
            _take(walker, state, goal, moment, mask)
    entrances = {**state.ended, **state.open}
    if any(entrance.hit == "full" for entrance in entrances.values()):
        return state.converted
    for interval, entrance in entrances.items():
        if interval not in state.converted and entrance.deepest >= goal.from_step and entrance.hit != "partial":
            state.converted[interval] = False
    return state.converted


def _take(walker: Walker, state: _State, goal: Goal, moment: int, mask: int) -> None:
    """Try the event's exclusions, then its steps from the last to the first, so that it cannot be two in a row."""
    _end_old(walker, state, moment)
    for step in walker.exclusions(mask):
        for entrance in state.open.values():
            _exclude(walker, entrance, moment, step)
    for step in walker.steps(mask):
        if step == walker.attributed and not walker.has_value(mask):
            continue
        if step == 1:
            _enter(walker, state, goal.interval(moment), moment)
        else:
            _advance(walker, state, goal, moment, step)
    if walker.is_strict:
        _clear(walker, state, mask)


def _end_old(walker: Walker, state: _State, moment: int) -> None:
    """End the entrances of earlier intervals whose newest chain has left the window."""
    for interval in list(state.open)[:-1]:
        entrance = state.open[interval]
        if moment - entrance.newest <= walker.window:
            return
        state.ended[interval] = state.open.pop(interval)


def _enter(walker: Walker, state: _State, interval: int, moment: int) -> None:
    """Start a chain: a converted actor counts once per interval, an excluded one may start again."""
    if interval in state.converted:
        return
    entrance = state.open.get(interval)
    if entrance is None or (entrance.deepest == 1 and entrance.hit != "no"):
        entrance = _Entrance([0] * (walker.size + 1), [False] * (walker.size + 1), deepest_at=moment)
        state.open[interval] = entrance
    entrance.starts[1] = entrance.newest = moment
    entrance.hits[1] = False


def _advance(walker: Walker, state: _State, goal: Goal, moment: int, step: int) -> None:
    for interval in list(state.open):
        entrance = state.open[interval]
        if not _continues(walker, entrance, moment, step):
            continue
        is_hit = entrance.hits[step - 1]
        if not is_hit:
            entrance.starts[step], entrance.hits[step] = entrance.starts[step - 1], False
        if entrance.starts[goal.to_step]:
            state.converted[interval] = True
            del state.open[interval]
        elif step > entrance.deepest or (step == entrance.deepest and entrance.hit == "partial"):
            entrance.deepest, entrance.deepest_at = step, moment
            entrance.hit = "full" if is_hit else "no"


def _continues(walker: Walker, entrance: _Entrance, moment: int, step: int) -> bool:
    """Return whether the newest chain of the step before is inside its window and has not done the step yet."""
    start = entrance.starts[step - 1]
    return start != 0 and moment - start <= walker.window and entrance.starts[step] != start


def _exclude(walker: Walker, entrance: _Entrance, moment: int, step: int) -> None:
    if not _continues(walker, entrance, moment, step) or entrance.hits[step - 1]:
        return
    entrance.hits[step - 1] = True
    if entrance.deepest == step - 1 and moment - entrance.deepest_at <= walker.window:
        entrance.hit = "partial"


def _clear(walker: Walker, state: _State, mask: int) -> None:
    for entrance in state.open.values():
        for step in range(1, walker.size + 1):
            if not mask >> (step - 1) & 1:
                entrance.starts[step], entrance.hits[step] = 0, False


def walk_unordered_trend(walker: Walker, goal: Goal, packed: Packed) -> dict[int, bool]:
    """Return the same for an unordered funnel, where the oldest event inside the window is the entrance."""
    queues = Queues(walker.size)
    most: dict[int, int] = {}
    for moment, mask in walker.unpack(packed):
        while queues.filled and (queues.filled == walker.size or queues.since + walker.window < moment):
            _leave(goal, queues, most)
        steps = walker.steps(mask)
        if not steps:  # an exclusion
            queues.clear()
        elif walker.attributed is None or queues.filled or walker.has_value(mask):
            queues.add(steps, moment)
    while queues.filled:
        _leave(goal, queues, most)
    return {interval: count >= goal.to_step for interval, count in most.items() if count >= goal.from_step}


def _leave(goal: Goal, queues: Queues, most: dict[int, int]) -> None:
    """Drop the oldest event, which has left the window, and count what it was the entrance of."""
    interval = goal.interval(queues.since)
    most[interval] = max(most.get(interval, 0), queues.filled)
    queues.drop()
