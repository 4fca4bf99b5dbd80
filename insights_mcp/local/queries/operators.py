"""What each operator of a property filter means on an extracted value (facts/queries.md 1.0, Property filters).

A missing property is null, and HogQL's comparisons answer for nulls: positive operators false, negative ones true.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.cleaning import clean_path
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import TRUE, all_of, any_of, call, compare, constant
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.local.queries.semver import compare_versions
from insights_mcp.schema.filters import Operator

# How the value on the left is stored: a property by its definition, `column` for a field with a type of its own.
Storage = Literal["String", "Numeric", "Boolean", "DateTime", "column"]
Value = object

_ORDERINGS: dict[Operator, ast.CompareOp] = {
    "gt": ">",
    "gte": ">=",
    "min": ">=",
    "lt": "<",
    "lte": "<=",
    "max": "<=",
}
_DATE_ORDERINGS: dict[Operator, ast.CompareOp] = {
    "is_date_exact": "==",
    "is_date_before": "<",
    "is_date_after": ">",
}
NEGATIVE_OPERATORS: frozenset[Operator] = frozenset(
    ("is_not", "not_icontains", "not_icontains_multi", "not_regex", "not_in")
)


@dataclass(frozen=True)
class Operand:
    """The left side of a filter."""

    expr: ast.Expr
    storage: Storage


def apply_operator(operand: Operand, operator: Operator, value: Value, context: QueryContext) -> ast.Expr:
    """Return the condition. A list is any of its values, for negative operators none of them; an empty one is true.

    Raises QueryError for a value that the operator cannot take.
    """
    if operator == "is_set":
        return compare(operand.expr, "!=", constant(None))
    if operator == "is_not_set":
        return compare(operand.expr, "==", constant(None))
    if operator in ("between", "not_between"):
        return _between(operand, operator, value)
    if not isinstance(value, list):
        return _apply_one(operand, operator, value, context)
    if not value:
        return TRUE
    if len(value) > 1 and operator in ("exact", "in", "is_not", "not_in"):
        return _among(operand, operator, value)
    conditions = [_apply_one(operand, operator, one, context) for one in value]
    return all_of(conditions) if operator in NEGATIVE_OPERATORS else any_of(conditions)


def _apply_one(operand: Operand, operator: Operator, value: Value, context: QueryContext) -> ast.Expr:
    if operator in ("exact", "in", "is_not", "not_in"):
        side = _comparable(operand, value)
        return compare(side, "!=" if operator in NEGATIVE_OPERATORS else "==", _constant(operand, value))
    if operator in _ORDERINGS:
        return compare(_comparable(operand, value), _ORDERINGS[operator], _constant(operand, value))
    if operator in _DATE_ORDERINGS:
        moment = _resolve_date(value, context)
        return compare(_as_datetime(operand), _DATE_ORDERINGS[operator], call("toDateTime", constant(moment)))
    if operator.startswith("semver_"):
        return compare_versions(operand.expr, operator, value)
    special = _TEXT_CONDITIONS.get(operator)
    if special is not None:
        return special(call("toString", operand.expr), value)
    if operator == "is_cleaned_path_exact":
        rules = context.team.path_cleaning_filters
        return compare(clean_path(operand.expr, rules), "==", clean_path(constant(value), rules))
    raise QueryError(f"The operator '{operator}' is not supported here.")


def _contains(text: ast.Expr, value: Value) -> ast.Expr:
    return compare(text, "ilike", constant(f"%{_print(value)}%"))


def _contains_not(text: ast.Expr, value: Value) -> ast.Expr:
    return compare(text, "not ilike", constant(f"%{_print(value)}%"))


def _matches(text: ast.Expr, value: Value) -> ast.Expr:
    return call("ifNull", call("match", text, constant(_print(value))), constant(0))


def _matches_not(text: ast.Expr, value: Value) -> ast.Expr:
    return call("ifNull", call("not", call("match", text, constant(_print(value)))), constant(1))


_TEXT_CONDITIONS: dict[Operator, Callable[[ast.Expr, Value], ast.Expr]] = {
    "icontains": _contains,
    "icontains_multi": _contains,
    "not_icontains": _contains_not,
    "not_icontains_multi": _contains_not,
    "regex": _matches,
    "not_regex": _matches_not,
}


def _among(operand: Operand, operator: Operator, values: Sequence[Value]) -> ast.Expr:
    op: ast.CompareOp = "not in" if operator in NEGATIVE_OPERATORS else "in"
    numbers = operand.storage == "String" and all(_is_number(value) for value in values)
    left = call("toFloat", operand.expr) if numbers else operand.expr
    texts = operand.storage == "String" and not numbers
    members = [
        constant(_print(value)) if texts and value is not None else _constant(operand, value) for value in values
    ]
    return compare(left, op, ast.Tuple(exprs=members))


def _between(operand: Operand, operator: Operator, value: Value) -> ast.Expr:
    if not isinstance(value, list) or len(value) != 2:
        raise QueryError(f"{operator} operator requires a two-element array [min, max]")
    low, high = value
    try:
        if float(low) > float(high):
            raise QueryError(f"{operator} operator requires min value to be less than or equal to max value")
    except (TypeError, ValueError):
        raise QueryError(f"{operator} operator requires numeric values") from None
    left = _comparable(operand, low)
    low, high = _constant(operand, low), _constant(operand, high)
    if operator == "between":
        return all_of([compare(left, ">=", low), compare(left, "<=", high)])
    return any_of([compare(left, "<", low), compare(left, ">", high)])


def _comparable(operand: Operand, value: Value) -> ast.Expr:
    """Return the left side as it compares with this value: text read as a number against a number."""
    return call("toFloat", operand.expr) if operand.storage == "String" and _is_number(value) else operand.expr


def _constant(operand: Operand, value: Value) -> ast.Expr:
    """Return the right side in the type of the left one."""
    if operand.storage == "Boolean":
        return constant({"true": True, "false": False}.get(_print(value), value))
    if isinstance(value, bool):
        return constant(_print(value))
    if operand.storage == "Numeric" and isinstance(value, str):
        return constant(_to_number(value))
    if operand.storage == "DateTime" and isinstance(value, str):
        return call("toDateTime", constant(value))
    return constant(value)


def _as_datetime(operand: Operand) -> ast.Expr:
    if operand.storage == "DateTime":
        return operand.expr
    return call("toDateTime", call("toString", operand.expr))


def _resolve_date(value: Value, context: QueryContext) -> str:
    """Return an absolute date as it is, a relative one (`-7d`) on the project's clock."""
    text = _print(value)
    moment = parse_moment(text, context.timezone, context.now)
    if moment.is_relative and text.lstrip("-")[:1].isdigit():
        return _print_moment(moment.at)
    return text


def _print_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _to_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text  # compared as it is; ClickHouse says what is wrong with it


def _print(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
