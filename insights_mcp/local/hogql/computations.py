"""Values of placeholders that are computed before the query is read: `{variables.on ? 'a' : 'b'}`, `{sql(event)}`.

PostHog runs them in its Hog machine (facts/queries.md 2, Placeholders). Here are the parts that make values: constants,
names, arithmetic, comparisons, logic, choices and a few functions of text. `sql(x)` stands for the expression x itself.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError

LookUp = Callable[[ast.Placeholder], ast.Node]
"""Gives what a plain name stands for. Raises HogQLQueryError for an unknown one."""
Fill = Callable[[ast.Node], ast.Node]
"""Fills the placeholders inside of what `sql()` holds."""

_Operation = Callable[[Any, Any], object]
# Of numbers only: a text times a number could fill the memory.
_ARITHMETIC: Mapping[str, _Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_COMPARISONS: Mapping[str, _Operation] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


def _write(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "concat": lambda *args: "".join("" if arg is None else _write(arg) for arg in args),
    "lower": lambda text: str(text).lower(),
    "upper": lambda text: str(text).upper(),
    "trim": lambda text: str(text).strip(),
    "length": len,
    "empty": lambda value: not value,
    "notEmpty": bool,
    "toString": _write,
    "toInt": int,
    "toFloat": float,
}


def compute(expr: ast.Expr, look_up: LookUp, fill: Fill) -> ast.Node:
    """Return what stands in the query for a computed placeholder. Raises HogQLQueryError."""
    try:
        value = _Computation(look_up, fill).evaluate(expr)
    except (ArithmeticError, TypeError, ValueError):
        raise _refuse(expr) from None
    return value if isinstance(value, ast.Node) else ast.Constant(value, start=expr.start, end=expr.end)


def _refuse(expr: ast.Expr) -> HogQLQueryError:
    return HogQLQueryError(
        "A placeholder holds a name, like {filters} or {variables.name}, or what can be computed from names.",
        start=expr.start,
        end=expr.end,
    )


class _Computation:
    """One placeholder's value."""

    def __init__(self, look_up: LookUp, fill: Fill) -> None:
        self._look_up = look_up
        self._fill = fill

    def evaluate(self, node: ast.Expr) -> object:
        """Return a value, or a piece of the query."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Field | ast.Placeholder):
            return self._name(node)
        if isinstance(node, ast.And | ast.Or):
            return self._logic(node)
        if isinstance(node, ast.Not):
            return not self._value(node.expr)
        if isinstance(node, ast.Array | ast.Tuple):
            return [self._value(one) for one in node.exprs]
        if isinstance(node, ast.ArithmeticOperation | ast.CompareOperation):
            return self._operation(node)
        if isinstance(node, ast.Call) and not node.params:
            return self._call(node)
        raise _refuse(node)

    def _name(self, node: ast.Field | ast.Placeholder) -> object:
        if isinstance(node, ast.Placeholder) and node.chain is None:
            return self.evaluate(node.expr)
        placeholder = node if isinstance(node, ast.Placeholder) else ast.Placeholder(node, start=node.start)
        found = self._look_up(placeholder)
        return found.value if isinstance(found, ast.Constant) else found

    def _value(self, node: ast.Expr) -> object:
        value = self.evaluate(node)
        if isinstance(value, ast.Node):
            raise _refuse(node)
        return value

    def _logic(self, node: ast.And | ast.Or) -> object:
        decides = isinstance(node, ast.Or)
        value: object = not decides
        for one in node.exprs:
            value = self._value(one)
            if bool(value) is decides:
                break
        return bool(value)

    def _operation(self, node: ast.ArithmeticOperation | ast.CompareOperation) -> object:
        left, right = self._value(node.left), self._value(node.right)
        is_arithmetic = isinstance(node, ast.ArithmeticOperation)
        operation = (_ARITHMETIC if is_arithmetic else _COMPARISONS).get(node.op)
        if operation is None or (is_arithmetic and not all(isinstance(one, int | float) for one in (left, right))):
            raise _refuse(node)
        return operation(left, right)

    def _call(self, node: ast.Call) -> object:
        args = node.args
        if node.name == "sql" and len(args) == 1:
            return self._fill(args[0])
        if node.name == "if" and len(args) == 3:
            return self.evaluate(args[1] if self._value(args[0]) else args[2])
        if node.name in ("ifNull", "coalesce"):
            return self._first(args)
        function = _FUNCTIONS.get(node.name)
        if function is None:
            raise HogQLQueryError(
                f"'{node.name}' cannot be called in a placeholder. Wrap SQL like this: {{sql({node.name}(...))}}",
                start=node.start,
                end=node.end,
            )
        return function(*(self._value(arg) for arg in args))

    def _first(self, args: Sequence[ast.Expr]) -> object:
        for arg in args:
            value = self.evaluate(arg)
            if value is not None:
                return value
        return None
