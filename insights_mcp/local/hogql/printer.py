"""HogQL to ClickHouse SQL: the first wall of the sandbox. Only what is on our lists can be printed.

printed = print_select(parse_select(text), context)
rows = engine.run(printed.sql, printed.params)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.calls import print_call, print_window_function
from insights_mcp.local.hogql.comparisons import print_between, print_comparison, print_is_distinct
from insights_mcp.local.hogql.context import DEFAULT_LIMIT, HogQLContext
from insights_mcp.local.hogql.errors import HogQLSyntaxError
from insights_mcp.local.hogql.expressions import (
    print_alias,
    print_and,
    print_arithmetic,
    print_array,
    print_cast,
    print_constant,
    print_dict,
    print_expr_call,
    print_not,
    print_or,
    print_placeholder,
    print_positional,
    print_slice,
    print_tag,
    print_tuple,
    refuse_lambda,
)
from insights_mcp.local.hogql.fields import print_array_access, print_field, print_tuple_access
from insights_mcp.local.hogql.joins import open_from
from insights_mcp.local.hogql.printing import ExprPrinter, Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.selects import print_any_select
from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.values import Parameters
from insights_mcp.local.hogql.writer import print_hogql

_PRINTERS = cast(
    "Mapping[type[ast.Expr], ExprPrinter]",
    {
        ast.Constant: print_constant,
        ast.Field: print_field,
        ast.Alias: print_alias,
        ast.Call: print_call,
        ast.ExprCall: print_expr_call,
        ast.CompareOperation: print_comparison,
        ast.IsDistinctFrom: print_is_distinct,
        ast.ArithmeticOperation: print_arithmetic,
        ast.And: print_and,
        ast.Or: print_or,
        ast.Not: print_not,
        ast.BetweenExpr: print_between,
        ast.Lambda: refuse_lambda,
        ast.Tuple: print_tuple,
        ast.TupleAccess: print_tuple_access,
        ast.Array: print_array,
        ast.ArrayAccess: print_array_access,
        ast.ArraySlice: print_slice,
        ast.Dict: print_dict,
        ast.TypeCast: print_cast,
        ast.TryCast: print_cast,
        ast.Placeholder: print_placeholder,
        ast.PositionalRef: print_positional,
        ast.HogQLXTag: print_tag,
        ast.WindowFunction: print_window_function,
    },
)


@dataclass(frozen=True)
class Printed:
    """A statement: SQL with `{name:Type}` in it, the values those stand for, and what its rows hold."""

    sql: str
    params: Mapping[str, object]
    columns: Sequence[str]
    types: Sequence[SqlType]
    hogql: str


def print_select(query: ast.AnySelect, context: HogQLContext) -> Printed:
    """Print a query. Raises HogQLError for what its author can mend."""
    query = _with_cap(query, context)
    printer = _open_printer(context)
    try:
        printed = printer.select(query, None)
        return Printed(
            sql=printed.text,
            params=printer.parameters.used_in(printed.text),
            columns=[name for name, _ in printed.columns],
            types=[type_ for _, type_ in printed.columns],
            hogql=print_hogql(query),
        )
    except RecursionError:
        raise HogQLSyntaxError("The query is nested too deeply.") from None


def print_expr(expr: ast.Expr, context: HogQLContext, *, table: str | None = "events") -> Printed:
    """Print an expression over the rows of a table, None for none. Raises HogQLError as print_select does.

    An expression that needs a join raises none, so it is for plain columns and for checking what a caller wrote.
    """
    printer, scope = _open_printer(context), Scope()
    try:
        if table is not None:
            open_from(printer, ast.JoinExpr(ast.Field((table,))), scope)
        value = printer.expr(expr, scope)
    except RecursionError:
        raise HogQLSyntaxError("The expression is nested too deeply.") from None
    text = print_hogql(expr)
    return Printed(value.text, printer.parameters.used_in(value.text), [text], [value.type], text)


def with_default_limit(query: ast.AnySelect, limit: int = DEFAULT_LIMIT) -> tuple[ast.AnySelect, int | None]:
    """Return the query with room for one row more than the limit, and the limit; as it is with one of its own.

    A query without LIMIT is asked for one row more, so that an answer can say whether there are more. Of several that
    are joined by UNION and the like each has the limit for itself, and nothing is said of the whole.
    """
    if query.limit is not None:
        return query, None
    if isinstance(query, ast.SelectSetQuery):
        return _with_limited_parts(query, limit), None
    return replace(query, limit=ast.Constant(limit + 1)), limit


Part = ast.SelectQuery | ast.SelectSetQuery | ast.Placeholder


def _with_limited_parts(query: ast.SelectSetQuery, limit: int) -> ast.SelectSetQuery:
    def limited(part: Part) -> Part:
        if isinstance(part, ast.Placeholder) or part.limit is not None:
            return part
        if isinstance(part, ast.SelectSetQuery):
            return _with_limited_parts(part, limit)
        return replace(part, limit=ast.Constant(limit))

    rest = [replace(one, select_query=limited(one.select_query)) for one in query.subsequent_select_queries]
    return replace(query, initial_select_query=limited(query.initial_select_query), subsequent_select_queries=rest)


def _with_cap(query: ast.AnySelect, context: HogQLContext) -> ast.AnySelect:
    """Return the query with at most as many rows as the context allows (facts/queries.md 2, Limits)."""
    cap = context.max_rows
    if cap is None:
        return query
    given = query.limit.value if isinstance(query.limit, ast.Constant) else None
    if isinstance(given, int) and not isinstance(given, bool) and given <= cap:
        return query
    if query.limit is not None and not isinstance(query.limit, ast.Constant):
        return replace(query, limit=ast.Call("min2", [ast.Constant(cap), query.limit]))
    if query.limit is not None and not isinstance(given, int):
        return query  # refused where it is printed
    return replace(query, limit=ast.Constant(cap))


def _open_printer(context: HogQLContext) -> Printer:
    return Printer(Setting(context, Parameters()), _PRINTERS, print_any_select)
