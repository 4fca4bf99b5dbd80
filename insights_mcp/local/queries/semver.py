"""Semantic versions: a sortable form, and the bounds of tilde, caret and wildcard (facts/queries.md 1.0)."""

import re

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.expressions import all_of, call, compare, constant, field
from insights_mcp.schema.filters import Operator

_VERSION = r"(\d+(\.\d+)+)"
# What counts as a version on the left: three numbers without leading zeros, perhaps after a v or before a suffix.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_STRICT = rf"^\s*v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:[+-]\S*)?\s*$"
_NUMBERS = re.compile(r"[0-9]+")
_COMPARISONS: dict[Operator, ast.CompareOp] = {
    "semver_eq": "==",
    "semver_neq": "!=",
    "semver_gt": ">",
    "semver_gte": ">=",
    "semver_lt": "<",
    "semver_lte": "<=",
}


def sortable(version: ast.Expr) -> ast.Expr:
    """Return the numbers of a version as an array, which sorts as versions do. No version sorts before all."""
    text = call("extract", call("ifNull", call("toString", version), constant("")), constant(_VERSION))
    number = call("ifNull", call("toInt", field("part")), constant(0))
    return call("arrayMap", ast.Lambda(args=["part"], expr=number), call("splitByChar", constant("."), text))


def compare_versions(left: ast.Expr, operator: Operator, value: object) -> ast.Expr:
    """Return the condition of one semver operator: of texts that are versions only, whatever the operator.

    Raises QueryError for a value that is no version.
    """
    is_version = call("ifNull", call("match", call("toString", left), constant(_STRICT)), constant(0))
    if operator in _COMPARISONS:
        return all_of([is_version, compare(sortable(left), _COMPARISONS[operator], sortable(constant(value)))])
    low, high = _bounds(operator, value)
    return all_of(
        [
            is_version,
            compare(sortable(left), ">=", sortable(constant(low))),
            compare(sortable(left), "<", sortable(constant(high))),
        ]
    )


def _bounds(operator: Operator, value: object) -> tuple[str, str]:
    name = operator.removeprefix("semver_").capitalize()
    if not isinstance(value, str):
        raise QueryError(f"{name} operator requires a semver string value")
    text = value.rstrip(".*") if operator == "semver_wildcard" else value
    parts = text.split("-")[0].split(".")
    if not all(_NUMBERS.fullmatch(part) for part in parts[:3]):
        raise QueryError(f"{name} operator requires a valid semver string (e.g., '1.2.3')")
    numbers = [int(part) for part in parts[:3]]
    if operator == "semver_tilde":
        return _print(numbers), _print(_next(numbers, min(len(numbers), 2) - 1))
    if operator == "semver_wildcard":
        # PostHog compares 1.2.3.* by four numbers: 1.2.3 is before it, 1.2.4 inside
        length = max(3, len(numbers) + 1)
        return _print(numbers, length), _print(_next(numbers, len(numbers) - 1), length)
    padded = [*numbers, 0, 0][:3]
    first_nonzero = next((index for index, number in enumerate(padded) if number), 2)
    return _print(padded), _print(_next(padded, first_nonzero))


def _next(numbers: list[int], index: int) -> list[int]:
    return [*numbers[:index], numbers[index] + 1]


def _print(numbers: list[int], length: int = 3) -> str:
    return ".".join(str(number) for number in [*numbers, 0, 0, 0][:length])
