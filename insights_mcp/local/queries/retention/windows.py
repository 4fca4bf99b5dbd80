"""Actors with their first start, and with the windows of 24 hours after it that they came back in.

Times are whole hours, or whole days for weeks of 7 and months of 30 days: a window begins with the hour of the first
start. Every SELECT answers the columns that returns.py speaks of.

With a breakdown there are also actors without a start inside the table, in the row OUTSIDE: upstream ranks values by
them as well, and shows a value that has no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.expressions import TRUE, all_of, call, compare, constant, field
from insights_mcp.local.queries.retention.question import Question
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.dates import Interval


@dataclass(frozen=True)
class _Window:
    """So many units long; `unit` numbers the unit that holds a moment."""

    unit: str
    size: int


_WINDOWS: Mapping[Interval, _Window] = {
    "hour": _Window("toRelativeHourNum", 1),
    "day": _Window("toRelativeHourNum", 24),
    "week": _Window("toRelativeDayNum", 7),
    "month": _Window("toRelativeDayNum", 30),
}
OUTSIDE = -1
_ACTORS = """
SELECT {{actor}} AS actor, {value}
    minIf({{unit}}, {{is_start}}) AS first, groupUniqArrayIf({{unit}}, {{is_return}}) AS returns
FROM events GROUP BY actor HAVING {{is_counted}}
"""
# With a breakdown, the first start is that of the actor whatever its value; a value counts when any event since has it.
_VALUES = """
SELECT {actor} AS actor, {value} AS value,
    countIf({is_start}) AS starts,
    minIf(timestamp, {is_start}) AS began,
    minIf({unit}, {is_start}) AS first,
    (value, max(timestamp), groupUniqArrayIf({unit}, {is_return})) AS part
FROM events GROUP BY actor, value
"""
_VALUED_ACTORS = """
SELECT actor, minIf(began, starts > 0) AS began, minIf(first, starts > 0) AS first, groupArray(part) AS parts
FROM {values} GROUP BY actor
"""
_PARTS = "SELECT actor, began, first, arrayJoin(parts) AS part FROM {actors}"
_ACTORS_BY_VALUE = "SELECT actor, part.1 AS value, first, part.3 AS returns FROM {parts} WHERE part.2 >= began"
_OFFSETS = "SELECT actor, {value} {{start}} AS start, {{offsets}} AS offsets FROM {{actors}} WHERE {{is_shown}}"
_INSIDE = "first >= {base} AND first < {base} + {size} * {rows}"
_START = "intDiv(first - {base}, {size})"
_COLUMNS = """
arrayPushFront(
    arrayFilter(
        column -> column > 0 AND column < {columns},
        arrayDistinct(arrayMap(r -> intDiv(r - first, {size}), arrayFilter(r -> r > first, returns)))
    ),
    0
)
"""


def select_windows(question: Question) -> ast.SelectQuery:
    """Return the actors with their first start and their windows. Raises QueryError."""
    window, grid = _WINDOWS[question.grid.interval], question.grid
    numbers = {
        "base": call(window.unit, constant(grid.first)),
        "size": constant(window.size),
        "rows": constant(grid.rows),
        "columns": constant(grid.columns),
    }
    is_inside, start, offsets = (parse_expr(text, numbers) for text in (_INSIDE, _START, _COLUMNS))
    actors = _select_actors(question, call(window.unit, field("timestamp")))
    if question.item is None:
        return fill_select(_OFFSETS.format(value=""), start=start, offsets=offsets, actors=actors, is_shown=is_inside)
    return fill_select(
        _OFFSETS.format(value="value,"),
        start=call("if", is_inside, start, constant(OUTSIDE)),
        offsets=call("if", is_inside, offsets, ast.Array(exprs=[constant(0)])),
        actors=actors,
        is_shown=TRUE,
    )


def _select_actors(question: Question, unit: ast.Expr) -> ast.SelectQuery:
    holes: dict[str, ast.Node] = {
        "actor": question.actor,
        "unit": unit,
        "is_start": question.is_start,
        "is_return": question.is_return,
    }
    if question.value is not None and not question.is_first_ever:
        values = question.over_events(fill_select(_VALUES, value=question.value, **holes), bounds_returns=False)
        parts = fill_select(_PARTS, actors=fill_select(_VALUED_ACTORS, values=values))
        return fill_select(_ACTORS_BY_VALUE, parts=parts)
    value, is_counted = "", question.has_anchor
    if question.first_value is not None:
        value, holes["value"] = "{value} AS value,", question.first_value
    else:
        has_start = compare(call("countIf", question.is_start), ">", constant(0))
        is_counted = all_of([has_start, question.has_anchor])
    select = fill_select(_ACTORS.format(value=value), is_counted=is_counted, **holes)
    return question.over_events(select, bounds_returns=False)
