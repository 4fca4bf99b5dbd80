"""Actors with their starts, and with what a property adds up to in the intervals after each start.

Every SELECT answers `actor`, `start` (a row of the table), `cells` (pairs of a column and a sum, column 0 always among
them), and `value` with a breakdown. Only numbers of returns count. In the interval of the start itself they are all of
them where what returns is what started, else those strictly later than the first start there.
"""

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.expressions import call, constant
from insights_mcp.local.queries.filters import property_field
from insights_mcp.local.queries.retention.question import Question
from insights_mcp.local.queries.templates import fill_select

# Per actor and row of the table; -1 is the row of all that is outside, which matters for first starts.
_ROWS = """
SELECT {{actor}} AS actor, {{row}} AS row, {columns}
    countIf({{is_start}}) AS starts,
    minIf(timestamp, {{is_start}}) AS began,
    countIf({{is_return}}) AS returns,
    groupArrayIf((timestamp, {{number}}), {{is_return}}) AS numbers
FROM events GROUP BY actor, row{group}
"""
_SUMS = """
SELECT actor, row, starts, began, {columns}
    tuple(
        row,
        arraySum(pair -> pair.2, arrayFilter(pair -> {own_condition}, numbers)),
        arraySum(pair -> pair.2, numbers),
        returns
    ) AS part
FROM {{rows}}
"""
_ACTORS = """
SELECT actor, {columns} {{start_rows}} AS start_rows, groupArrayIf(part, row >= 0) AS parts
FROM {{sums}} GROUP BY actor{group}
"""
_STARTS = "SELECT actor, {columns} parts, arrayJoin(start_rows) AS start FROM {{actors}}"
_CELLS = """
SELECT actor, {columns} start,
    arrayPushFront(
        arrayMap(
            part -> (part.1 - start, part.3),
            arrayFilter(part -> part.1 > start AND part.1 < start + {{columns}} AND part.4 > 0, parts)
        ),
        (0, arraySum(arrayMap(part -> part.2, arrayFilter(part -> part.1 = start, parts))))
    ) AS cells
FROM {{starts}}
"""
_EVERY_START = "groupArrayIf(row, row >= 0 AND starts > 0)"
# Without any start the row would be 0, that of nothing.
_FIRST_START = "arrayFilter(r -> r >= 0, if(sum(starts) > 0, [argMinIf(row, began, starts > 0)], []))"
_FIRST_START_EVER = f"if(minIf(began, starts > 0) = minIf(named, names > 0), {_FIRST_START}, [])"


def select_numbers(question: Question) -> ast.SelectQuery:
    """Return the actors with their starts and sums. Raises QueryError."""
    value = "value, " if question.item is not None else ""
    by_value = ", value" if question.item is not None and not question.is_first_ever else ""
    first_value = "argMinIf(first_value, named, names > 0) AS value, " if value and not by_value else value
    actors = fill_select(
        _ACTORS.format(columns=first_value, group=by_value),
        start_rows=_start_rows(question),
        sums=_select_sums(question),
    )
    starts = fill_select(_STARTS.format(columns=value), actors=actors)
    return fill_select(_CELLS.format(columns=value), starts=starts, columns=constant(question.grid.columns))


def _select_sums(question: Question) -> ast.SelectQuery:
    """Return, per actor and row, the two sums: of the returns after the first start there, and of all returns."""
    kept, columns, group = "", "", ""
    holes: dict[str, ast.Node] = {}
    if question.value is not None:
        holes["value"] = question.value
    if question.is_first_ever:
        kept, columns = "names, named, ", "countIf({is_named}) AS names, minIf(timestamp, {is_named}) AS named, "
        holes["is_named"] = question.is_named_start
        if question.value is not None:
            kept, columns = (
                f"{kept}first_value, ",
                f"{columns}argMinIf({{value}}, timestamp, {{is_named}}) AS first_value, ",
            )
    elif question.value is not None:
        kept, columns, group = "value, ", "{value} AS value, ", ", value"
    rows = question.over_events(
        fill_select(
            _ROWS.format(columns=columns, group=group),
            actor=question.actor,
            row=_row(question),
            is_start=question.is_start,
            is_return=question.is_return,
            number=_number(question),
            **holes,
        )
    )
    own = "true" if question.is_same_entity else "pair.1 > began"
    return fill_select(_SUMS.format(columns=kept, own_condition=own), rows=rows)


def _start_rows(question: Question) -> ast.Expr:
    if question.is_first_ever:
        return parse_expr(_FIRST_START_EVER)
    return parse_expr(_FIRST_START if question.is_first_time else _EVERY_START)


def _row(question: Question) -> ast.Expr:
    position = question.grid.positions.of()
    return call("if", question.in_range, position, constant(-1)) if question.is_first_time else position


def _number(question: Question) -> ast.Expr:
    type_ = "person" if question.asked.aggregationPropertyType == "person" else "event"
    number = call("toFloat", property_field(type_, str(question.asked.aggregationProperty)))
    return call("ifNull", number, constant(0.0))
