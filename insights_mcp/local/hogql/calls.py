"""Function calls: those that HogQL means in its own way, the lists of functions, aggregates, windows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.comparisons import COMPARISON_FUNCTIONS
from insights_mcp.local.hogql.conversions import as_number, texts
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError, HogQLResolutionError
from insights_mcp.local.hogql.expressions import print_lambda
from insights_mcp.local.hogql.functions.moments import UNITS
from insights_mcp.local.hogql.functions.registry import Arity, Function, find_function, nearest_function
from insights_mcp.local.hogql.functions.rewrites import REWRITES, TREE_REWRITES, find_rewrite
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope, contains_aggregate
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import BOOL, INT, STRING, UNKNOWN, Kind, SqlType, array_of, unite
from insights_mcp.local.hogql.windows import print_window

_KINDS = frozenset(get_args(Kind))


def print_call(printer: Printer, node: ast.Call, scope: Scope) -> Sql:
    """Print a function call. Raises HogQLQueryError for an unknown function or wrong arguments."""
    _refuse_unsupported(node)
    node = _with_unit(_with_filter(node))
    if node.name in COMPARISON_FUNCTIONS and len(node.args) == 2:
        comparison = ast.CompareOperation(
            node.args[0], COMPARISON_FUNCTIONS[node.name], node.args[1], start=node.start, end=node.end
        )
        return printer.expr(comparison, scope)
    tree = TREE_REWRITES.get(node.name.lower())
    if tree is not None:
        _check_count(node.name, tree.arguments, node.args)
        return printer.expr(tree.rewrite(node), scope)
    if node.name.lower() == "exists" and len(node.args) == 1 and isinstance(node.args[0], ast.AnySelect):
        return Sql(f"exists{printer.expr(node.args[0], scope).text}", BOOL)
    if node.name.lower() == "matchesaction":
        return _print_action(printer, node, scope)
    rewrite = find_rewrite(node.name)
    if rewrite is not None and not node.params and not node.distinct:
        _check_count(node.name, rewrite.arguments, node.args)
        return rewrite.print(printer.exprs(node.args, scope), printer.setting)
    return _print_listed(printer, node, scope)


def print_window_function(printer: Printer, node: ast.WindowFunction, scope: Scope) -> Sql:
    """Print `f(x) OVER (...)`."""
    exprs, args = list(node.exprs or ()), list(node.args or ())
    # of quantile(0.5)(x) OVER () the parser puts the 0.5 where arguments otherwise are
    params, args = (exprs, args) if args else ([], exprs)
    name, frame_all = node.name, False
    if name.lower() in ("lag", "lead"):
        name, frame_all = f"{name.lower()}InFrame", True
        args = [ast.Call("toNullable", [one]) if index != 1 else one for index, one in enumerate(args)]
    function = _find(printer, name)
    if not (function.is_window or function.is_aggregate):
        raise HogQLQueryError(f"'{node.name}' is no window function.")
    if len(args) == 1 and isinstance(args[0], ast.Field) and list(args[0].chain) == ["*"]:
        args = []
    call = _print_function(printer, function, ast.Call(name, args, params or None), scope)
    if node.over_identifier is not None:
        if node.over_identifier not in scope.windows:
            raise HogQLResolutionError(f"Unknown window: {node.over_identifier}")
        return Sql(f"{call.text} OVER {quote_identifier(node.over_identifier)}", call.type)
    window = print_window(printer, node.over_expr or ast.WindowExpr(), scope, frame_all=frame_all)
    return Sql(f"{call.text} OVER ({window})", call.type)


def _print_listed(printer: Printer, node: ast.Call, scope: Scope) -> Sql:
    function = _find(printer, node.name)
    if function.is_window:
        raise HogQLQueryError(f"'{node.name}' needs OVER (...).")
    if function.is_aggregate and any(contains_aggregate(arg) for arg in node.args):
        raise HogQLQueryError(f"Aggregation '{node.name}' cannot be nested inside another aggregation.")
    if function.sql == "count" and len(node.args) == 1 and _is_star(node.args[0]):
        return Sql("count()", INT)
    return _print_function(printer, function, node, scope)


def _print_function(printer: Printer, function: Function, node: ast.Call, scope: Scope) -> Sql:
    if not (node.distinct and function.sql == "count"):
        _check_count(node.name, function.arguments, node.args)
    params = node.params or ()
    if not function.parameters.allows(len(params)):
        plural = "" if str(function.parameters) in ("1", "at least 1") else "s"
        found = f"expects {function.parameters} parameter{plural}, found {len(params)}"
        raise HogQLQueryError(f"Function '{node.name}' {found}")
    if node.distinct and not function.is_aggregate:
        raise HogQLQueryError(f"DISTINCT is for aggregates, '{node.name}' is none.")
    args = [_print_argument(printer, one, scope) for one in node.args]
    if function.is_aggregate and function.returns in ("number", "float"):
        args = [as_number(arg) for arg in args]
    head = function.sql
    if params:
        head += f"({texts([_print_parameter(printer, one, scope) for one in params])})"
    distinct = "DISTINCT " if node.distinct else ""
    return Sql(f"{head}({distinct}{texts(args)})", _result(function, args))


def _print_argument(printer: Printer, node: ast.Expr, scope: Scope) -> Sql:
    return print_lambda(printer, node, scope) if isinstance(node, ast.Lambda) else printer.expr(node, scope)


def _print_parameter(printer: Printer, node: ast.Expr, scope: Scope) -> Sql:
    constants = ast.Constant | ast.Array | ast.Tuple
    if not isinstance(node, constants) and not (isinstance(node, ast.ArithmeticOperation)):
        raise HogQLQueryError("A parameter of an aggregate must be a constant.")
    return printer.expr(node, scope)


def _result(function: Function, args: Sequence[Sql]) -> SqlType:
    """Return the type of a call's value."""
    found = _result_kind(function, args)
    if found.kind in ("array", "tuple", "map", "state"):
        return found
    if function.nulls != "args":
        return found.with_nullable(function.nulls == "always")
    if function.returns in ("item", "second", "last"):
        return found
    if function.returns == "first" or function.is_aggregate:
        return found.with_nullable(bool(args) and args[0].type.nullable)
    return found.with_nullable(any(arg.type.nullable for arg in args))


def _result_kind(function: Function, args: Sequence[Sql]) -> SqlType:
    returns = function.returns
    if returns in _KINDS:
        return SqlType(returns)  # type: ignore[arg-type]  # one of the kinds by the line above
    if returns in ("ints", "strings"):
        return array_of(INT if returns == "ints" else STRING)
    if not args:
        return UNKNOWN
    if returns == "number":
        kinds = {arg.type.kind for arg in args}
        return SqlType(
            "int" if kinds <= {"int", "bool"} else "float" if kinds <= {"int", "bool", "float"} else "unknown"
        )
    if returns == "item":
        return args[0].type.item or UNKNOWN
    if returns in ("first", "second", "last"):
        return args[{"first": 0, "second": min(1, len(args) - 1), "last": -1}[returns]].type
    interval = any(arg.type.kind == "interval" for arg in args)
    return SqlType("datetime") if interval and args[0].type.kind in ("date", "datetime") else _same(args)


def _same(args: Sequence[Sql]) -> SqlType:
    return unite([arg.type for arg in args])


def _find(printer: Printer, name: str) -> Function:
    function = find_function(name, is_trusted=printer.context.trusted)
    if function is None:
        others = [*REWRITES, *TREE_REWRITES]
        raise HogQLQueryError(f"Unsupported function call '{name}(...)'.", nearest=nearest_function(name, others))
    return function


def _check_count(name: str, expected: Arity, given: Sequence[ast.Expr]) -> None:
    if not expected.allows(len(given)):
        plural = "" if str(expected) in ("1", "at least 1") else "s"
        raise HogQLQueryError(f"Function '{name}' expects {expected} argument{plural}, found {len(given)}")


def _refuse_unsupported(node: ast.Call) -> None:
    if node.order_by:
        raise HogQLNotSupported("ORDER BY inside a function call is not supported. Use arraySort or a subquery.")
    if node.within_group:
        raise HogQLNotSupported("WITHIN GROUP is not supported. Use quantile(0.5)(x).")
    if any(isinstance(arg, ast.NamedArgument | ast.SpreadExpr) for arg in node.args):
        raise HogQLNotSupported("Named and spread arguments are not supported.")


def _with_filter(node: ast.Call) -> ast.Call:
    """Return `f(x) FILTER (WHERE y)` as `fIf(x, y)`."""
    if node.filter_expr is None:
        return node
    args = [] if len(node.args) == 1 and _is_star(node.args[0]) else list(node.args)
    return replace(node, name=f"{node.name}If", args=[*args, node.filter_expr], filter_expr=None)


def _with_unit(node: ast.Call) -> ast.Call:
    """Return `dateAdd(day, 1, x)` as `dateAdd('day', 1, x)`."""
    first = node.args[0] if len(node.args) == 3 else None
    if not node.name.lower().startswith("date") or not isinstance(first, ast.Field) or len(first.chain) != 1:
        return node
    if str(first.chain[0]).lower() not in UNITS:
        return node
    return replace(node, args=[ast.Constant(str(first.chain[0]), start=first.start, end=first.end), *node.args[1:]])


def _is_star(node: ast.Expr) -> bool:
    return isinstance(node, ast.Field) and list(node.chain) == ["*"]


def _print_action(printer: Printer, node: ast.Call, scope: Scope) -> Sql:
    """Print `matchesAction(12)` as the action's condition."""
    reference = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) else None
    if isinstance(reference, bool) or not isinstance(reference, int | str):
        raise HogQLQueryError("matchesAction() takes the number or the name of an action.")
    condition = printer.context.lookups.action(reference)
    if condition is None:
        what = f"ID {reference}" if isinstance(reference, int) else f"'{reference}'"
        raise HogQLResolutionError(f"Could not find an action with {what}.")
    return printer.expr(condition, scope)
