"""The parser's JSON to nodes. Both parsers give the same, but for null fields that one of them leaves out."""

from collections.abc import Mapping
from typing import Any

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLNotSupported

NODES: Mapping[str, type[ast.Node]] = {
    name: kind for name, kind in vars(ast).items() if isinstance(kind, type) and issubclass(kind, ast.Node)
}
# No part of the meaning.
_IGNORED = {"node", "start", "end", "is_internal"}


def read_node(value: Mapping[str, Any]) -> ast.Node:
    """Build the node of one JSON object. Raises HogQLNotSupported for what a newer grammar may bring."""
    start, end = (_offset(value.get(side)) for side in ("start", "end"))
    name = value["node"]
    kind = NODES.get(name)
    if kind is None:
        raise HogQLNotSupported(f"{name} is not supported.", start=start, end=end)
    if name == "Constant":
        return ast.Constant(_read_constant(value), start=start, end=end)
    known = kind.__match_args__  # of a dataclass: its fields but the positions
    given: dict[str, Any] = {}
    for key, one in value.items():
        if one is None or key in _IGNORED:
            continue
        if key not in known:
            raise HogQLNotSupported(f"'{key}' of {name} is not supported.", start=start, end=end)
        given[key] = _read_value(one)
    return kind(**given, start=start, end=end)


def _read_value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read_value(one) for one in value)
    if isinstance(value, dict):
        return read_node(value) if "node" in value else {key: _read_value(one) for key, one in value.items()}
    return value


def _read_constant(value: Mapping[str, Any]) -> object:
    constant: object = value.get("value")
    if value.get("value_type") == "number":  # what JSON numbers cannot hold
        text = str(constant)
        return int(text) if text.lstrip("-").isdecimal() else float(text.replace("Infinity", "inf"))
    return constant


def _offset(position: Any) -> int | None:
    return position["offset"] if position else None
