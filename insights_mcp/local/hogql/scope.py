"""What names mean inside one SELECT, or inside a lambda in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError, HogQLResolutionError
from insights_mcp.local.hogql.functions.registry import find_function
from insights_mcp.local.hogql.sources import Source
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.visitor import children


@dataclass(frozen=True, slots=True)
class NamedExpr:
    """What an alias stands for."""

    expr: ast.Expr
    type: SqlType


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A common table expression, and the scope that its own names are looked up in."""

    cte: ast.CTE
    scope: "Scope"


@dataclass
class Scope:
    """The names of one SELECT. `parent` gives its common table expressions only: queries cannot refer outward."""

    parent: "Scope | None" = None
    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, NamedExpr] = field(default_factory=dict)
    # aliases of the SELECT list that are not printed yet
    later: dict[str, ast.Alias] = field(default_factory=dict)
    queries: dict[str, NamedQuery] = field(default_factory=dict)
    windows: set[str] = field(default_factory=set)
    # columns that JOIN ... USING made one of two
    merged: set[str] = field(default_factory=set)
    arguments: frozenset[str] = frozenset()
    # inside the condition of a JOIN comparisons are printed as they are
    is_join: bool = False
    # inside WHERE an alias of an aggregate gives way to a column
    is_before_grouping: bool = False
    # rows are grouped or made distinct, so that an expression must stand the same everywhere
    is_grouped: bool = False
    _used: set[str] = field(default_factory=set)

    @property
    def allows_bare(self) -> bool:
        """Whether a column may be printed without its time zone here."""
        return self.is_join or self.is_before_grouping or not self.is_grouped

    def with_arguments(self, names: Iterable[str]) -> "Scope":
        """Return the scope inside a lambda: the same names, and its arguments before them."""
        return _share(self, arguments=self.arguments | frozenset(names))

    def in_join(self) -> "Scope":
        """Return the scope inside the condition of a JOIN."""
        return _share(self, is_join=True)

    def before_grouping(self) -> "Scope":
        """Return the scope inside WHERE and PREWHERE."""
        return _share(self, is_before_grouping=True)

    def source(self, name: str) -> Source | None:
        """Return the table of that name in FROM."""
        return next((one for one in self.sources if one.name == name), None)

    def sources_with(self, name: str) -> list[Source]:
        """Return the tables that have a field of that name; of a merged one only the first."""
        found = [one for one in self.sources if one.has_field(name)]
        return found[:1] if name in self.merged else found

    def query(self, name: str) -> NamedQuery | None:
        """Return the common table expression of that name, the innermost."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.queries:
                return scope.queries[name]
            scope = scope.parent
        return None

    def alias(self, name: str) -> NamedExpr | None:
        """Return what an alias stands for, None where it cannot be meant."""
        found = self.aliases.get(name)
        if found is not None and self.is_before_grouping and self.sources_with(name) and contains_aggregate(found.expr):
            return None
        return found

    def add_alias(self, node: ast.Alias, type_: SqlType) -> None:
        """Give an expression its name. Raises HogQLQueryError when the name is taken."""
        if node.alias in self.aliases:
            message = f"Cannot redefine an alias with the name: {node.alias}"
            raise HogQLQueryError(message, start=node.start, end=node.end)
        self.aliases[node.alias] = NamedExpr(node.expr, type_)
        self.later.pop(node.alias, None)

    def add_source(self, source: Source) -> None:
        """Add a table. Raises HogQLResolutionError when its name is taken."""
        if source.name is not None and self.source(source.name) is not None:
            raise HogQLResolutionError(f'Already have joined a table called "{source.name}". Cannot redefine.')
        self.sources.append(source)

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names from being given to tables: ClickHouse would take an alias for the table."""
        self._used.update(names)

    def unused(self, name: str) -> str:
        """Return the name, or one like it that nothing else has."""
        free, count = name, 1
        while free in self._used:
            count += 1
            free = f"{name}_{count}"
        self._used.add(free)
        return free


def contains_aggregate(expr: ast.Node) -> bool:
    """Return whether a value is computed over a group or a window. Subqueries are on their own."""
    waiting: list[ast.Node] = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.AnySelect):
            continue
        if isinstance(node, ast.WindowFunction):
            return True
        if isinstance(node, ast.Call):
            found = find_function(node.name)
            if found is not None and found.is_aggregate:
                return True
        waiting.extend(children(node))
    return False


def aliases_in(exprs: Sequence[ast.Expr]) -> dict[str, ast.Alias]:
    """Return the aliases that expressions define anywhere, but for those inside subqueries."""
    found: dict[str, ast.Alias] = {}
    waiting: list[ast.Node] = list(exprs)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.AnySelect):
            continue
        if isinstance(node, ast.Alias) and not node.hidden:
            found.setdefault(node.alias, node)
        waiting.extend(children(node))
    return found


def _share(scope: Scope, **changes: object) -> Scope:
    """Return a scope with the same tables and aliases: what is added to one is in both."""
    shared = Scope(**{name: getattr(scope, name) for name in Scope.__dataclass_fields__})
    for name, value in changes.items():
        setattr(shared, name, value)
    return shared
