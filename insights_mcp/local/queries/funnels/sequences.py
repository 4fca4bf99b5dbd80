"""Ordered and strict funnels over arrays: how far each actor came, in one pass per step (facts/queries.md 1.3).

For every step there is an array over the actor's events: after each event, the start of the newest chain that reached
the step, 0 where there is none. An event of step k puts the chain of step k-1 there, when that is still inside the
window; all other events carry the value on (in a strict funnel they end it). The first chain in the array of the
deepest step is the answer, and the place where it first stands in each array is when it did that step.

Events of the same time come sorted by their steps, and each is one step, so that walking over them in order is what
PostHog's rule for ties asks. Where an event that is several steps stands in such a tie, the actor is left to the walk
(`is_hard`). An event that is several steps extends each chain once: arrays of earlier steps are read as they were
before the event.
"""

from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import FALSE, TRUE, alias, call, constant, field
from insights_mcp.local.queries.funnels.arrays import (
    KEEP,
    ZERO,
    after,
    at_least,
    at_most,
    before,
    both,
    carry,
    carry_back,
    carry_when,
    choose,
    differs,
    each,
    either,
    exists,
    first,
    greater,
    has_any,
    has_bit,
    is_set,
    item,
    last,
    less,
    minus,
    pick,
    place,
    plus,
    same,
    times,
)
from insights_mcp.local.queries.funnels.histories import PACKED, histories_of, mask_in, moment_in
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.levels import Level
from insights_mcp.local.queries.funnels.question import Funnel

# Columns of every level below.
TIMES = "times"
MASKS = "masks"
IS_HARD = "is_hard"
DEEPEST = "deepest"
CHAIN = "chain"


@dataclass(frozen=True)
class Sequence:
    """A funnel whose steps have an order."""

    funnel: Funnel
    layout: Layout

    @property
    def is_strict(self) -> bool:
        """Whether no other event may come between steps."""
        return self.funnel.order == "strict"

    @property
    def knows_ties(self) -> bool:
        """Whether events of one time that are different steps must be told from others."""
        return self.is_strict or bool(self.funnel.exclusions)

    def earlier(self, step: int) -> list[int]:
        """Return the steps whose chains a step continues, the nearest first: back over optional ones."""
        found = [step - 1]
        while found[-1] in self.funnel.optional:
            found.append(found[-1] - 1)
        return found


def chain_events(funnel: Funnel, layout: Layout) -> Level:
    """Return one row per actor and value: DEEPEST, CHAIN (0: none, or excluded), IS_HARD, and the arrays."""
    sequence = Sequence(funnel, layout)
    level = _fill_arrays(sequence, unpack_histories(funnel, layout))
    return _find_chain(sequence, level) if funnel.exclusions else _find_first_chain(sequence, level)


def start_of(step: int) -> str:
    """Return the name of the array of chains that reached a step."""
    return f"start_{step}"


def unpack_histories(funnel: Funnel, layout: Layout) -> Level:
    """Return actors' histories with the arrays of times and of masks."""
    return histories_of(funnel, layout).add(
        alias(TIMES, each("v", moment_in(layout, field("v")), field(PACKED))),
        alias(MASKS, each("v", mask_in(layout, field("v")), field(PACKED))),
    )


def _fill_arrays(sequence: Sequence, level: Level) -> Level:
    level = level.add(alias(IS_HARD, _is_hard(sequence)))
    if sequence.knows_ties:
        level = _mark_ties(sequence.layout, level)
    for step in range(1, sequence.layout.size + 1):
        level = level.add(alias(start_of(step), _starts(sequence, step)))
        if step + 1 in sequence.funnel.excluded_before and not sequence.is_strict:
            level = level.add(alias(_clean(step), _clean_starts(sequence, step)))
    return level


def _is_hard(sequence: Sequence) -> ast.Expr:
    """Return whether the arrays cannot tell: an event is several steps in a tie, or both a step and excluded."""
    layout, conditions = sequence.layout, []
    mask, other = field("m"), field("n")
    if is_always_walked(sequence.funnel):
        return TRUE
    if not sequence.funnel.are_steps_apart:
        kinds = constant(layout.steps | layout.exclusions)
        differ = differs(call("bitAnd", mask, kinds), call("bitAnd", other, kinds))
        several = either(has_several(mask, layout), has_several(other, layout))
        is_tie = both(same(field("t"), field("u")), differ, several)
        arrays = (field(TIMES), field(MASKS), before(field(TIMES)), before(field(MASKS)))
        conditions.append(exists("t m u n", is_tie, *arrays))
    if not sequence.funnel.are_exclusions_apart:
        is_both = both(has_any(mask, layout.steps), has_any(mask, layout.exclusions))
        conditions.append(exists("m", is_both, field(MASKS)))
    return either(*conditions) if conditions else FALSE


def is_always_walked(funnel: Funnel) -> bool:
    """Return whether optional steps meet a rule that looks at which step they were left out after."""
    return bool(funnel.optional) and (bool(funnel.exclusions) or funnel.attributed_step is not None)


def has_several(mask: ast.Expr, layout: Layout) -> ast.Expr:
    """Return whether an event is several steps."""
    steps = call("bitAnd", mask, constant(layout.steps))
    return differs(call("bitAnd", steps, minus(steps, constant(1))), ZERO)


def _mark_ties(layout: Layout, level: Level) -> Level:
    """Add whether each event is one of several of its time that are not all the same steps, and the masks that count.

    Sorted, the events of one time are all alike when the first is like the last. In a mixed tie exclusions do not
    count, and nothing ends a strict chain.
    """
    kinds = constant(layout.steps | layout.exclusions)
    new_time = differs(field("t"), field("u"))
    level = level.add(
        alias("kinds", each("m", call("bitAnd", field("m"), kinds), field(MASKS))),
        alias("is_first", each("t u", new_time, field(TIMES), before(field(TIMES)))),
        alias("is_last", each("t u", new_time, field(TIMES), after(field(TIMES)))),
    )
    mixed = each(
        "a b",
        differs(field("a"), field("b")),
        carry_when(field("kinds"), field("is_first")),
        carry_when(field("kinds"), field("is_last"), back=True),
    )
    level = level.add(alias("mixed", mixed))
    not_excluding = call("bitAnd", field("m"), constant(~layout.exclusions & ((1 << layout.bits) - 1)))
    counted = each("m x", choose(field("x"), not_excluding, field("m")), field(MASKS), field("mixed"))
    return level.add(alias("counted", counted)) if layout.has_exclusions else level


def _masks(sequence: Sequence) -> ast.Expr:
    return field("counted" if sequence.layout.has_exclusions else MASKS)


def _starts(sequence: Sequence, step: int) -> ast.Expr:
    """Return the array of the newest chains that reached a step."""
    if sequence.is_strict:
        return _strict_starts(sequence, step)
    chains = _continued(sequence, step)
    value = choose(_is_taken(sequence, step), _chosen(sequence, chains, ZERO), ZERO)
    return carry(each(_arguments(chains), value, field(TIMES), _masks(sequence), *chains))


def _strict_starts(sequence: Sequence, step: int) -> ast.Expr:
    """Return the same for a strict funnel: an event that is not the step ends its chain, but for mixed ties."""
    chains = _continued(sequence, step)
    taken = choose(_is_taken(sequence, step), _chosen(sequence, chains, KEEP), KEEP)
    value = choose(_is_step(sequence, step), taken, choose(field("x"), KEEP, ZERO))
    names = f"{_arguments(chains)} x"
    return carry(each(names, value, field(TIMES), _masks(sequence), *chains, field("mixed")), over=KEEP)


def _continued(sequence: Sequence, step: int) -> list[ast.Expr]:
    """Return the arrays of the chains that a step may continue, as they are when its event comes."""
    if step == 1:
        return []
    is_moved = sequence.is_strict or not sequence.funnel.are_steps_apart
    arrays = [_unspoiled(sequence, one) for one in sequence.earlier(step)]
    return [before(array) for array in arrays] if is_moved else arrays


def _unspoiled(sequence: Sequence, step: int) -> ast.Expr:
    """Return the chains of a step that no exclusion has hit."""
    is_spoiled = step + 1 in sequence.funnel.excluded_before and not sequence.is_strict
    return field(_clean(step) if is_spoiled else start_of(step))


def _arguments(chains: list[ast.Expr]) -> str:
    return " ".join(["t", "m", *(f"a{index}" for index in range(len(chains)))])


def _is_step(sequence: Sequence, step: int) -> ast.Expr:
    return has_bit(field("m"), sequence.layout.step_bit(step))


def _is_taken(sequence: Sequence, step: int) -> ast.Expr:
    """Return whether an event is the step and, where its value is attributed, has that value."""
    is_step = _is_step(sequence, step)
    if step != sequence.funnel.attributed_step:
        return is_step
    return both(is_step, has_bit(field("m"), sequence.layout.value_bit))


def _chosen(sequence: Sequence, chains: list[ast.Expr], otherwise: ast.Expr) -> ast.Expr:
    """Return the first chain that is inside the window; the first step starts one."""
    if not chains:
        return field("t")
    found = [field(f"a{index}") for index in range(len(chains))]
    return pick([(_is_open(sequence, one), one) for one in found], otherwise)


def _is_open(sequence: Sequence, chain: ast.Expr) -> ast.Expr:
    return both(is_set(chain), at_most(minus(field("t"), chain), constant(sequence.funnel.window)))


def _clean(step: int) -> str:
    return f"clean_{step}"


def _clean_starts(sequence: Sequence, step: int) -> ast.Expr:
    """Return the chains of a step, -1 from the exclusion that hits one to the next chain."""
    starts = field(start_of(step))
    is_hit = has_bit(field("m"), sequence.layout.exclusion_bit(step + 1))
    value = choose(differs(field("s"), field("p")), field("s"), choose(is_hit, KEEP, ZERO))
    return carry(each("s p m", value, starts, before(starts), _masks(sequence)))


def _add_deepest(sequence: Sequence, level: Level) -> Level:
    steps = range(sequence.layout.size, 0, -1)
    return level.add(alias(DEEPEST, pick([(_is_reached(sequence, step), constant(step)) for step in steps], ZERO)))


def _find_first_chain(sequence: Sequence, level: Level) -> Level:
    steps = range(sequence.layout.size, 0, -1)
    firsts = [
        (same(field(DEEPEST), constant(step)), first("v", is_set(field("v")), field(start_of(step)))) for step in steps
    ]
    return _add_deepest(sequence, level).add(alias(CHAIN, pick(firsts, ZERO)))


def _is_reached(sequence: Sequence, step: int) -> ast.Expr:
    """Return whether a chain came to a step, be it one that an exclusion has hit."""
    if sequence.is_strict:
        return exists("v", is_set(field("v")), field(start_of(step)))
    if step not in sequence.funnel.excluded_before:
        return is_set(last(field(start_of(step))))
    starts = field(start_of(step - 1))
    is_reached = both(_is_taken(sequence, step), _is_open(sequence, field("a")))
    chains = starts if sequence.funnel.are_steps_apart else before(starts)
    return exists("t m a", is_reached, field(TIMES), _masks(sequence), chains)


def _find_chain(sequence: Sequence, level: Level) -> Level:
    """Add the chain that stands in the end when exclusions hit chains of the deepest step.

    The first chain to get there counts until an exclusion hits the newest one while the counting one is still inside
    its window; then the next chain counts. So the chain in the end is the first of those that would ever count whose
    next hit, if there is one, comes after its own window.
    """
    steps = range(sequence.layout.size, 1, -1)
    lines = [(same(field(DEEPEST), constant(step)), field(start_of(step))) for step in steps]
    barriers = [
        (same(field(DEEPEST), constant(step - 1)), constant(1 << sequence.layout.exclusion_bit(step)))
        for step in sorted(sequence.funnel.excluded_before)
    ]
    level = _add_deepest(sequence, level).add(
        alias("line", pick(lines, field(start_of(1)))), alias("barrier", pick(barriers, ZERO))
    )
    line = field("line")
    is_hit = both(differs(call("bitAnd", field("m"), field("barrier")), ZERO), _is_open(sequence, field("a")))
    hits = each("t m a", choose(is_hit, field("t"), ZERO), field(TIMES), field("counted"), before(line))
    is_new = both(is_set(field("s")), differs(field("s"), field("p")))
    marks = pick([(is_new, constant(1)), (is_set(field("h")), constant(2))], ZERO)
    level = level.add(alias("hits", hits))
    level = level.add(alias("marks", each("s p h", marks, line, before(line), field("hits"))))
    survives = either(same(field("h"), ZERO), greater(minus(field("h"), field("s")), constant(sequence.funnel.window)))
    counts = both(same(field("k"), constant(1)), differs(field("l"), constant(1)), survives)
    arrays = (line, field("marks"), before(carry(field("marks"))), carry_back(field("hits")))
    return level.add(alias(CHAIN, first("s k l h", counts, *arrays)))


def add_places(sequence: Sequence, level: Level) -> Level:
    """Add the places of the chain's events, one per step after the first: 0 where it did not do the step.

    Optional steps are on its way when it did them before the next one. `next_k` is the place of the next step done.
    """
    steps = range(sequence.layout.size, 1, -1)
    if not sequence.funnel.optional and not _may_repeat(sequence):
        return level.add(*(alias(place_of(step), _place(sequence, step)) for step in steps))
    for step in steps:
        here = _place(sequence, step)
        # no IF: ClickHouse would evaluate it lazily, and chains of lazy columns grow exponentially
        beyond = here if step == sequence.layout.size else plus(here, times(same(here, ZERO), field(_next(step))))
        level = level.add(alias(place_of(step), here), alias(_next(step - 1), beyond))
    return level


def place_of(step: int) -> str:
    """Return the name of the place of the event that did a step."""
    return f"place_{step}"


def _next(step: int) -> str:
    return f"next_{step}"


def _place(sequence: Sequence, step: int) -> ast.Expr:
    entry = _entry(sequence, step)
    if step == sequence.layout.size:
        return times(entry, same(field(DEEPEST), constant(step)))
    if step not in sequence.funnel.optional:
        return times(entry, at_least(field(DEEPEST), constant(step)))
    is_deepest = same(field(DEEPEST), constant(step))
    is_earlier = call("bitAnd", is_set(entry), less(entry, field(_next(step))))
    on_way = call("bitAnd", greater(field(DEEPEST), constant(step)), is_earlier)
    return times(entry, call("bitOr", is_deepest, on_way))


def _may_repeat(sequence: Sequence) -> bool:
    """Return whether a chain may lose a step and do it again: when an event is several steps of a strict funnel."""
    return sequence.is_strict and not sequence.funnel.are_steps_apart


def _entry(sequence: Sequence, step: int) -> ast.Expr:
    """Return where the chain came to a step."""
    starts = field(start_of(step))
    found = place(starts, field(CHAIN))
    if not _may_repeat(sequence) or step == sequence.layout.size:
        return found
    # the last time before the next step counts
    comes = both(
        same(field("s"), field(CHAIN)),
        differs(field("p"), field(CHAIN)),
        less(field("i"), field(_next(step))),
    )
    latest = call(
        "arrayLastIndex",
        ast.Lambda(args=["s", "p", "i"], expr=comes),
        starts,
        before(starts),
        call("arrayEnumerate", starts),
    )
    return choose(same(field(DEEPEST), constant(step)), found, latest)


def moment_of(step: int) -> ast.Expr:
    """Return when the chain did a step, 0 when it did not."""
    if step == 1:
        return field(CHAIN)
    return item(field(TIMES), field(place_of(step)))
