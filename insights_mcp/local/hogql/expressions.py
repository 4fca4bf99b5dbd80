"""Expressions that are no names, comparisons or calls: constants, logic, arithmetic, collections, casts."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.conversions import CASTS, as_number
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import BOOL, DATE, STRING, UNKNOWN, SqlType, array_of, unite
from insights_mcp.local.hogql.values import print_value
from insights_mcp.schema.text import nearest

# Operators of one precedence, printed in one bracket.
_SUMS, _PRODUCTS = ("+", "-"), ("*", "/", "%")
_CALENDAR_INTERVALS = ("toIntervalDay", "toIntervalWeek", "toIntervalMonth", "toIntervalQuarter", "toIntervalYear")


def print_constant(printer: Printer, node: ast.Constant, scope: Scope) -> Sql:  # noqa: ARG001  # every printer's form
    """Print a literal or a caller's value."""
    text, type_ = print_value(node.value, printer.parameters, printer.context.timezone)
    return Sql(text, type_, constant=node.value)


def print_alias(printer: Printer, node: ast.Alias, scope: Scope) -> Sql:
    """Print `expr AS name` inside an expression."""
    value = printer.expr(node.expr, scope)
    scope.add_alias(node, value.type)
    return Sql(f"({value.text} AS {quote_identifier(node.alias)})", value.type)


def print_and(printer: Printer, node: ast.And, scope: Scope) -> Sql:
    """Print AND."""
    return _join("and", printer.exprs(node.exprs, scope), neutral="true")


def print_or(printer: Printer, node: ast.Or, scope: Scope) -> Sql:
    """Print OR."""
    return _join("or", printer.exprs(node.exprs, scope), neutral="false")


def _join(function: str, values: Sequence[Sql], *, neutral: str) -> Sql:
    kept = [value for value in values if value.text != neutral]
    if len(kept) < 2:
        return kept[0] if kept else Sql(neutral, BOOL)
    nullable = any(value.type.nullable for value in kept)
    return Sql(f"{function}({', '.join(value.text for value in kept)})", SqlType("bool", nullable))


def print_not(printer: Printer, node: ast.Not, scope: Scope) -> Sql:
    """Print NOT."""
    value = printer.expr(node.expr, scope)
    return Sql(f"not({value.text})", SqlType("bool", value.type.nullable))


def print_arithmetic(printer: Printer, node: ast.ArithmeticOperation, scope: Scope) -> Sql:
    """Print a chain of operators of one precedence in one bracket, however long it is."""
    family = _SUMS if node.op in _SUMS else _PRODUCTS
    if node.op not in family:
        raise HogQLNotSupported(f"The operator {node.op} is not supported.")
    chain: list[tuple[str, ast.Expr]] = []
    left: ast.Expr = node
    while isinstance(left, ast.ArithmeticOperation) and left.op in family:
        chain.append((left.op, left.right))
        left = left.left
    value = as_number(printer.expr(left, scope))
    if _is_negation(chain[-1], value) and len(chain) == 1:
        operand = as_number(printer.expr(chain[0][1], scope))
        return Sql(f"negate({operand.text})", operand.type)
    parts, type_ = [value.text], value.type
    for op, right_node in reversed(chain):
        right = as_number(printer.expr(right_node, scope))
        parts += [op, right.text]
        type_ = _result(op, type_, right)
    return Sql(f"({' '.join(parts)})", type_)


def _is_negation(first: tuple[str, ast.Expr], left: Sql) -> bool:
    return first[0] == "-" and left.text == "0"


def _result(op: str, left: SqlType, right: Sql) -> SqlType:
    nullable = left.nullable or right.type.nullable
    kinds = {left.kind, right.type.kind}
    if "interval" in kinds and kinds & {"date", "datetime"}:
        keeps_days = "date" in kinds and right.text.startswith(_CALENDAR_INTERVALS)
        return SqlType("date" if keeps_days else "datetime", nullable)
    if kinds == {"date", "int"}:
        return DATE.with_nullable(nullable)
    if "datetime" in kinds and kinds & {"int", "float"}:
        return SqlType("datetime", nullable)
    if kinds <= {"int", "bool"}:
        return SqlType("float" if op == "/" else "int", nullable)
    if kinds <= {"int", "bool", "float"}:
        return SqlType("float", nullable)
    return SqlType("int" if kinds <= {"date", "datetime"} else "unknown", nullable)


def refuse_lambda(printer: Printer, node: ast.Lambda, scope: Scope) -> Sql:  # noqa: ARG001  # every printer's form
    """Refuse a lambda that is no argument."""
    raise HogQLQueryError("A lambda can only be an argument of a function.")


def print_lambda(printer: Printer, node: ast.Lambda, scope: Scope) -> Sql:
    """Print `(a, b) -> expr`, as an argument."""
    value = printer.expr(node.expr, scope.with_arguments(node.args))
    names = [quote_identifier(name) for name in node.args]
    head = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return Sql(f"{head} -> {value.text}", value.type)


def print_tuple(printer: Printer, node: ast.Tuple, scope: Scope) -> Sql:
    """Print `(a, b)`."""
    values = printer.exprs(node.exprs, scope)
    items = tuple(value.type for value in values)
    return Sql(f"tuple({', '.join(value.text for value in values)})", SqlType("tuple", nullable=False, items=items))


def print_array(printer: Printer, node: ast.Array, scope: Scope) -> Sql:
    """Print `[a, b]`."""
    values = printer.exprs(node.exprs, scope)
    item = unite([value.type for value in values]) if values else UNKNOWN
    return Sql(f"[{', '.join(value.text for value in values)}]", array_of(item))


def print_dict(printer: Printer, node: ast.Dict, scope: Scope) -> Sql:
    """Print `{key: value}` as PostHog's people see it: a tuple that begins with a mark."""
    parts = [Sql("'__hx_tag'", STRING), Sql("'__hx_obj'", STRING)]
    for key, value in node.items:
        name = ast.Constant(str(key.chain[-1])) if isinstance(key, ast.Field) else key
        parts += [printer.expr(name, scope), printer.expr(value, scope)]
    return Sql(f"tuple({', '.join(part.text for part in parts)})", SqlType("tuple", nullable=False))


def print_tag(printer: Printer, node: ast.HogQLXTag, scope: Scope) -> Sql:
    """Print `<Sparkline data={...} />` as PostHog's people see it: a tuple that begins with a mark."""
    parts = ["'__hx_tag'", printer.parameters.bind(node.kind)]
    for attribute in node.attributes:
        parts.append(printer.parameters.bind(attribute.name))
        if isinstance(attribute.value, ast.Expr):
            parts.append(printer.expr(attribute.value, scope).text)
        else:
            children = printer.exprs(attribute.value, scope)
            parts.append(f"tuple({', '.join(child.text for child in children)})")
    return Sql(f"tuple({', '.join(parts)})", SqlType("tuple", nullable=False))


def print_slice(printer: Printer, node: ast.ArraySlice, scope: Scope) -> Sql:
    """Print `array[from:to]`, both ends counted from 1 and included."""
    array = printer.expr(node.array, scope)
    start = printer.expr(node.start_expr, scope).text if node.start_expr is not None else "1"
    if node.end_expr is None:
        return Sql(f"arraySlice({array.text}, {start})", array.type)
    end = printer.expr(node.end_expr, scope).text
    return Sql(f"arraySlice({array.text}, {start}, ({end} - {start} + 1))", array.type)


def print_cast(printer: Printer, node: ast.TypeCast | ast.TryCast, scope: Scope) -> Sql:
    """Print `expr::type`: null where the value cannot be read, as HogQL's own conversions do."""
    value = printer.expr(node.expr, scope)
    name = node.type_name.lower()
    if name not in CASTS:
        raise HogQLQueryError(f"Unsupported type cast to '{node.type_name}'.", nearest=nearest(name, CASTS))
    return CASTS[name](value, printer.setting)


def print_expr_call(printer: Printer, node: ast.ExprCall, scope: Scope) -> Sql:
    """Print `x::Nullable(Int)`, `x::varchar(10)`, `x::decimal(10, 2)`: the parser's calls of a cast."""
    cast = node.expr
    if not isinstance(cast, ast.TypeCast | ast.TryCast):
        raise HogQLNotSupported("Calling the result of an expression is not supported.")
    if cast.type_name.lower() == "nullable" and len(node.args) == 1 and isinstance(node.args[0], ast.Field):
        inner = ast.TypeCast(cast.expr, str(node.args[0].chain[-1]), start=cast.start, end=cast.end)
        return printer.expr(inner, scope)
    return printer.expr(cast, scope)


def print_positional(printer: Printer, node: ast.PositionalRef, scope: Scope) -> Sql:  # noqa: ARG001  # as above
    """Refuse `#1`: columns are named or counted in GROUP BY and ORDER BY."""
    raise HogQLNotSupported(f"#{node.index} is not supported.")


def print_placeholder(printer: Printer, node: ast.Placeholder, scope: Scope) -> Sql:  # noqa: ARG001  # as above
    """Refuse a placeholder that nobody filled."""
    name = ".".join(node.chain or ("...",))
    raise HogQLQueryError(f"Unresolved placeholder: {{{name}}}")
