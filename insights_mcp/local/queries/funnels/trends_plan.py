"""The statement of a funnel over time: how many started and converted per interval of entrance and breakdown value."""

from datetime import date

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import bucket_expr
from insights_mcp.local.queries.context import Statement
from insights_mcp.local.queries.dates import FINE_INTERVALS
from insights_mcp.local.queries.expressions import alias, call, constant, field, from_select
from insights_mcp.local.queries.funnels.arrays import (
    ZERO,
    after,
    before,
    both,
    choose,
    each,
    keep,
    opposite,
    plus,
    same,
)
from insights_mcp.local.queries.funnels.entrances import CONVERTED, STARTED, may_be_hard, select_entrances
from insights_mcp.local.queries.funnels.histories import PACKED, VALUE
from insights_mcp.local.queries.funnels.layout import Layout, lay_out
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD, MASKS, TIMES
from insights_mcp.local.queries.funnels.tallies import MAX_ROWS

# What a row of an actor and interval says.
_STARTED, _CONVERTED, _HARD = 0, 1, 2


def plan_entrances(funnel: Funnel) -> Statement:
    """Return the statement of one run: rows of interval, started, converted, the events to be walked, the value."""
    layout = lay_out(funnel)
    entries = ast.SelectQuery(
        select=[
            *([alias(VALUE, field(VALUE))] if funnel.attribution else []),
            alias("entry", call("arrayJoin", _entries(funnel))),
            alias(PACKED, _thinned(funnel, layout) if may_be_hard(funnel) else field(PACKED)),
        ],
        select_from=from_select(select_entrances(funnel, layout)),
    )
    interval, says = (ast.TupleAccess(tuple=field("entry"), index=index) for index in (1, 2))
    columns = [
        alias("interval", interval),
        alias("started", call("countIf", same(says, constant(_STARTED)))),
        alias("converted", call("countIf", same(says, constant(_CONVERTED)))),
    ]
    if may_be_hard(funnel):
        columns.append(alias("hard", call("groupArrayIf", field(PACKED), same(says, constant(_HARD)))))
    if funnel.attribution:
        columns.append(alias("shown", field(VALUE)))
    keys = [field("interval"), *([field(VALUE)] if funnel.attribution else [])]
    select = ast.SelectQuery(select=columns, select_from=from_select(entries), group_by=keys)
    return Statement(select, label="funnel trend", max_rows=MAX_ROWS)


def _entries(funnel: Funnel) -> ast.Expr:
    """Return an actor's intervals with what it did in each; of one to be walked a single entry, of any interval."""
    entries = call("arrayConcat", _says(field(STARTED), _STARTED), _says(field(CONVERTED), _CONVERTED))
    if not may_be_hard(funnel):
        return entries
    nowhere = ZERO if funnel.run.dates.interval in FINE_INTERVALS else constant(date(1970, 1, 1))
    hard = ast.Array(exprs=[ast.Tuple(exprs=[nowhere, constant(_HARD)])])
    return choose(field(IS_HARD), hard, entries)


def _thinned(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return the events to walk over, of entrances in a row in one interval the first and the last only.

    An entrance between two others of its interval changes nothing where only the newest chain counts.
    """
    if funnel.order == "unordered":
        return field(PACKED)
    moment = call("fromUnixTimestamp64Micro", plus(field("t"), constant(funnel.origin)))
    intervals = each("t", call("_toInt64", bucket_expr(funnel.run.dates.interval, moment)), field(TIMES))
    kind = call("bitAnd", field("m"), constant(layout.steps | layout.exclusions))
    in_a_row = both(
        same(kind, constant(1 << layout.step_bit(1))),
        same(field("m"), field("l")),
        same(field("m"), field("n")),
        same(field("i"), field("j")),
        same(field("i"), field("k")),
    )
    arrays = (field(MASKS), before(field(MASKS)), after(field(MASKS)), intervals, before(intervals), after(intervals))
    return choose(field(IS_HARD), keep("v m l n i j k", opposite(in_a_row), field(PACKED), *arrays), field(PACKED))


def _says(intervals: ast.Expr, what: int) -> ast.Expr:
    return each("i", ast.Tuple(exprs=[field("i"), constant(what)]), intervals)
