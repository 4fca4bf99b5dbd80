"""The exact walk over one actor's events, for what the arrays of the engine cannot tell (facts/queries.md 1.3).

Events come packed (layout.py), in order. An answer is the steps done, and when.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.question import Funnel

# A moment and the bits of what happened then.
Event = tuple[int, int]
# An actor's events as they come (layout.py).
Packed = Sequence[int | Event]


@dataclass(frozen=True)
class Conversion:
    """What an actor made of a funnel: a bit per step done, and the times of the required ones in microseconds."""

    done: int
    moments: tuple[int, ...]
    is_complete: bool

    @property
    def gaps(self) -> list[int]:
        """Microseconds from one step to the next."""
        return [later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)]


@dataclass(frozen=True)
class Walker:
    """The rules of one funnel."""

    size: int
    window: int
    is_strict: bool
    optional: frozenset[int]
    # the step whose event must carry the attributed value, counted from 1
    attributed: int | None
    layout: Layout

    def unpack(self, packed: Packed) -> list[Event]:
        """Return an actor's events in the order they come in: by time, then by their steps, then by their value.

        They must not be sorted again: the bit of the attributed value would put what has it after other steps.
        """
        bits, mask = self.layout.bits, (1 << self.layout.bits) - 1
        return [one if isinstance(one, tuple) else (one >> bits, one & mask) for one in packed]

    @cached_property
    def kinds_mask(self) -> int:
        """The bits that say what an event is, without whether it has the value."""
        return self.layout.steps | self.layout.exclusions

    def has_value(self, mask: int) -> bool:
        """Return whether an event has the attributed value."""
        return bool(mask >> self.layout.value_bit & 1)

    def steps(self, mask: int) -> tuple[int, ...]:
        """Return the steps of an event, the highest first."""
        found = self._steps.get(mask)
        if found is None:
            found = self._steps[mask] = tuple(step for step in range(self.size, 0, -1) if mask >> (step - 1) & 1)
        return found

    def exclusions(self, mask: int) -> tuple[int, ...]:
        """Return the steps that an excluded event stands before, the highest first."""
        found = self._exclusions.get(mask)
        if found is None:
            barred = range(self.size, 1, -1) if self.layout.has_exclusions else ()
            found = self._exclusions[mask] = tuple(
                step for step in barred if mask >> self.layout.exclusion_bit(step) & 1
            )
        return found

    @cached_property
    def _steps(self) -> dict[int, tuple[int, ...]]:
        """What `steps` answered: there are millions of events, and a few kinds of them."""
        return {}

    @cached_property
    def _exclusions(self) -> dict[int, tuple[int, ...]]:
        """What `exclusions` answered."""
        return {}


def build_walker(funnel: Funnel, layout: Layout) -> Walker:
    """Return the walker of a funnel."""
    return Walker(
        size=funnel.size,
        window=funnel.window,
        is_strict=funnel.order == "strict",
        optional=funnel.optional,
        attributed=funnel.attributed_step,
        layout=layout,
    )


@dataclass(slots=True)
class _Chain:
    """A chain of steps: when it began, what it did, with which events."""

    start: int
    moments: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    done: int = 0
    is_excluded: bool = False


@dataclass(slots=True)
class _State:
    """The newest chain of each step, and the first one of the deepest step so far."""

    reached: list[_Chain | None]
    deepest: int = 0
    best: _Chain = field(default_factory=lambda: _Chain(0))


def walk_ordered(walker: Walker, packed: Packed) -> Conversion | None:
    """Return what an actor made of an ordered or strict funnel, None when it did not enter or is excluded."""
    state = _State([None] * (walker.size + 1))
    for moment, tied in _by_moment(walker.unpack(packed)):
        state.reached[0] = _Chain(moment)
        if len({mask & walker.kinds_mask for _, mask in tied}) == 1:
            for number, mask in tied:
                _take_event(walker, state, moment, number, mask)
        else:
            _take_tie(walker, state, moment, tied)
        if state.reached[walker.size] is not None:
            break
    if state.deepest == 0 or state.best.is_excluded:
        return None
    return Conversion(state.best.done, state.best.moments, state.deepest == walker.size)


def _by_moment(events: list[Event]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each moment with the number and mask of its events."""
    numbered = [(moment, number, mask) for number, (moment, mask) in enumerate(events)]
    for moment, tied in groupby(numbered, key=lambda one: one[0]):
        yield moment, [(number, mask) for _, number, mask in tied]


def _take_event(walker: Walker, state: _State, moment: int, number: int, mask: int) -> None:
    """Try the event's exclusions, then its steps from the last to the first, so that it cannot be two in a row."""
    for step in walker.exclusions(mask):
        _exclude(walker, state, moment, step)
    for step in walker.steps(mask):
        _take_step(walker, state, moment, (number, mask), step)
    if walker.is_strict:
        for step in range(1, walker.size + 1):
            if not mask >> (step - 1) & 1:
                state.reached[step] = None


def _take_tie(walker: Walker, state: _State, moment: int, tied: list[tuple[int, int]]) -> None:
    """Take events of one time in the order of their steps. Exclusions and strictness do not count among them."""
    taken = sorted((step, number, mask) for number, mask in tied for step in walker.steps(mask))
    for step, number, mask in taken:
        _take_step(walker, state, moment, (number, mask), step, is_tie=True)


def _find_chain(walker: Walker, state: _State, moment: int, step: int) -> tuple[int, _Chain | None]:
    """Return the chain that a step continues and the step it is at: the nearest one back over optional steps."""
    earlier = step - 1
    while True:
        chain = state.reached[earlier]
        if chain is not None and moment - chain.start <= walker.window:
            break
        chain = None
        if earlier == 0 or earlier not in walker.optional:
            break
        earlier -= 1
    already = state.reached[step]
    if chain is not None and already is not None and already.start == chain.start:
        return earlier, None
    return earlier, chain


def _take_step(
    walker: Walker, state: _State, moment: int, event: tuple[int, int], step: int, *, is_tie: bool = False
) -> None:
    earlier, chain = _find_chain(walker, state, moment, step)
    if chain is None:
        return
    number, mask = event
    if walker.attributed is not None and earlier + 1 == walker.attributed and not walker.has_value(mask):
        return
    if is_tie and number in chain.events:
        return
    is_optional = step in walker.optional
    longer = _Chain(
        chain.start,
        chain.moments if is_optional else (*chain.moments, moment),
        chain.events if is_optional else (*chain.events, number),
        chain.done | 1 << (step - 1),
        chain.is_excluded,
    )
    if not chain.is_excluded:
        # a copy: an exclusion that hits the newest chain does not by itself hit the best one
        state.reached[step] = _Chain(longer.start, longer.moments, longer.events, longer.done)
    if step > state.deepest or (step == state.deepest and state.best.is_excluded):
        state.deepest, state.best = step, longer


def _exclude(walker: Walker, state: _State, moment: int, step: int) -> None:
    earlier, chain = _find_chain(walker, state, moment, step)
    if chain is None or chain.is_excluded:
        return
    chain.is_excluded = True
    if state.deepest == earlier and moment - state.best.start <= walker.window:
        state.best.is_excluded = True


def walk_unordered(walker: Walker, packed: Packed) -> Conversion | None:
    """Return what an actor made of an unordered funnel, None when it did no step that counts."""
    queues = Queues(walker.size)
    best: list[int] = []
    for moment, mask in walker.unpack(packed):
        while queues.filled and (queues.filled == walker.size or queues.since + walker.window < moment):
            # events have left the window, or the funnel is complete and all can go
            best = _longer(best, queues)
            queues.drop()
        if len(best) == walker.size:
            break
        steps = walker.steps(mask)
        if not steps:  # an exclusion
            queues.clear()
        elif walker.attributed is None or queues.filled or walker.has_value(mask):
            queues.add(steps, moment)
    best = _longer(best, queues)
    if not best:
        return None
    return Conversion((1 << len(best)) - 1, tuple(sorted(best)), len(best) == walker.size)


def _longer(best: list[int], queues: "Queues") -> list[int]:
    return queues.heads() if queues.filled > len(best) else best


class Queues:
    """The times of the events that may count for each step, oldest first. `filled` steps have any, `since` when."""

    def __init__(self, size: int) -> None:
        self._queues: list[deque[int]] = [deque() for _ in range(size)]
        self.filled = 0
        self.since = 0

    def add(self, steps: Sequence[int], moment: int) -> None:
        """Add an event to that of its steps whose latest event is the oldest; of several the lowest."""
        queue = self._queues[steps[0] - 1]
        for step in steps[1:]:
            other = self._queues[step - 1]
            if (other[-1] if other else 0) <= (queue[-1] if queue else 0):
                queue = other
        if not queue:
            self.filled += 1
            self.since = self.since or moment
        queue.append(moment)

    def drop(self) -> None:
        """Drop the oldest event."""
        oldest = min((queue for queue in self._queues if queue), key=_head)
        oldest.popleft()
        self.filled -= not oldest
        self.since = min((queue[0] for queue in self._queues if queue), default=0)

    def clear(self) -> None:
        """Drop all events."""
        for queue in self._queues:
            queue.clear()
        self.filled = self.since = 0

    def heads(self) -> list[int]:
        """Return the oldest time of each step that has any."""
        return [queue[0] for queue in self._queues if queue]


def _head(queue: "deque[int]") -> int:
    return queue[0]
