"""Short hands for expressions over arrays. Their comparisons are plain: nothing in these arrays is ever null."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import call, constant, field

ZERO = ast.Constant(value=0)
# Marks an element that takes over the value before it.
KEEP = ast.Constant(value=-1)


def greater(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left > right`."""
    return call("_greater", left, right)


def less(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left < right`."""
    return call("_less", left, right)


def at_least(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left >= right`."""
    return call("_greaterOrEquals", left, right)


def at_most(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left <= right`."""
    return call("_lessOrEquals", left, right)


def same(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left = right`."""
    return call("_equals", left, right)


def differs(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left != right`."""
    return call("_notEquals", left, right)


def is_set(value: ast.Expr) -> ast.Expr:
    """Return `value > 0`: times and starts of chains are, their absence is 0."""
    return greater(value, ZERO)


def both(*conditions: ast.Expr) -> ast.Expr:
    """Join conditions by AND."""
    return conditions[0] if len(conditions) == 1 else ast.And(exprs=conditions)


def either(*conditions: ast.Expr) -> ast.Expr:
    """Join conditions by OR."""
    return conditions[0] if len(conditions) == 1 else ast.Or(exprs=conditions)


def opposite(condition: ast.Expr) -> ast.Expr:
    """Return NOT."""
    return call("not", condition)


def choose(condition: ast.Expr, then: ast.Expr, otherwise: ast.Expr) -> ast.Expr:
    """Return `then` where the condition holds."""
    return call("if", condition, then, otherwise)


def pick(choices: Sequence[tuple[ast.Expr, ast.Expr]], otherwise: ast.Expr) -> ast.Expr:
    """Return the value of the first condition that holds."""
    if not choices:
        return otherwise
    return call("multiIf", *(part for choice in choices for part in choice), otherwise)


def plus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left + right`."""
    return ast.ArithmeticOperation(left=left, op="+", right=right)


def minus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left - right`."""
    return ast.ArithmeticOperation(left=left, op="-", right=right)


def times(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """Return `left * right`."""
    return ast.ArithmeticOperation(left=left, op="*", right=right)


def has_bit(mask: ast.Expr, bit: int) -> ast.Expr:
    """Return whether a bit of a mask is set."""
    return call("bitTest", mask, constant(bit))


def has_any(mask: ast.Expr, bits: int) -> ast.Expr:
    """Return whether any of some bits is set."""
    return differs(call("bitAnd", mask, constant(bits)), ZERO)


def each(names: str, expr: ast.Expr, *arrays: ast.Expr) -> ast.Expr:
    """Return the array of `expr` over the elements of arrays of one length, which it calls by these names."""
    return call("arrayMap", ast.Lambda(args=names.split(), expr=expr), *arrays)


def keep(names: str, condition: ast.Expr, *arrays: ast.Expr) -> ast.Expr:
    """Return the elements of the first array for which a condition on all of them holds."""
    return call("arrayFilter", ast.Lambda(args=names.split(), expr=condition), *arrays)


def first(names: str, condition: ast.Expr, *arrays: ast.Expr) -> ast.Expr:
    """Return the first element of the first array for which a condition on all of them holds, 0 without one."""
    return call("arrayFirst", ast.Lambda(args=names.split(), expr=condition), *arrays)


def exists(names: str, condition: ast.Expr, *arrays: ast.Expr) -> ast.Expr:
    """Return whether a condition holds at any place."""
    return call("arrayExists", ast.Lambda(args=names.split(), expr=condition), *arrays)


def carry(array: ast.Expr, *, over: ast.Expr = ZERO) -> ast.Expr:
    """Return the array with each element that equals `over` replaced by the one before it."""
    return call("arrayFill", ast.Lambda(args=["v"], expr=differs(field("v"), over)), array)


def carry_back(array: ast.Expr, *, over: ast.Expr = ZERO) -> ast.Expr:
    """Return the array with each element that equals `over` replaced by the one after it."""
    return call("arrayReverseFill", ast.Lambda(args=["v"], expr=differs(field("v"), over)), array)


def carry_when(array: ast.Expr, is_kept: ast.Expr, *, back: bool = False) -> ast.Expr:
    """Return the array with each element replaced by its neighbour where `is_kept` is false."""
    function = "arrayReverseFill" if back else "arrayFill"
    return call(function, ast.Lambda(args=["v", "w"], expr=field("w")), array, is_kept)


def before(array: ast.Expr) -> ast.Expr:
    """Return the array moved by one: at each place what stood before it, 0 at the first."""
    return call("arrayPushFront", call("arrayPopBack", array), ZERO)


def after(array: ast.Expr) -> ast.Expr:
    """Return the array moved by one: at each place what stood after it, 0 at the last."""
    return call("arrayPushBack", call("arrayPopFront", array), ZERO)


def item(array: ast.Expr, index: ast.Expr | int) -> ast.Expr:
    """Return an element, counted from 1, or from the end by a negative number; 0 or empty outside."""
    return call("arrayElement", array, constant(index) if isinstance(index, int) else index)


def last(array: ast.Expr) -> ast.Expr:
    """Return the last element, 0 of an empty array."""
    return item(array, -1)


def place(array: ast.Expr, value: ast.Expr) -> ast.Expr:
    """Return the place of the first element of that value, 0 when there is none."""
    return call("indexOf", array, value)
