"""The actors of a funnel one by one: what each did, for those who ask who they are.

Actors that must be walked are walked first; what comes of them stands in the SELECT as literals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import Statement
from insights_mcp.local.queries.expressions import alias, call, constant, field, from_select
from insights_mcp.local.queries.funnels.arrays import is_set, opposite
from insights_mcp.local.queries.funnels.conversions import (
    DONE,
    DONE_AT,
    FINAL_TIME,
    FIRST_TIME,
    may_be_hard,
    select_conversions,
)
from insights_mcp.local.queries.funnels.histories import ACTOR, PACKED, VALUE, actor_of
from insights_mcp.local.queries.funnels.layout import lay_out
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD
from insights_mcp.local.queries.funnels.tallies import MAX_ROWS, walk_of
from insights_mcp.local.queries.funnels.walk import Conversion


@dataclass(frozen=True)
class _Walked:
    """One walked actor: its id as text, its breakdown value, what it did."""

    actor: str
    value: object
    conversion: Conversion


def select_reached(funnel: Funnel) -> ast.AnySelect:
    """Return one row per actor and value that entered: ACTOR, VALUE, DONE, FIRST_TIME, FINAL_TIME, DONE_AT.

    Times are in microseconds since the funnel's origin. FINAL_TIME is 0 for who did not complete it. May run a query.
    """
    layout = lay_out(funnel)
    names = [ACTOR, *([VALUE] if funnel.attribution else []), DONE, FIRST_TIME, FINAL_TIME, DONE_AT]
    conditions = [is_set(field(DONE))]
    if may_be_hard(funnel):
        conditions.append(opposite(field(IS_HARD)))
    easy = ast.SelectQuery(
        select=[alias(name, field(name)) for name in names],
        select_from=from_select(select_conversions(funnel, layout)),
        where=ast.And(exprs=conditions),
    )
    walked = _walk_hard(funnel) if may_be_hard(funnel) else []
    if not walked:
        return easy
    rest = ast.SelectSetNode(select_query=_select_walked(funnel, walked), set_operator="UNION ALL")
    return ast.SelectSetQuery(initial_select_query=easy, subsequent_select_queries=[rest])


def _walk_hard(funnel: Funnel) -> list[_Walked]:
    layout = lay_out(funnel)
    select = ast.SelectQuery(
        select=[
            alias("name", call("toString", field(ACTOR))),
            alias("events", field(PACKED)),
            *([alias("shown", field(VALUE))] if funnel.attribution else []),
        ],
        select_from=from_select(select_conversions(funnel, layout)),
        where=field(IS_HARD),
    )
    rows = funnel.context.fetch(Statement(select, label="actors to walk", max_rows=MAX_ROWS)).rows
    walk = walk_of(funnel, layout)
    walked = ((row, walk(row[1] if isinstance(row[1], list) else [])) for row in rows)
    return [_Walked(str(row[0]), row[2] if len(row) > 2 else None, found) for row, found in walked if found is not None]


def _select_walked(funnel: Funnel, walked: Sequence[_Walked]) -> ast.SelectQuery:
    """Return walked actors as rows, from arrays of one length."""
    arrays: dict[str, object] = {ACTOR: [one.actor for one in walked]}
    if funnel.attribution:
        arrays[VALUE] = [one.value for one in walked]
    arrays[DONE] = [one.conversion.done for one in walked]
    arrays[FIRST_TIME] = [one.conversion.moments[0] for one in walked]
    arrays[FINAL_TIME] = [one.conversion.moments[-1] if one.conversion.is_complete else 0 for one in walked]
    arrays[DONE_AT] = [list(one.conversion.moments) for one in walked]
    together = call("arrayZip", *(_literal(values) for values in arrays.values()))
    rows = ast.SelectQuery(select=[alias("row", call("arrayJoin", together))])
    columns = []
    for index, name in enumerate(arrays, 1):
        part: ast.Expr = ast.TupleAccess(tuple=field("row"), index=index)
        is_person = name == ACTOR and actor_of(funnel) == field("person_id")
        columns.append(alias(name, call("toUUID", part) if is_person else part))
    return ast.SelectQuery(select=columns, select_from=from_select(rows))


def _literal(values: object) -> ast.Expr:
    if isinstance(values, list) and values and isinstance(values[0], list | tuple):
        return ast.Array(exprs=[constant(list(one)) for one in values])
    return constant(values)
