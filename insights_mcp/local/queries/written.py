"""Expressions that the caller of an insight wrote.

Upstream's insights read `FROM events AS e`, so people write `e.properties.plan` as well as `properties.plan`.
"""

from dataclasses import replace
from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.hogql.visitor import transform

_EVENTS = "e"


def parse_written(text: str) -> ast.Expr:
    """Parse an expression about events, by their short name or without. Raises HogQLSyntaxError."""
    return cast(ast.Expr, transform(parse_expr(text), _without_short_name))


def _without_short_name(node: ast.Node) -> ast.Node | None:
    if isinstance(node, ast.SelectQuery | ast.SelectSetQuery):  # a name in there is of its own tables
        return node
    if isinstance(node, ast.Field) and len(node.chain) > 1 and node.chain[0] == _EVENTS:
        return replace(node, chain=node.chain[1:])
    return None
