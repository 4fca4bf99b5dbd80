"""Formulas over series, as a table."""

import pytest

from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.trends.formulas import apply_formula


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A + B", [3, 6]),
        ("a+b", [3, 6]),
        ("A / B * 100", [50, 50]),
        ("(A + B) / 2", [1.5, 3]),
        ("A / (B - 2)", [0, 1]),
        ("A % (B - 2)", [0, 0]),
        ("-A", [-1, -2]),
        ("A ** B", [1, 16]),
        ("2", [2, 2]),
        ("A * 0.5", [0.5, 1]),
    ],
)
def test_formula_is_computed_for_every_interval(formula: str, expected: list[float]) -> None:
    assert apply_formula(formula, [[1, 2], [2, 4]]) == expected


@pytest.mark.parametrize(
    "formula",
    ["", "A +", "C", "A.b", "print(A)", "A if B else 1", "__import__('os')", "A[0]", "'a'", "A and B", "(-A) ** 0.5"],
)
def test_what_is_no_arithmetic_is_refused(formula: str) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        apply_formula(formula, [[1, 2], [2, 4]])


@pytest.mark.parametrize("formula", ["9 ** 9 ** 9 ** 9", "A" + " + A" * 5000, "(" * 400 + "A" + ")" * 400])
def test_formula_that_would_never_end_is_refused(formula: str) -> None:
    with pytest.raises(QueryError):
        apply_formula(formula, [[1, 2]])
