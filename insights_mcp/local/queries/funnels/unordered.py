"""Unordered funnels over arrays: how many different steps an actor did within one window (facts/queries.md 1.3).

After each event, a step counts when its latest event since the last exclusion is inside the window that ends there. The
first place with the highest count is the answer, and the earliest events inside its window give the times. An
exclusion wipes out what came before it, unless that had ended already: it was complete, or its oldest event had left
the window.
"""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import FALSE, TRUE, alias, call, constant, field
from insights_mcp.local.queries.funnels.arrays import (
    KEEP,
    ZERO,
    at_most,
    both,
    carry,
    carry_back,
    choose,
    each,
    either,
    exists,
    first,
    greater,
    has_any,
    has_bit,
    is_set,
    item,
    keep,
    less,
    minus,
    pick,
    place,
    plus,
    same,
)
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.levels import Level
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import (
    DEEPEST,
    IS_HARD,
    MASKS,
    TIMES,
    has_several,
    unpack_histories,
)

MOMENTS = "moments"


def match_windows(funnel: Funnel, layout: Layout) -> Level:
    """Return one row per actor and value: DEEPEST (how many steps), MOMENTS (when, sorted), IS_HARD."""
    level = _count_steps(funnel, layout).add(alias(DEEPEST, call("arrayMax", field("counts"))))
    level = level.add(alias("at", place(field("counts"), field(DEEPEST))))
    level = level.add(alias("moment", item(field(TIMES), field("at"))), alias("since", _last_exclusion(layout)))
    is_inside = both(
        greater(field("i"), field("since")),
        at_most(field("i"), field("at")),
        at_most(minus(field("moment"), field("t")), constant(funnel.window)),
    )
    places = call("arrayEnumerate", field(TIMES))
    level = level.add(
        alias("inside_times", keep("t i", is_inside, field(TIMES), places)),
        alias("inside_masks", keep("m t i", is_inside, field(MASKS), field(TIMES), places)),
    )
    firsts = [_first_time(layout, step) for step in range(1, layout.size + 1)]
    return level.add(alias(MOMENTS, keep("v", is_set(field("v")), call("arraySort", ast.Array(exprs=firsts)))))


def _count_steps(funnel: Funnel, layout: Layout) -> Level:
    level = unpack_histories(funnel, layout).add(alias(IS_HARD, _is_hard(funnel, layout)))
    level = level.add(*(alias(f"latest_{step}", _latest(layout, step)) for step in range(1, layout.size + 1)))
    if funnel.exclusions:
        next_exclusion = each("t m", choose(is_exclusion(layout), field("t"), ZERO), field(TIMES), field(MASKS))
        level = level.add(alias("exclusions", carry_back(next_exclusion)))
        level = level.add(alias("left", _last_to_leave(funnel, layout)))
    return level.add(alias("counts", _counts(funnel, layout)))


def _is_hard(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return whether the arrays cannot tell: an event that is several steps fills the one it is needed for most."""
    if funnel.attributed_step is not None:
        return TRUE
    if funnel.are_steps_apart:
        return FALSE
    return exists("m", has_several(field("m"), layout), field(MASKS))


def is_exclusion(layout: Layout) -> ast.Expr:
    """Return whether an event is excluded; one that is a step as well counts as the step."""
    return both(has_any(field("m"), layout.exclusions), same(call("bitAnd", field("m"), constant(layout.steps)), ZERO))


def _latest(layout: Layout, step: int) -> ast.Expr:
    """Return the latest time of a step after each event; negative after an exclusion."""
    is_step = has_bit(field("m"), layout.step_bit(step))
    choices: list[tuple[ast.Expr, ast.Expr]] = [(is_step, field("t"))]
    if layout.has_exclusions:
        choices.append((is_exclusion(layout), KEEP))
    return carry(each("t m", pick(choices, ZERO), field(TIMES), field(MASKS)))


def _counts(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return how many steps are inside the window that ends at each event, 0 where an exclusion wipes that out."""
    window = constant(funnel.window)
    names = [f"s{step}" for step in range(1, layout.size + 1)]
    count: ast.Expr = ZERO
    for name in names:
        is_inside = both(is_set(field(name)), at_most(minus(field("t"), field(name)), window))
        count = plus(count, choose(is_inside, constant(1), ZERO))
    latest = [field(f"latest_{step}") for step in range(1, layout.size + 1)]
    if not funnel.exclusions:
        return each(" ".join(["t", *names]), count, field(TIMES), *latest)
    counts = each(" ".join(["t", *names]), count, field(TIMES), *latest)
    has_ended = either(
        same(field("x"), ZERO),
        same(field("c"), constant(layout.size)),
        both(is_set(field("l")), at_most(minus(field("t"), field("l")), window)),
    )
    arrays = (field(TIMES), counts, field("exclusions"), field("left"))
    return each("t c x l", choose(has_ended, field("c"), ZERO), *arrays)


def _last_to_leave(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return the latest event so far that has left the window when the next exclusion comes, 0 without one."""
    leaves = less(field("t"), minus(field("x"), constant(funnel.window)))
    value = pick([(is_exclusion(layout), KEEP), (leaves, field("t"))], ZERO)
    return carry(each("t m x", value, field(TIMES), field(MASKS), field("exclusions")))


def _last_exclusion(layout: Layout) -> ast.Expr:
    """Return the place of the last exclusion before the answer's, 0 without one."""
    if not layout.has_exclusions:
        return ZERO
    is_before = both(is_exclusion(layout), less(field("i"), field("at")))
    return call(
        "arrayLastIndex",
        ast.Lambda(args=["m", "i"], expr=is_before),
        field(MASKS),
        call("arrayEnumerate", field(MASKS)),
    )


def _first_time(layout: Layout, step: int) -> ast.Expr:
    is_step = has_bit(field("m"), layout.step_bit(step))
    return first("t m", is_step, field("inside_times"), field("inside_masks"))
