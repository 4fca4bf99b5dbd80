"""ORDER BY keys."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope


def print_order(printer: Printer, node: ast.OrderExpr, scope: Scope) -> str:
    """Return one key of an ORDER BY."""
    if _is_all(node.expr, scope):
        return f"ALL {node.order}"
    value = printer.expr(node.expr, scope)
    bare = value.bare if scope.allows_bare else None
    parts = [bare or value.text, "DESC" if node.order == "DESC" else "ASC"]
    if node.nulls is not None:
        parts.append("NULLS FIRST" if node.nulls == "FIRST" else "NULLS LAST")
    if node.with_fill is not None:
        parts.append(_print_fill(printer, node.with_fill, scope))
    return " ".join(parts)


def _is_all(expr: ast.Expr, scope: Scope) -> bool:
    """Return whether this is ORDER BY ALL: the parser reads a field of that name."""
    is_named = isinstance(expr, ast.Field) and list(expr.chain) == ["all"]
    return is_named and scope.alias("all") is None and not scope.sources_with("all")


def _print_fill(printer: Printer, node: ast.WithFillExpr, scope: Scope) -> str:
    ends = (
        ("FROM", node.from_value),
        ("TO", node.to_value),
        ("STEP", node.step_value),
        ("STALENESS", node.staleness_value),
    )
    given = [f"{word} {printer.expr(value, scope).text}" for word, value in ends if value is not None]
    return " ".join(["WITH FILL", *given])
