"""SELECTs written as HogQL text with `{holes}`, parsed once and filled for each query."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_select


def fill_select(template: str, **nodes: ast.Node) -> ast.SelectQuery:
    """Return the SELECT with every hole filled. Text of a caller goes into the holes, never into the template."""
    select = parse_select(template, nodes)
    if not isinstance(select, ast.SelectQuery):
        raise TypeError("a template is one SELECT")
    return select
