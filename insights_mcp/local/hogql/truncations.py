"""Bounds on the start of a time's day, week or month: the same as bounds on the time, for the primary key.

`toDate(timestamp) >= '2024-03-01'` alone would read every event of the project; a second, wider condition on the bare
column leaves out what cannot be meant. The first condition still decides.
"""

from collections.abc import Iterator, Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.bounds import MIRRORED, sides_of
from insights_mcp.local.hogql.comparisons import as_moment
from insights_mcp.local.hogql.fields import is_row_independent
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import TableSource
from insights_mcp.local.hogql.sql import Sql

# The function, and how long what it is the start of lasts at most.
_LENGTHS = {
    "todate": "toIntervalDay(2)",
    "tostartofday": "toIntervalDay(2)",
    "tostartofhour": "toIntervalHour(2)",
    "tostartofminute": "toIntervalMinute(2)",
    "tostartofweek": "toIntervalDay(8)",
    "tomonday": "toIntervalDay(8)",
    "tostartofmonth": "toIntervalDay(32)",
    "tostartofquarter": "toIntervalDay(93)",
    "tostartofyear": "toIntervalDay(367)",
}


def implied_bounds(printer: Printer, conditions: Sequence[ast.Expr], scope: Scope) -> list[str]:
    """Return conditions on the bare timestamp that those on its day, week or month imply."""
    source = scope.sources[0] if scope.sources else None
    if not isinstance(source, TableSource) or source.table.name != "events" or source.is_wrapped:
        return []
    found: list[str] = []
    for condition in conditions:
        for side, op, other in sides_of(condition):
            length = _length(side, source, scope)
            if length is not None and is_row_independent(other):
                found += _print(printer, source, op, other, length)
    return found


def _print(printer: Printer, source: TableSource, op: str, other: ast.Expr, length: str) -> Iterator[str]:
    value = as_moment(printer.expr(other, Scope()), printer.setting)
    column = source.field("timestamp")
    if value is None or value.type.nullable or not isinstance(column, Sql) or op not in (*MIRRORED, "=="):
        return
    if op in (">", ">=", "=="):
        yield f"greaterOrEquals({column.bare}, {value.text})"
    if op in ("<", "<=", "=="):
        yield f"less({column.bare}, {value.text} + {length})"


def _length(expr: ast.Expr, source: TableSource, scope: Scope) -> str | None:
    """Return how long the stretch lasts that an expression is the start of, None when it is no such thing."""
    if isinstance(expr, ast.Field) and len(expr.chain) == 1:
        alias = scope.alias(str(expr.chain[0]))
        if alias is None or isinstance(alias.expr, ast.Field):
            return None
        expr = alias.expr
    if not isinstance(expr, ast.Call) or not expr.args:
        return None
    field = expr.args[0]
    if not isinstance(field, ast.Field) or field.chain[-1] != "timestamp":
        return None
    is_column = list(field.chain) == [source.name, "timestamp"] or (
        len(field.chain) == 1 and "timestamp" not in scope.aliases and scope.sources_with("timestamp") == [source]
    )
    return _LENGTHS.get(expr.name.lower()) if is_column else None
