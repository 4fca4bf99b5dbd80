"""Actors with their starts, and with the intervals after each start that they came back in, by the calendar.

Every SELECT answers `actor`, `start` (a row of the table), `offsets` (its columns, 0 always among them), and `value`
with a breakdown.
"""

from collections.abc import Mapping

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.expressions import all_of, call, constant
from insights_mcp.local.queries.retention.question import Question
from insights_mcp.local.queries.templates import fill_select

# Per actor, or per actor and value: the rows of the starts, the rows of the returns.
_ACTORS = {
    "plain": "SELECT {actor} AS actor, {starts} AS starts, {returns} AS returns FROM events GROUP BY actor",
    "by value": """
        SELECT {actor} AS actor, {value} AS value, {starts} AS starts, {returns} AS returns
        FROM events GROUP BY actor, value
    """,
    "by first value": """
        SELECT {actor} AS actor, {value} AS value, {starts} AS starts, {returns} AS returns
        FROM events GROUP BY actor
    """,
}
# Of sorted rows, equal ones side by side, those that come as often as asked.
_FREQUENT = """
arrayDistinct(arrayFilter((one, before) -> one = before, {rows}, arrayShiftRight({rows}, {others}, -1)))
"""
_LATER = "arrayMap(r -> r - start, arrayFilter(r -> r > start AND r < start + {columns}, returns))"
_BRACKETS = """
arrayDistinct(arrayMap(
    r -> arrayFirstIndex(size -> r - first <= size, {ends}),
    arrayFilter(r -> r > first AND r - first <= {longest}, returns)
))
"""


def select_returns(question: Question) -> ast.SelectQuery:
    """Return the actors with their starts and returns. Raises QueryError."""
    value = "value, " if question.item is not None else ""
    starts = fill_select(
        f"SELECT actor, {value}returns, arrayMin(starts) AS first, arrayJoin(starts) AS start FROM {{actors}}",
        actors=_select_actors(question),
    )
    return fill_select(
        f"SELECT actor, {value}start, arrayPushFront({{later}}, 0) AS offsets FROM {{starts}}",
        later=_brackets(question) if question.grid.brackets else _later(question),
        starts=starts,
    )


def _select_actors(question: Question) -> ast.SelectQuery:
    value = question.first_value if question.is_first_ever else question.value
    form = "plain" if value is None else "by first value" if question.is_first_ever else "by value"
    holes: Mapping[str, ast.Node] = {
        "actor": question.actor,
        "starts": _starts(question),
        "returns": _returns(question),
        **({"value": value} if value is not None else {}),
    }
    return question.over_events(fill_select(_ACTORS[form], **holes))


def _starts(question: Question) -> ast.Expr:
    positions = question.grid.positions
    if not question.is_first_time:
        return call("groupUniqArrayIf", positions.of(), question.is_start)
    anchor = question.anchor
    return parse_expr(
        "if({is_counted}, [{row}], [])",
        {"is_counted": all_of([question.has_anchor, question.has_range(anchor)]), "row": positions.of(anchor)},
    )


def _returns(question: Question) -> ast.Expr:
    row = question.grid.positions.of()
    is_return = all_of([question.is_return, *([question.in_range] if question.is_first_time else [])])
    least = question.asked.minimumOccurrences
    if least <= 1:
        return call("groupUniqArrayIf", row, is_return)
    rows = call("arraySort", call("groupArrayIf", row, is_return))
    return parse_expr(_FREQUENT, {"rows": rows, "others": constant(least - 1)})


def _later(question: Question) -> ast.Expr:
    return parse_expr(_LATER, {"columns": constant(question.grid.columns)})


def _brackets(question: Question) -> ast.Expr:
    """Return the bracket of each return, counted from the actor's first start, whichever start it is asked for."""
    sizes = question.grid.brackets
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return parse_expr(_BRACKETS, {"ends": constant(ends), "longest": constant(ends[-1])})
