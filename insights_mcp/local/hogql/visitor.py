"""Walking and rewriting of syntax trees, by the fields of the nodes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from insights_mcp.local.hogql.ast import Node

NodeT = TypeVar("NodeT", bound=Node)


def _names(node: Node) -> tuple[str, ...]:
    return cast("tuple[str, ...]", type(node).__match_args__)  # of a dataclass: all fields but the positions


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below, in the order of the fields."""
    for name in _names(node):
        yield from _nodes(getattr(node, name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _nodes(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _nodes(one)


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, parents first."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(list(children(one))))


def transform(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return the tree with every node replaced for which `change` gives one; what it gives is not walked again.

    Parts that do not change are shared with the given tree.
    """
    changed = change(node)
    if changed is not None:
        return changed
    new: dict[str, Any] = {}
    for name in _names(node):
        value = getattr(node, name)
        result = _transform_value(value, change)
        if result is not value:
            new[name] = result
    return replace(node, **new) if new else node


def _transform_value(value: object, change: Callable[[Node], Node | None]) -> object:
    if isinstance(value, Node):
        return transform(value, change)
    if isinstance(value, list | tuple):
        return _transform_items(value, change)
    if isinstance(value, Mapping):
        results = {key: _transform_value(one, change) for key, one in value.items()}
        return results if any(results[key] is not one for key, one in value.items()) else value
    return value


def _transform_items(value: Sequence[object], change: Callable[[Node], Node | None]) -> Sequence[object]:
    results = tuple(_transform_value(one, change) for one in value)
    return results if any(new is not old for new, old in zip(results, value, strict=True)) else value


def without_positions(node: NodeT) -> NodeT:
    """Return a copy whose nodes hold no positions, as if built by hand."""
    new: dict[str, Any] = {name: _clear(getattr(node, name)) for name in _names(node)}
    return replace(node, **new, start=None, end=None)


def _clear(value: object) -> object:
    if isinstance(value, Node):
        return without_positions(value)
    if isinstance(value, list | tuple):
        return tuple(_clear(one) for one in value)
    if isinstance(value, Mapping):
        return {key: _clear(one) for key, one in value.items()}
    return value
