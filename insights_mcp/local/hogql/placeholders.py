"""Filling of `{placeholders}` in a tree."""

from collections.abc import Callable, Mapping
from typing import Final

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.computations import compute
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.visitor import transform, walk


class _OmitComparison(ast.Expr):
    """The mark itself."""


OMIT_COMPARISON: Final = _OmitComparison()
"""What a resolver gives for `{filters.dateRange.from}` without a date: the comparison around it becomes true."""

Resolver = Callable[[tuple[str, ...], ast.SelectQuery | None], ast.Node | None]
"""Gives what `{a.b}` stands for: called with ("a", "b") and the innermost SELECT around it; None when unknown."""


def replace_placeholders(node: ast.Node, values: Mapping[str, ast.Node] | Resolver) -> ast.Node:
    """Return the tree with every placeholder filled. Names with dots are looked up as "a.b".

    Raises HogQLQueryError for one that `values` does not know.
    """
    resolve: Resolver = values if callable(values) else lambda chain, _: values.get(".".join(chain))
    return _fill(node, resolve, None)


def find_placeholders(node: ast.Node) -> list[tuple[str, ...]]:
    """Return the dotted names of the placeholders in the tree, each once, in order; () for one that is no name."""
    return list(dict.fromkeys(one.chain or () for one in walk(node) if isinstance(one, ast.Placeholder)))


def _fill(node: ast.Node, resolve: Resolver, select: ast.SelectQuery | None) -> ast.Node:
    def change(one: ast.Node) -> ast.Node | None:
        if isinstance(one, ast.Placeholder):
            found = _look_up(one, resolve, select)
            if found is OMIT_COMPARISON:
                raise _stands_alone(one)
            return found
        if isinstance(one, ast.CompareOperation | ast.BetweenExpr) and _is_omitted(one, resolve, select):
            return ast.Constant(True)
        if isinstance(one, ast.SelectQuery) and one is not select:
            return _fill(one, resolve, one)
        return None

    return transform(node, change)


def _stands_alone(placeholder: ast.Placeholder) -> HogQLQueryError:
    name = "{" + ".".join(placeholder.chain or ()) + "}"
    return HogQLQueryError(
        f"Without a date range {name} only works in a comparison, like timestamp > {name}.",
        start=placeholder.start,
        end=placeholder.end,
    )


def _is_omitted(
    comparison: ast.CompareOperation | ast.BetweenExpr, resolve: Resolver, select: ast.SelectQuery | None
) -> bool:
    if isinstance(comparison, ast.CompareOperation):
        sides: tuple[ast.Expr, ...] = (comparison.left, comparison.right)
    else:
        sides = (comparison.expr, comparison.low, comparison.high)
    return any(_look_up(one, resolve, select) is OMIT_COMPARISON for side in sides for one in _placeholders_of(side))


def _placeholders_of(side: ast.Expr) -> list[ast.Placeholder]:
    # toDateTime({filters.dateRange.from}) counts, a subquery on one side does not
    found: list[ast.Placeholder] = []
    waiting: list[ast.Expr] = [side]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Placeholder):
            found.append(one)
        elif isinstance(one, ast.Call):
            waiting.extend(one.args)
    return found


def _look_up(placeholder: ast.Placeholder, resolve: Resolver, select: ast.SelectQuery | None) -> ast.Node:
    chain = placeholder.chain
    if chain is None:
        return compute(
            placeholder.expr, lambda one: _look_up(one, resolve, select), lambda one: _fill(one, resolve, select)
        )
    found = resolve(chain, select)
    if found is None:
        name = ".".join(chain)
        raise HogQLQueryError(f"Unresolved placeholder: {{{name}}}", start=placeholder.start, end=placeholder.end)
    return found
