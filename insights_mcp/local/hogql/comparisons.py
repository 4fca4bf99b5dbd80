"""Comparisons with HogQL's null rules (facts/queries.md 1.0, Null safety).

A comparison is never null: with a null on one side `=` is false and `!=` true. Where neither side can be null the
comparison is printed as it is, so that the primary key is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.cohorts import print_cohort_members
from insights_mcp.local.hogql.conversions import to_float, to_string
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.searches import search_for_any, search_for_equal, search_for_pattern
from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import BOOL, DATETIME, STRING
from insights_mcp.local.hogql.values import print_moment, print_timezone, read_written_moment


@dataclass(frozen=True, slots=True)
class _Operator:
    """A ClickHouse function. With a null a negative one is true; an equality finds two nulls equal."""

    function: str
    is_negative: bool = False
    is_equality: bool = False
    is_regex: bool = False
    ignores_case: bool = False


_OPERATORS: Mapping[str, _Operator] = {
    "==": _Operator("equals", is_equality=True),
    "!=": _Operator("notEquals", is_negative=True, is_equality=True),
    ">": _Operator("greater"),
    ">=": _Operator("greaterOrEquals"),
    "<": _Operator("less"),
    "<=": _Operator("lessOrEquals"),
    "like": _Operator("like", is_equality=True),
    "ilike": _Operator("ilike", is_equality=True),
    "not like": _Operator("notLike", is_negative=True, is_equality=True),
    "not ilike": _Operator("notILike", is_negative=True, is_equality=True),
    "=~": _Operator("match", is_equality=True, is_regex=True),
    "=~*": _Operator("match", is_equality=True, is_regex=True, ignores_case=True),
    "!~": _Operator("match", is_negative=True, is_equality=True, is_regex=True),
    "!~*": _Operator("match", is_negative=True, is_equality=True, is_regex=True, ignores_case=True),
}
_MEMBERSHIPS: Mapping[str, str] = {
    "in": "in",
    "not in": "notIn",
    "global in": "globalIn",
    "global not in": "globalNotIn",
}
# Functions of comparison in HogQL's text: the same rules hold.
COMPARISON_FUNCTIONS: Mapping[str, ast.CompareOp] = {
    "equals": "==",
    "notEquals": "!=",
    "greater": ">",
    "greaterOrEquals": ">=",
    "less": "<",
    "lessOrEquals": "<=",
    "like": "like",
    "ilike": "ilike",
    "notLike": "not like",
    "notILike": "not ilike",
    "in": "in",
    "notIn": "not in",
    "globalIn": "global in",
    "globalNotIn": "global not in",
}


def print_comparison(printer: Printer, node: ast.CompareOperation, scope: Scope) -> Sql:
    """Print `left op right`."""
    if node.op in ("in cohort", "not in cohort"):
        return _print_cohort(printer, node, scope)
    if node.op in _MEMBERSHIPS:
        return _print_membership(printer, node, scope)
    left, right = printer.expr(node.left, scope), printer.expr(node.right, scope)
    return compare(left, node.op, right, printer.setting, scope)


def compare(left: Sql, op: str, right: Sql, setting: Setting, scope: Scope) -> Sql:
    """Return the comparison of two printed expressions. In the condition of a JOIN it may be null."""
    operator = _OPERATORS.get(op)
    if operator is None:
        raise HogQLNotSupported(f"The operator {op} is not supported.")
    if operator.function in ("equals", "notEquals"):
        null_test = _compare_with_null(left, right, operator)
        if null_test is not None:
            return null_test
    if operator.is_regex or "ike" in operator.function:
        left = to_string(left, setting) if left.type.kind in ("int", "float", "bool") else left
    else:
        left, right = align_moments(left, right, setting, scope)
        left, right = _align_text(left, right, setting)
    printed = _print_plain(left, right, operator)
    if scope.is_join or not (left.type.nullable or right.type.nullable):
        return Sql(printed, BOOL.with_nullable(left.type.nullable or right.type.nullable))
    printed = f"ifNull({printed}, {_when_null(left, right, operator)})"
    search = _search(left, right, operator)
    return Sql(f"and({search}, {printed})" if search else printed, BOOL)


def _search(left: Sql, right: Sql, operator: _Operator) -> str | None:
    if operator.function == "equals":
        return search_for_equal(left, right) or search_for_equal(right, left)
    return search_for_pattern(left, right) if operator.function == "ilike" else None


def _print_plain(left: Sql, right: Sql, operator: _Operator) -> str:
    pattern = f"concat('(?i)', {right.text})" if operator.ignores_case else right.text
    printed = f"{operator.function}({left.text}, {pattern})"
    return f"not({printed})" if operator.is_regex and operator.is_negative else printed


def _compare_with_null(left: Sql, right: Sql, operator: _Operator) -> Sql | None:
    if right.type.kind != "null" and left.type.kind != "null":
        return None
    if left.type.kind == right.type.kind:
        return Sql("false" if operator.is_negative else "true", BOOL)
    value = left if right.type.kind == "null" else right
    if not value.type.nullable and value.type.kind != "unknown":
        return Sql("true" if operator.is_negative else "false", BOOL)
    return Sql(f"{'isNotNull' if operator.is_negative else 'isNull'}({value.text})", BOOL)


def _when_null(left: Sql, right: Sql, operator: _Operator) -> str:
    """Return what the comparison is when a side is null."""
    if not operator.is_equality:
        return "0"
    if not (left.type.nullable and right.type.nullable):
        return "1" if operator.is_negative else "0"
    if operator.is_negative:
        return f"isNotNull({left.text}) OR isNotNull({right.text})"
    return f"isNull({left.text}) AND isNull({right.text})"


def align_moments(left: Sql, right: Sql, setting: Setting, scope: Scope) -> tuple[Sql, Sql]:
    """Return both sides as moments where one is, the columns bare: only so is the primary key used."""
    if left.type.kind == "datetime":
        other = as_moment(right, setting)
        return (left, right) if other is None else (_bare(left, scope), _bare(other, scope))
    if right.type.kind == "datetime":
        other = as_moment(left, setting)
        return (left, right) if other is None else (_bare(other, scope), _bare(right, scope))
    if left.type.kind == "date" and _has_clock(right):
        return as_moment(left, setting) or left, as_moment(right, setting) or right
    return left, right


def _has_clock(value: Sql) -> bool:
    """Return whether this is a written moment with more than its day."""
    written = value.constant
    return isinstance(written, str) and len(written) > len("2024-01-01") and read_written_moment(written) is not None


def _align_text(left: Sql, right: Sql, setting: Setting) -> tuple[Sql, Sql]:
    """Return a text that is compared with a number as a number, and a truth value beside a text as its word.

    Properties without a known type are text; ClickHouse refuses to compare them with anything else.
    """
    if left.type.kind == "string" and right.is_constant:
        return _as_other(left, right, setting)
    if right.type.kind == "string" and left.is_constant:
        right, left = _as_other(right, left, setting)
    return left, right


def _as_other(text: Sql, constant: Sql, setting: Setting) -> tuple[Sql, Sql]:
    if text.is_constant:
        return text, constant
    if constant.type.kind in ("int", "float"):
        return to_float(text, setting), constant
    if constant.type.kind == "bool":
        return text, Sql(f"'{constant.text}'", STRING, constant=constant.text)
    return text, constant


def _bare(value: Sql, scope: Scope) -> Sql:
    return value if value.bare is None or not scope.allows_bare else Sql(value.bare, value.type)


def as_moment(value: Sql, setting: Setting) -> Sql | None:
    """Return a moment, a day or a written moment as a moment on the project's clock; None for anything else."""
    if value.type.kind == "datetime":
        return value
    if value.type.kind == "date":
        zone = print_timezone(setting.context.timezone)
        return Sql(f"toDateTime64({value.text}, 6, {zone})", DATETIME.with_nullable(value.type.nullable))
    if isinstance(value.constant, str):
        written = read_written_moment(value.constant)
        if written is not None:
            return Sql(print_moment(written, setting.parameters, setting.context.timezone), DATETIME)
    return None


def print_between(printer: Printer, node: ast.BetweenExpr, scope: Scope) -> Sql:
    """Print BETWEEN as two comparisons, so that null rules and dates are theirs."""
    value, low, high = (printer.expr(one, scope) for one in (node.expr, node.low, node.high))
    ops = ("<", ">", "or") if node.negated else (">=", "<=", "and")
    first = compare(value, ops[0], low, printer.setting, scope)
    second = compare(value, ops[1], high, printer.setting, scope)
    return Sql(f"{ops[2]}({first.text}, {second.text})", BOOL)


def print_is_distinct(printer: Printer, node: ast.IsDistinctFrom, scope: Scope) -> Sql:
    """Print IS [NOT] DISTINCT FROM: nulls are equal to each other."""
    left, right = printer.expr(node.left, scope), printer.expr(node.right, scope)
    left, right = align_moments(left, right, printer.setting, scope)
    function = "isNotDistinctFrom" if node.negated else "isDistinctFrom"
    return Sql(f"{function}({left.text}, {right.text})", BOOL)


def _print_membership(printer: Printer, node: ast.CompareOperation, scope: Scope) -> Sql:
    """Print IN: nulls are values there (setting transform_null_in)."""
    left = printer.expr(node.left, scope)
    if _is_empty(node.right):
        return Sql("true" if node.op.endswith("not in") else "false", BOOL)
    members = _print_members(printer, node.right, left, scope)
    if left.type.kind == "datetime" and isinstance(node.right, ast.Tuple | ast.Array):
        left = _bare(left, scope)
    printed = f"{_MEMBERSHIPS[node.op]}({left.text}, {members})"
    search = search_for_any(left, _texts(node.right), members) if node.op == "in" else None
    return Sql(f"and({search}, {printed})" if search else printed, BOOL)


def _texts(node: ast.Expr) -> Sequence[object]:
    """Return the values of a list that is printed as one array of texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, list | tuple):
        return node.value
    exprs = node.exprs if isinstance(node, ast.Tuple | ast.Array) else []
    return [one.value if isinstance(one, ast.Constant) else None for one in exprs]


def _print_members(printer: Printer, node: ast.Expr, left: Sql, scope: Scope) -> str:
    if isinstance(node, ast.AnySelect):
        return printer.expr(node, scope).text
    if isinstance(node, ast.Constant) and isinstance(node.value, list | tuple | set):
        node = ast.Tuple([ast.Constant(one) for one in node.value])
    if isinstance(node, ast.Tuple | ast.Array):
        return _print_list(printer, node, left, scope)
    single = printer.expr(node, scope)
    if single.type.kind in ("array", "tuple", "unknown", "map"):
        return single.text
    return f"tuple({single.text})"


def _is_empty(node: ast.Expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, list | tuple | set) and not node.value
    return isinstance(node, ast.Tuple | ast.Array) and not node.exprs


def _print_list(printer: Printer, node: ast.Tuple | ast.Array, left: Sql, scope: Scope) -> str:
    texts = [one.value for one in node.exprs if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if len(texts) == len(node.exprs) and len(texts) > 1 and left.type.kind in ("string", "uuid"):
        return printer.parameters.bind(texts, "Array(String)")  # one value, so that the SQL text stays the same
    values = printer.exprs(node.exprs, scope)
    if left.type.kind == "datetime":
        values = [as_moment(value, printer.setting) or value for value in values]
    return f"tuple({', '.join(value.text for value in values)})"


def _print_cohort(printer: Printer, node: ast.CompareOperation, scope: Scope) -> Sql:
    """Print `person_id IN COHORT 12`, or a name, or a list of them."""
    references = node.right.exprs if isinstance(node.right, ast.Tuple | ast.Array) else [node.right]
    values = [one.value if isinstance(one, ast.Constant) else None for one in references]
    if not values or not all(isinstance(one, int | str) and not isinstance(one, bool) for one in values):
        raise HogQLQueryError("IN COHORT takes the number or the name of a cohort.")
    left = printer.expr(node.left, scope)
    function = "notIn" if node.op == "not in cohort" else "in"
    return Sql(f"{function}({left.text}, {print_cohort_members(printer.context, values)})", BOOL)
