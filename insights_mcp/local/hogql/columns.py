"""The columns of a SELECT: `*` written out, each with a name and a type."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError, HogQLResolutionError
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import Source
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.writer import print_hogql


@dataclass(frozen=True, slots=True)
class ColumnSql:
    """A printed column."""

    text: str
    name: str
    type: SqlType


def print_columns(printer: Printer, exprs: Sequence[ast.Expr], scope: Scope, *, is_inner: bool) -> list[ColumnSql]:
    """Print the columns. Those of an inner query all get a name, so that what is around can use it."""
    written = list(_write_out(exprs, scope))
    shown = {one.alias for one in written if isinstance(one, ast.Alias)}
    return [_print_column(printer, expr, scope, shown, is_inner=is_inner) for expr in written]


def column_name(expr: ast.Expr) -> str:
    """Return the name of a column: its alias, the last part of a field, the text of anything else."""
    if isinstance(expr, ast.Alias):
        return expr.alias
    if isinstance(expr, ast.Field):
        return str(expr.chain[-1])
    key = expr.property if isinstance(expr, ast.ArrayAccess) else None
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    return print_hogql(expr)


def _print_column(printer: Printer, expr: ast.Expr, scope: Scope, shown: set[str], *, is_inner: bool) -> ColumnSql:
    if isinstance(expr, ast.Alias):
        value = printer.expr(expr.expr, scope)
        if not expr.hidden:
            scope.add_alias(expr, value.type)
        return ColumnSql(f"{value.text} AS {quote_identifier(expr.alias)}", expr.alias, value.type)
    value, name = printer.expr(expr, scope), column_name(expr)
    if not is_inner or name in shown or value.text == quote_identifier(name):
        return ColumnSql(value.text, name, value.type)
    shown.add(name)
    return ColumnSql(f"{value.text} AS {_quote_any(name)}", name, value.type)


def _quote_any(name: str) -> str:
    return quote_identifier(re.sub(r"\s+", " ", name))


def _write_out(exprs: Sequence[ast.Expr], scope: Scope) -> Iterator[ast.Expr]:
    for expr in exprs:
        if isinstance(expr, ast.Field) and expr.chain[-1] == "*":
            yield from _write_star(expr, scope)
        elif isinstance(expr, ast.ColumnsExpr):
            yield from _write_columns(expr, scope)
        else:
            yield expr


def _write_star(star: ast.Field, scope: Scope) -> Iterator[ast.Expr]:
    if not scope.sources:
        raise HogQLQueryError("Cannot use '*' when there are no tables in the query", start=star.start, end=star.end)
    if len(star.chain) == 1:
        sources = scope.sources
    else:
        source = scope.source(str(star.chain[0])) if len(star.chain) == 2 else None
        if source is None:
            name = ".".join(map(str, star.chain[:-1]))
            raise HogQLResolutionError(f"Unable to resolve table: {name}", start=star.start, end=star.end)
        sources = [source]
    if len(sources) > 1 and any(source.name is None for source in sources):
        raise HogQLQueryError(
            "Cannot use '*' without table name when there are multiple unnamed tables in the query",
            start=star.start,
            end=star.end,
        )
    for source in sources:
        yield from _fields_of(source, star)


def _fields_of(source: Source, star: ast.Node) -> Iterator[ast.Field]:
    for name in source.columns():
        chain = (name,) if source.name is None else (source.name, name)
        yield ast.Field(chain, start=star.start, end=star.end)


def _write_columns(expr: ast.ColumnsExpr, scope: Scope) -> Iterator[ast.Expr]:
    """Write out COLUMNS('regex'), COLUMNS(a, b), * EXCLUDE (a) REPLACE (b AS c)."""
    if expr.columns is not None:
        if any(isinstance(one, ast.Lambda) for one in expr.columns):
            raise HogQLNotSupported("COLUMNS of a lambda is not supported.", start=expr.start, end=expr.end)
        yield from _write_out(expr.columns, scope)
        return
    if expr.regex is not None:
        raise HogQLNotSupported("COLUMNS of a regular expression is not supported.", start=expr.start, end=expr.end)
    star = ast.Field(("*",), start=expr.start, end=expr.end)
    left_out, replaced = set(expr.exclude or ()), dict(expr.replace or {})
    for field in _write_star(star, scope):
        name = column_name(field)
        if name in replaced:
            yield ast.Alias(name, replaced[name], hidden=True)
        elif name not in left_out:
            yield field
