"""Path cleaning: the project's regular expressions, applied in their order (facts/queries.md 1.0)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import call, constant


def clean_path(path: ast.Expr, cleaning: Sequence[Mapping[str, object]]) -> ast.Expr:
    """Return the path with every rule's matches replaced by its alias."""
    for rule in cleaning:
        regex, alias = rule.get("regex"), rule.get("alias")
        if isinstance(regex, str) and isinstance(alias, str):
            path = call("replaceRegexpAll", path, constant(regex), constant(alias))
    return path
