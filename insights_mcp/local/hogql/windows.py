"""Windows: what stands in OVER (...) and in WINDOW."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.ordering import print_order
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope

_EVERYTHING = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


def print_window(printer: Printer, node: ast.WindowExpr, scope: Scope, *, frame_all: bool = False) -> str:
    """Return a window. `frame_all`: without a frame of its own it is everything, as lead() means it."""
    parts = []
    if node.partition_by:
        parts.append("PARTITION BY " + ", ".join(one.text for one in printer.exprs(node.partition_by, scope)))
    if node.order_by:
        parts.append("ORDER BY " + ", ".join(print_order(printer, one, scope) for one in node.order_by))
    if node.frame_method is not None:
        parts.append(_print_frame(node))
    elif frame_all:
        parts.append(_EVERYTHING)
    return " ".join(parts)


def _print_frame(node: ast.WindowExpr) -> str:
    if node.frame_method not in ("ROWS", "RANGE"):
        raise HogQLQueryError("A window's frame is given by ROWS or RANGE.")
    start, end = (None if one is None else _print_end(one) for one in (node.frame_start, node.frame_end))
    if start is not None and end is not None:
        return f"{node.frame_method} BETWEEN {start} AND {end}"
    return f"{node.frame_method} {start or 'UNBOUNDED PRECEDING'}"


def _print_end(node: ast.WindowFrameExpr) -> str:
    if node.frame_type == "CURRENT ROW":
        return "CURRENT ROW"
    if node.frame_type not in ("PRECEDING", "FOLLOWING"):
        raise HogQLQueryError("A window's frame ends at CURRENT ROW, PRECEDING or FOLLOWING.")
    value = node.frame_value.value if isinstance(node.frame_value, ast.Constant) else node.frame_value
    if value is None:
        return f"UNBOUNDED {node.frame_type}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise HogQLQueryError("A window's frame is counted in whole numbers.")
    return f"{value:d} {node.frame_type}"
