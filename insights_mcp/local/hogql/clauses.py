"""Clauses that PostHog's grammar reads and its parsers leave out of the tree: refused, where they would change answers.

NULLS LAST is left out as well, and is what ClickHouse does by itself.
"""

from collections.abc import Sequence
from itertools import pairwise

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLNotSupported
from insights_mcp.local.hogql.guard import Word
from insights_mcp.local.hogql.visitor import walk


def check_clauses(words: Sequence[Word], node: ast.Node) -> None:
    """Raise HogQLNotSupported when the text holds a clause that the tree does not."""
    orders = []
    for first, second in pairwise(words):
        pair = (first.text, second.text)
        if pair == ("nulls", "first"):
            raise HogQLNotSupported("NULLS FIRST is not supported.", start=first.start, end=second.end)
        if pair == ("with", "totals"):
            raise HogQLNotSupported("WITH TOTALS is not supported.", start=first.start, end=second.end)
        if pair == ("order", "by"):
            orders.append(first)
    if len(orders) > sum(_orders(one) for one in walk(node)):
        raise HogQLNotSupported(
            "ORDER BY after a query in brackets is not supported.",
            start=orders[-1].start,
            advice="Write SELECT * FROM (...) ORDER BY ... instead.",
        )


def _orders(node: ast.Node) -> int:
    if isinstance(node, ast.SelectQuery | ast.SelectSetQuery | ast.WindowExpr):
        return bool(node.order_by)
    if isinstance(node, ast.Call):
        return bool(node.order_by) + bool(node.within_group)
    return 0
