"""What each actor made of a funnel: one row with the steps done and the times between them."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import alias, call, constant, field
from insights_mcp.local.queries.funnels.arrays import (
    ZERO,
    choose,
    is_set,
    item,
    keep,
    minus,
    plus,
    same,
    times,
)
from insights_mcp.local.queries.funnels.histories import ACTOR, PACKED, VALUE
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.levels import Level
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import (
    CHAIN,
    DEEPEST,
    IS_HARD,
    Sequence,
    add_places,
    chain_events,
    is_always_walked,
    moment_of,
    place_of,
)
from insights_mcp.local.queries.funnels.unordered import MOMENTS, match_windows

# A bit per step done, the first step's the lowest; 0 for who did not enter or is excluded.
DONE = "done"
# Microseconds between one required step and the next.
GAPS = "gaps"
# Microseconds since the funnel's origin.
FIRST_TIME = "first_time"
FINAL_TIME = "final_time"
# When the required steps were done, one after the other.
DONE_AT = "done_at"
# How many steps are done, optional ones among them.
_COUNT = "steps_done"


def select_conversions(funnel: Funnel, layout: Layout) -> ast.SelectQuery:
    """Return one row per actor and value: DONE, GAPS, FIRST_TIME, FINAL_TIME (0 unless all is done), IS_HARD, PACKED.

    A hard actor's answer must be walked instead, over its PACKED events.
    """
    level = _convert_unordered(funnel, layout) if funnel.order == "unordered" else _convert_ordered(funnel, layout)
    moments = field(DONE_AT)
    is_complete = same(field(_COUNT), constant(layout.size))
    level = level.add(
        alias(GAPS, call("arrayPopFront", call("arrayDifference", moments))),
        alias(FIRST_TIME, item(moments, 1)),
        alias(FINAL_TIME, choose(is_complete, item(moments, -1), ZERO)),
    )
    return level.select


def _convert_ordered(funnel: Funnel, layout: Layout) -> Level:
    sequence = Sequence(funnel, layout)
    level = add_places(sequence, chain_events(funnel, layout))
    done = is_set(field(CHAIN))
    for step in range(2, layout.size + 1):
        done = plus(done, times(is_set(field(place_of(step))), constant(1 << (step - 1))))
    required = [moment_of(step) for step in range(1, layout.size + 1) if step not in funnel.optional]
    is_in = is_set(field(CHAIN))
    level = level.add(
        alias(DONE, times(is_in, done)),
        alias(DONE_AT, keep("v", is_set(field("v")), ast.Array(exprs=required))),
        alias(_COUNT, choose(is_in, field(DEEPEST), ZERO)),
    )
    return level.only(*_columns(funnel))


def _convert_unordered(funnel: Funnel, layout: Layout) -> Level:
    done = minus(call("intExp2", field(DEEPEST)), constant(1))
    level = match_windows(funnel, layout).add(
        alias(DONE, done), alias(DONE_AT, field(MOMENTS)), alias(_COUNT, field(DEEPEST))
    )
    return level.only(*_columns(funnel))


def _columns(funnel: Funnel) -> list[str]:
    return [ACTOR, *([VALUE] if funnel.attribution else []), PACKED, IS_HARD, DONE, DONE_AT, _COUNT]


def did_step(step: int) -> ast.Expr:
    """Return whether an actor did a step, counted from 1."""
    return call("bitTest", field(DONE), constant(step - 1))


def may_be_hard(funnel: Funnel) -> bool:
    """Return whether any actor may have to be walked."""
    if not funnel.are_steps_apart or is_always_walked(funnel):
        return True
    if funnel.order == "unordered":
        return funnel.attributed_step is not None
    return not funnel.are_exclusions_apart
