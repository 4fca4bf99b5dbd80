"""The exact walk of funnel trends over one actor's events: one chain per interval of entrance (facts/queries.md 1.3).

Events come packed (layout.py), in order. An answer is, per interval that the actor came to from_step in, whether it
came to to_step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from insights_mcp.local.queries.funnels.walk import Packed, Walker

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
    deepest: int = 1
    deepest_at: int = 0
    hit: Hit = "no"


@dataclass(slots=True)
class _State:
    open: dict[int, _Entrance] = field(default_factory=dict)
    converted: dict[int, bool] = field(default_factory=dict)


def walk_trend(walker: Walker, goal: Goal, packed: Packed) -> dict[int, bool]:
    """Return per interval of entrance whether the actor converted, in an ordered or strict funnel."""
    state = _State()
    for moment, mask in walker.unpack(packed):
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
    if any(entrance.hit == "full" for entrance in state.open.values()):
        return state.converted
    for interval, entrance in state.open.items():
        if interval not in state.converted and entrance.deepest >= goal.from_step and entrance.hit != "partial":
            state.converted[interval] = False
    return state.converted


def _enter(walker: Walker, state: _State, interval: int, moment: int) -> None:
    """Start a chain: a converted actor counts once per interval, an excluded one may start again."""
    if interval in state.converted:
        return
    entrance = state.open.get(interval)
    if entrance is None or (entrance.deepest == 1 and entrance.hit != "no"):
        entrance = _Entrance([0] * (walker.size + 1), [False] * (walker.size + 1), deepest_at=moment)
        state.open[interval] = entrance
    entrance.starts[1] = moment
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
    queues: list[list[int]] = [[] for _ in range(walker.size)]
    most: dict[int, int] = {}
    events = walker.unpack(packed)
    for moment, mask in events:
        _leave(walker, goal, queues, most, moment)
        steps = walker.steps(mask)
        if not steps:  # an exclusion
            queues = [[] for _ in range(walker.size)]
            continue
        is_first = not any(queues)
        if walker.attributed is not None and is_first and not walker.has_value(mask):
            continue
        oldest = min(reversed(steps), key=lambda step: queues[step - 1][-1] if queues[step - 1] else 0)
        queues[oldest - 1].append(moment)
    _leave(walker, goal, queues, most, None)
    return {interval: count >= goal.to_step for interval, count in most.items() if count >= goal.from_step}


def _leave(walker: Walker, goal: Goal, queues: list[list[int]], most: dict[int, int], moment: int | None) -> None:
    """Drop the oldest events while they have left the window, all is complete, or the history has ended."""
    while any(queues):
        oldest = min((queue for queue in queues if queue), key=lambda queue: queue[0])
        if moment is not None and not all(queues) and oldest[0] + walker.window >= moment:
            return
        interval = goal.interval(oldest[0])
        most[interval] = max(most.get(interval, 0), sum(map(bool, queues)))
        del oldest[0]
