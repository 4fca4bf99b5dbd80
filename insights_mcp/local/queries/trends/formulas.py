"""Formulas over series: letters in the order of the series, + - * / % ** and unary minus (facts/queries.md 1.1).

A division by zero is 0; anything that is not arithmetic is refused.
"""

import ast as python
import operator
from collections.abc import Callable, Mapping, Sequence

from insights_mcp.local.queries.context import QueryError

Number = int | float
MAX_LENGTH = 1000
_OPERATORS: Mapping[type[python.operator], Callable[[Number, Number], Number]] = {
    python.Add: operator.add,
    python.Sub: operator.sub,
    python.Mult: operator.mul,
    python.Div: operator.truediv,
    python.Mod: operator.mod,
    python.Pow: lambda left, right: float(left) ** float(right),  # of floats: whole numbers could grow without end
}


def parse_formula(text: str) -> python.expr:
    """Return the syntax tree of a formula. Raises QueryError for text that is no formula."""
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError("too long")
        return python.parse(text.strip().lower(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refuse(text) from None


def apply_formula(text: str, series: Sequence[Sequence[Number]]) -> list[Number]:
    """Return the formula of every position of the series, which are all as long. Raises QueryError."""
    tree = parse_formula(text)
    letters = [chr(ord("a") + index) for index in range(len(series))]
    try:
        return [_evaluate(tree, dict(zip(letters, values, strict=True)), text) for values in zip(*series, strict=True)]
    except (OverflowError, RecursionError):
        raise QueryError(f"The formula '{text}' leads to numbers that are too large.", attr="trendsFilter") from None


def _evaluate(node: python.expr, values: Mapping[str, Number], text: str) -> Number:
    if isinstance(node, python.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluate(node.left, values, text), _evaluate(node.right, values, text)
        try:
            result = _OPERATORS[type(node.op)](left, right)
        except ZeroDivisionError:
            return 0
        return _refuse_complex(result, text)
    if isinstance(node, python.UnaryOp) and isinstance(node.op, python.USub | python.UAdd):
        value = _evaluate(node.operand, values, text)
        return -value if isinstance(node.op, python.USub) else value
    if isinstance(node, python.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]  # the line above says so
    if isinstance(node, python.Name) and node.id in values:
        return values[node.id]
    raise _refuse(text)


def _refuse_complex(value: Number | complex, text: str) -> Number:
    if isinstance(value, complex):
        raise _refuse(text)
    return value


def _refuse(text: str) -> QueryError:
    return QueryError(
        f"The formula '{text}' cannot be read. Use the letters of the series, numbers, + - * / % ** and brackets.",
        attr="trendsFilter",
    )
