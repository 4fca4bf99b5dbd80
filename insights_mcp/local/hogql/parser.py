"""The door to PostHog's HogQL parsers: text to syntax tree.

hogql_parser_rs (Python 3.12 and up) takes 50 µs for a query, the C++ hogql_parser (below) 20 ms: templates are cached.
"""

import json
import sys
import threading
import types
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Literal, cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.clauses import check_clauses
from insights_mcp.local.hogql.deserializer import read_node
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLSyntaxError
from insights_mcp.local.hogql.guard import read_words
from insights_mcp.local.hogql.placeholders import replace_placeholders

# Two threads that stood in stubs for each other would leave them behind.
_IMPORTING = threading.Lock()
Rule = Literal["expr", "order_expr", "select"]

# What the C++ parser looks up when it is imported (facts/queries.md 2, Parsers).
_STUBS = ("posthog", "posthog.hogql", "posthog.hogql.ast", "posthog.hogql.base", "posthog.hogql.errors")
_STUB_ERRORS = (
    "BaseHogQLError",
    "ExposedHogQLError",
    "SyntaxError",
    "ParsingError",
    "QueryError",
    "NotImplementedError",
    "ImpossibleASTError",
    "InternalHogQLError",
    "ResolutionError",
)


def parse_select(text: str, placeholders: Mapping[str, ast.Node] | None = None) -> ast.AnySelect:
    """Parse a SELECT or a set of them. With `placeholders` every `{name}` must be among them.

    Raises HogQLSyntaxError, HogQLQueryError.
    """
    node = _parse("select", text)
    if placeholders is not None:
        node = replace_placeholders(node, placeholders)
    if not isinstance(node, ast.AnySelect):
        raise HogQLNotSupported("Only SELECT queries are supported.", start=node.start, end=node.end)
    return node


def parse_expr(text: str, placeholders: Mapping[str, ast.Node] | None = None) -> ast.Expr:
    """Parse an expression. With `placeholders` every `{name}` must be among them.

    Raises HogQLSyntaxError, HogQLQueryError.
    """
    node = _parse("expr", text)
    if placeholders is not None:
        node = replace_placeholders(node, placeholders)
    return cast("ast.Expr", node)


def parse_order_expr(text: str) -> ast.OrderExpr:
    """Parse one key of an ORDER BY: `count() DESC`. Raises HogQLSyntaxError."""
    return cast("ast.OrderExpr", _parse("order_expr", text))


def _parse(rule: Rule, text: str) -> ast.Node:
    return _parse_cached(rule, text) if len(text) <= 20_000 else _parse_text(rule, text)


def _parse_text(rule: Rule, text: str) -> ast.Node:
    words = read_words(text)
    try:
        answer = json.loads(_parsers()[rule](text))
        if answer.get("error"):
            raise _read_error(text, answer)
        node = read_node(answer)
    except RecursionError:
        raise HogQLSyntaxError("The query is nested too deeply.") from None
    except UnicodeEncodeError as error:
        raise HogQLSyntaxError("The query holds half a character.", start=error.start, end=error.end) from None
    check_clauses(words, node)
    return node


_parse_cached = lru_cache(maxsize=1024)(_parse_text)


def _read_error(text: str, answer: Mapping[str, object]) -> HogQLSyntaxError | HogQLNotSupported:
    start, end = (_read_offset(text, answer.get(side)) for side in ("start", "end"))
    kind = HogQLNotSupported if answer.get("type") == "NotImplementedError" else HogQLSyntaxError
    return kind(str(answer.get("message") or "Invalid syntax"), start=start, end=end)


def _read_offset(text: str, position: object) -> int | None:
    if not isinstance(position, dict) or not isinstance(position.get("offset"), int):
        return None
    offset: int = position["offset"]
    if "line" not in position and not text.isascii():
        # The Rust parser counts the bytes of an error's place, and the characters of a node's.
        offset = len(text.encode()[:offset].decode(errors="ignore"))
    return min(offset, len(text))


@cache
def _parsers() -> Mapping[Rule, Callable[[str], str]]:
    with _IMPORTING:
        try:
            import hogql_parser_rs as parser
        except ImportError:
            parser = _import_cpp_parser()
    return {
        "expr": parser.parse_expr_json,
        "order_expr": parser.parse_order_expr_json,
        "select": parser.parse_select_json,
    }


def _import_cpp_parser() -> types.ModuleType:
    """Import the C++ parser, which asks for PostHog's own package: stubs stand in while it does."""
    if "hogql_parser" in sys.modules:
        return sys.modules["hogql_parser"]
    stubs = {name: types.ModuleType(name) for name in _STUBS if name not in sys.modules}
    if "posthog.hogql.errors" in stubs:
        for error in _STUB_ERRORS:
            setattr(stubs["posthog.hogql.errors"], error, type(error, (Exception,), {}))
    sys.modules.update(stubs)
    try:
        import hogql_parser
    finally:
        for name in stubs:
            del sys.modules[name]
    return hogql_parser
