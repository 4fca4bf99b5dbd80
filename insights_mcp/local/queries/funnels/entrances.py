"""Funnel trends over arrays: for each event that enters a funnel, whether its chain gets to a step in time.

The arrays are filled from the end: after each event, when the rest of the steps could be complete at the earliest. A
person counts once per interval: as converted when any of its entrances there converts, since every one of them is a
chain of its own (facts/queries.md 1.3, trends).
"""

from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import bucket_expr
from insights_mcp.local.queries.expressions import FALSE, TRUE, alias, call, constant, field
from insights_mcp.local.queries.funnels.arrays import (
    KEEP,
    ZERO,
    after,
    at_least,
    at_most,
    both,
    carry_back,
    choose,
    each,
    either,
    exists,
    has_any,
    has_bit,
    is_set,
    keep,
    less,
    minus,
    pick,
    plus,
    same,
)
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.levels import Level
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD, MASKS, TIMES, has_several, unpack_histories
from insights_mcp.local.queries.funnels.unordered import is_exclusion

# The times of the events that enter and come to from_step, and of those that come to to_step.
STARTED = "started"
CONVERTED = "converted"


@dataclass(frozen=True)
class Entrances:
    """A funnel asked over time. Steps count from 1."""

    funnel: Funnel
    layout: Layout

    @property
    def from_step(self) -> int:
        """The step that conversion is counted from."""
        return (self.funnel.filter.funnelFromStep or 0) + 1

    @property
    def to_step(self) -> int:
        """The step that conversion is counted to."""
        given = self.funnel.filter.funnelToStep
        return self.funnel.size if given is None else given + 1


def may_be_hard(funnel: Funnel) -> bool:
    """Return whether any actor may have to be walked."""
    if funnel.order == "unordered":
        return not funnel.are_steps_apart or funnel.attributed_step is not None
    if funnel.order == "strict" and not funnel.are_steps_apart:
        return True
    return bool(funnel.exclusions)


def select_entrances(funnel: Funnel, layout: Layout) -> ast.SelectQuery:
    """Return one row per actor and value: the intervals it STARTED and CONVERTED in, IS_HARD, PACKED of who is."""
    entrances = Entrances(funnel, layout)
    level = _enter_unordered(entrances) if funnel.order == "unordered" else _enter_ordered(entrances)
    level = level.add(
        alias("from_times", _counted(entrances, entrances.from_step)),
        alias("to_times", _counted(entrances, entrances.to_step)),
    )
    level = level.add(
        alias(STARTED, _intervals(funnel, field("from_times"))),
        alias(CONVERTED, _intervals(funnel, field("to_times"))),
    )
    return level.select


def _intervals(funnel: Funnel, moments: ast.Expr) -> ast.Expr:
    """Return the intervals of some times, each once."""
    moment = call("fromUnixTimestamp64Micro", plus(field("t"), constant(funnel.origin)))
    return call("arrayDistinct", each("t", bucket_expr(funnel.run.dates.interval, moment), moments))


def _enter_ordered(entrances: Entrances) -> Level:
    level = unpack_histories(entrances.funnel, entrances.layout).add(alias(IS_HARD, _is_hard_ordered(entrances)))
    if entrances.funnel.order == "strict":
        level = level.add(alias("followers", after(field(MASKS))))
    for goal in sorted({entrances.from_step, entrances.to_step} - {1}):
        for step in range(goal, 0, -1):
            level = level.add(alias(_done(goal, step), _completions(entrances, goal, step)))
    return level


def _is_hard_ordered(entrances: Entrances) -> ast.Expr:
    """Return whether the arrays cannot tell: exclusions, or events that are several steps of a strict funnel."""
    layout, conditions = entrances.layout, []
    if entrances.funnel.exclusions:
        conditions.append(has_any(field("m"), layout.exclusions))
    if entrances.funnel.order == "strict" and not entrances.funnel.are_steps_apart:
        conditions.append(has_several(field("m"), layout))
    return exists("m", either(*conditions), field(MASKS)) if conditions else FALSE


def _done(goal: int, step: int) -> str:
    return f"done_{goal}_{step}"


def _completions(entrances: Entrances, goal: int, step: int) -> ast.Expr:
    """Return after each event when a chain that does the step then or later comes to the goal, 0 for never."""
    if entrances.funnel.order == "strict":
        return _strict_completions(entrances, goal, step)
    is_step = _is_taken(entrances, step)
    if step == goal:
        return carry_back(each("t m", choose(is_step, field("t"), ZERO), field(TIMES), field(MASKS)))
    value = choose(is_step, field("d"), ZERO)
    done = each("m d", value, field(MASKS), after(field(_done(goal, step + 1))))
    return done if step == 1 else carry_back(done)


def _strict_completions(entrances: Entrances, goal: int, step: int) -> ast.Expr:
    """Return for each event when the chain that it brings to the step comes to the goal, 0 for never.

    The next event must be the next step, or the same step again, which changes nothing: but for the first step, of
    which a second one starts a new chain.
    """
    is_step = _is_taken(entrances, step)
    if step == goal:
        return each("t m", choose(is_step, field("t"), ZERO), field(TIMES), field(MASKS))
    choices: list[tuple[ast.Expr, ast.Expr]] = [(_is_taken(entrances, step + 1, of="n"), field("d"))]
    if step > 1:
        choices.append((has_bit(field("n"), entrances.layout.step_bit(step)), KEEP))
    # an event of the step without the attributed value keeps a chain that is there, and brings none
    is_there = has_bit(field("m"), entrances.layout.step_bit(step)) if step > 1 else is_step
    value = choose(is_there, pick(choices, ZERO), ZERO)
    done = each("m n d", value, field(MASKS), field("followers"), after(field(_done(goal, step + 1))))
    return carry_back(done, over=KEEP)


def _is_taken(entrances: Entrances, step: int, *, of: str = "m") -> ast.Expr:
    layout = entrances.layout
    is_step = has_bit(field(of), layout.step_bit(step))
    if step != entrances.funnel.attributed_step:
        return is_step
    return both(is_step, has_bit(field(of), layout.value_bit))


def _counted(entrances: Entrances, goal: int) -> ast.Expr:
    """Return the times of the entering events whose chain comes to the goal inside the window."""
    if entrances.funnel.order == "unordered":
        return _counted_unordered(entrances, goal)
    is_first = _is_taken(entrances, 1)
    if goal == 1:
        return keep("t m", is_first, field(TIMES), field(MASKS))
    in_time = at_most(minus(field("d"), field("t")), constant(entrances.funnel.window))
    is_done = both(is_first, is_set(field("d")), in_time)
    return keep("t m d", is_done, field(TIMES), field(MASKS), field(_done(goal, 1)))


def _enter_unordered(entrances: Entrances) -> Level:
    """Return the same without an order: every event enters, with the steps that follow it inside the window.

    An exclusion wipes out what is inside the window when it comes, unless that is complete.
    """
    funnel, layout = entrances.funnel, entrances.layout
    steps = range(1, layout.size + 1)
    level = unpack_histories(funnel, layout).add(alias(IS_HARD, _is_hard_unordered(entrances)))
    excluded = each("t m", choose(is_exclusion(layout), field("t"), ZERO), field(TIMES), field(MASKS))
    level = level.add(
        *(alias(f"next_{step}", _next(entrances, step)) for step in steps), alias("excluded", carry_back(excluded))
    )
    count: ast.Expr = ZERO
    for step in steps:
        next_time = field(f"s{step}")
        is_inside = both(is_set(next_time), at_most(minus(next_time, field("t")), constant(funnel.window)))
        count = plus(count, choose(is_inside, constant(1), ZERO))
    names = " ".join(["t", *(f"s{step}" for step in steps)])
    return level.add(alias("counts", each(names, count, field(TIMES), *(field(f"next_{step}") for step in steps))))


def _is_hard_unordered(entrances: Entrances) -> ast.Expr:
    if entrances.funnel.attributed_step is not None:
        return TRUE
    if entrances.funnel.are_steps_apart:
        return FALSE
    return exists("m", has_several(field("m"), entrances.layout), field(MASKS))


def _next(entrances: Entrances, step: int) -> ast.Expr:
    """Return the next time of a step at or after each event, negative when an exclusion comes first."""
    layout = entrances.layout
    choices: list[tuple[ast.Expr, ast.Expr]] = [(has_bit(field("m"), layout.step_bit(step)), field("t"))]
    if layout.has_exclusions:
        choices.append((is_exclusion(layout), KEEP))
    return carry_back(each("t m", pick(choices, ZERO), field(TIMES), field(MASKS)))


def _counted_unordered(entrances: Entrances, goal: int) -> ast.Expr:
    """Return the times of events followed by so many steps, their own among them."""
    layout = entrances.layout
    is_kept = either(
        same(field("x"), ZERO),
        less(plus(field("t"), constant(entrances.funnel.window)), field("x")),
        same(field("c"), constant(layout.size)),
    )
    is_counted = both(has_any(field("m"), layout.steps), at_least(field("c"), constant(goal)), is_kept)
    return keep("t m c x", is_counted, field(TIMES), field(MASKS), field("counts"), field("excluded"))
