"""The sandbox's first two walls: one SELECT, and only known syntax, tables and functions (facts/engine.md 6).

The other two are the grants and readonly=1 of the reader session. HogQL never prints what is refused here, so a refusal
means that somebody found a hole in the printer. Everything unknown is refused.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from insights_mcp.local.engine.base import QueryRefused
from insights_mcp.local.engine.functions import TABLE_FUNCTIONS, is_allowed_function
from insights_mcp.local.engine.tables import TABLES

# Kinds of nodes in EXPLAIN AST. Not among them: Set (SETTINGS), ColumnsApplyTransformer (hides its function's name),
# and every statement but SELECT.
_KINDS = frozenset(
    {
        "SelectWithUnionQuery",
        "SelectIntersectExceptQuery",
        "SelectQuery",
        "ExpressionList",
        "WithElement",
        "Subquery",
        "Literal",
        "Identifier",
        "TableIdentifier",
        "Function",
        "TablesInSelectQuery",
        "TablesInSelectQueryElement",
        "TableExpression",
        "TableJoin",
        "ArrayJoin",
        "Asterisk",
        "QualifiedAsterisk",
        "ColumnsTransformerList",
        "ColumnsExceptTransformer",
        "ColumnsReplaceTransformer",
        "ColumnsReplaceTransformer::Replacement",
        "ColumnsListMatcher",
        "ColumnsRegexpMatcher",
        "OrderByElement",
        "InterpolateElement",
        "WindowDefinition",
        "WindowListElement",
        "SampleRatio",
    }
)
_LINE = re.compile(r"( *)([A-Za-z:]+)(?: (.*?))??(?: \(children (\d+)\))?", re.DOTALL)
_ALIAS = re.compile(r" ?\(alias .*\)$", re.DOTALL)
_COMMON_TABLE = re.compile(r"[\w $-]+")
_BOUND_NAME = re.compile(r":\s*Identifier\s*\}")
_FOREIGN = re.compile(r"`?(system|information_schema|_temporary_and_external_tables|default)`?\.", re.IGNORECASE)
_TABLE_NAMES = frozenset(table.name for table in TABLES)
_REMEMBERED = 2048
AST_FORMAT = "TSVRaw"


@dataclass
class _Node:
    kind: str
    text: str
    children: "list[_Node]" = field(default_factory=list)


class Guard:
    """Checks statements, and remembers those that passed: values are bound, so texts repeat."""

    def __init__(self, database: str) -> None:
        self._tables = _TABLE_NAMES | {f"{database}.{name}" for name in _TABLE_NAMES}
        self._lock = threading.Lock()
        self._passed: OrderedDict[str, None] = OrderedDict()

    def check(self, sql: str, explain: Callable[[], Sequence[str]]) -> None:
        """Raise QueryRefused unless the statement may run. `explain` returns the lines of its EXPLAIN AST."""
        with self._lock:
            if sql in self._passed:
                self._passed.move_to_end(sql)
                return
        if _BOUND_NAME.search(sql):
            raise QueryRefused("A name may not be bound as a parameter.")
        self._check_root(_parse_tree(explain()))
        with self._lock:
            self._passed[sql] = None
            if len(self._passed) > _REMEMBERED:
                self._passed.popitem(last=False)

    def _check_root(self, root: _Node) -> None:
        # The FORMAT that the client adds is shown as the root's second child.
        if root.children and (root.children[-1].kind, root.children[-1].text) == ("Identifier", AST_FORMAT):
            root.children.pop()
        waiting = [(root, "")]
        while waiting:
            node, parent = waiting.pop()
            self._check_node(node, parent)
            waiting += [(child, node.kind) for child in node.children]

    def _check_node(self, node: _Node, parent: str) -> None:
        if node.kind not in _KINDS or (not parent and node.kind != "SelectWithUnionQuery"):
            raise QueryRefused(f"{node.kind} is not allowed in a query.")
        if node.kind == "SelectWithUnionQuery" and [child.kind for child in node.children] != ["ExpressionList"]:
            raise QueryRefused("INTO OUTFILE, FORMAT and SETTINGS are not allowed in a query.")
        if node.kind == "Function":
            name = _ALIAS.sub("", node.text)
            allowed = name in TABLE_FUNCTIONS if parent == "TableExpression" else is_allowed_function(name)
            if not allowed:
                raise QueryRefused(f"Function {_shown(name)} is not allowed in a query.")
        elif node.kind == "TableIdentifier":
            name = _ALIAS.sub("", node.text)
            # A plain word that is no table of ours names a common table expression, or nothing.
            if name not in self._tables and not _COMMON_TABLE.fullmatch(name):
                raise QueryRefused(f"Table {_shown(name)} is not allowed in a query.")
        elif node.kind == "Identifier" and _FOREIGN.match(node.text):
            raise QueryRefused(f"{_shown(node.text)} is not allowed in a query.")


def _parse_tree(lines: Sequence[str]) -> _Node:
    """Return the tree of EXPLAIN AST.

    Its text is not escaped, so a name with a line break could forge lines. Forged lines can only add, and any that
    break the count of children, the indentation or the list of kinds refuse the statement.
    """
    path: list[_Node] = []
    promised: list[tuple[_Node, int]] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        depth = len(match.group(1)) if match else -1
        if match is None or "\n" in line or depth > len(path) or (depth == 0) != (not promised):
            raise QueryRefused("The statement cannot be checked.")
        node = _Node(match.group(2), match.group(3) or "")
        del path[depth:]
        if path:
            path[-1].children.append(node)
        path.append(node)
        promised.append((node, int(match.group(4) or 0)))
    if not promised or any(len(node.children) != count for node, count in promised):
        raise QueryRefused("The statement cannot be checked.")
    return promised[0][0]


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:59] + "…")
