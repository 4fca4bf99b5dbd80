"""Bounds on time that a query sets, handed down to the sessions it uses.

Sessions are grouped from events, so without bounds every question about them would read every event. A session lasts a
day at most; the room given is what PostHog gives.
"""

from collections.abc import Iterator

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.comparisons import as_moment
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.fields import is_row_independent
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import Source, TableSource

ROOM_DAYS = 3
_LOWER = (">", ">=")
MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def add_time_bounds(printer: Printer, scope: Scope, where: ast.Expr | None, *, is_first_kept: bool) -> None:
    """Bound the sessions of a query by its WHERE: those joined to events, and the table when it stands first.

    `is_first_kept`: no RIGHT or FULL join can give rows without the first table.
    """
    if where is None:
        return
    for index, source in enumerate(scope.sources):
        if not isinstance(source, TableSource):
            continue
        if source.table.time_fields and index == 0 and is_first_kept:
            _add(printer, scope, source, where, source.table.time_fields, source)
        for child in source.joined():
            if child.table.time_fields:
                _add(printer, scope, source, where, ("timestamp",), child)


def _add(
    printer: Printer, scope: Scope, source: Source, where: ast.Expr, fields: tuple[str, ...], bounded: TableSource
) -> None:
    for condition in _conjuncts(where):
        for side, op, other in sides_of(condition):
            if op in MIRRORED and _is_field(side, fields, source, scope) and is_row_independent(other):
                _add_bound(printer, op, other, bounded)


def _add_bound(printer: Printer, op: str, other: ast.Expr, bounded: TableSource) -> None:
    try:
        value = as_moment(printer.expr(other, Scope()), printer.setting)
    except HogQLError:
        return  # said where the condition itself is printed
    if value is not None and not value.type.nullable:
        sign = "-" if op in _LOWER else "+"
        bounded.add_bound(f"{{p}}timestamp {op[0]}= {value.text} {sign} toIntervalDay({ROOM_DAYS})")


def _conjuncts(where: ast.Expr) -> Iterator[ast.Expr]:
    if isinstance(where, ast.And):
        for one in where.exprs:
            yield from _conjuncts(one)
    elif isinstance(where, ast.Call) and where.name.lower() == "and":
        for one in where.args:
            yield from _conjuncts(one)
    else:
        yield where


def sides_of(condition: ast.Expr) -> Iterator[tuple[ast.Expr, str, ast.Expr]]:
    """Yield the comparisons that a condition is made of, each from both of its sides."""
    if isinstance(condition, ast.CompareOperation):
        yield condition.left, condition.op, condition.right
        yield condition.right, MIRRORED.get(condition.op, ""), condition.left
    elif isinstance(condition, ast.BetweenExpr) and not condition.negated:
        yield condition.expr, ">=", condition.low
        yield condition.expr, "<=", condition.high


def _is_field(expr: ast.Expr, fields: tuple[str, ...], source: Source, scope: Scope) -> bool:
    if not isinstance(expr, ast.Field) or expr.chain[-1] not in fields:
        return False
    name = str(expr.chain[-1])
    if len(expr.chain) == 1:
        return name not in scope.aliases and scope.sources_with(name) == [source]
    return len(expr.chain) == 2 and source.name is not None and expr.chain[0] == source.name
