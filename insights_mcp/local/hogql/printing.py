"""The printer's core: which function prints which node, how many nodes there may be, where errors are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.errors import HogQLError, HogQLNotSupported, HogQLQueryError, HogQLSyntaxError
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.values import Parameters

# Common table expressions are printed where they are used, so a small text can grow without end.
MAX_NODES = 40_000
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class SelectSql:
    """A printed query, without brackets, and the names and types of its columns. A name may come twice."""

    text: str
    columns: Sequence[tuple[str, SqlType]]


ExprPrinter = Callable[["Printer", ast.Expr, Scope], Sql]
SelectPrinter = Callable[["Printer", ast.Expr, Scope | None], SelectSql]


class Printer:
    """Prints one statement."""

    def __init__(
        self, setting: Setting, exprs: Mapping[type[ast.Expr], ExprPrinter], print_select: SelectPrinter
    ) -> None:
        self.setting = setting
        self._exprs = exprs
        self._print_select = print_select
        self._nodes = 0
        self._depth = 0

    @property
    def context(self) -> HogQLContext:
        """What the statement is printed for."""
        return self.setting.context

    @property
    def parameters(self) -> Parameters:
        """The bound values."""
        return self.setting.parameters

    def expr(self, node: ast.Expr, scope: Scope) -> Sql:
        """Print an expression. Raises HogQLError with its place."""
        self._enter()
        try:
            if isinstance(node, ast.AnySelect):
                return self._scalar(node, scope)
            function = self._exprs.get(type(node))
            if function is None:
                raise HogQLNotSupported(f"{type(node).__name__} is not supported here.")
            return function(self, node, scope)
        except HogQLError as error:
            raise _place(error, node) from None
        finally:
            self._depth -= 1

    def exprs(self, nodes: Sequence[ast.Expr] | None, scope: Scope) -> list[Sql]:
        """Print several expressions."""
        return [self.expr(node, scope) for node in nodes or ()]

    def select(self, node: ast.Expr, parent: Scope | None) -> SelectSql:
        """Print a query, or several joined by UNION and the like. Raises HogQLError with its place."""
        self._enter()
        try:
            return self._print_select(self, node, parent)
        except HogQLError as error:
            raise _place(error, node) from None
        finally:
            self._depth -= 1

    def _scalar(self, node: ast.Expr, scope: Scope) -> Sql:
        """Print a query that stands for a value: of one row and one column, or the list of an IN."""
        printed = self.select(node, scope)
        types = [type_ for _, type_ in printed.columns]
        kind = types[0].with_nullable(True) if len(types) == 1 else SqlType("tuple")
        return Sql(f"({printed.text})", kind)

    def _enter(self) -> None:
        self._nodes += 1
        self._depth += 1
        if self._nodes > MAX_NODES:
            raise HogQLQueryError("The query is too large once its common table expressions are written out.")
        if self._depth > MAX_DEPTH:
            raise HogQLSyntaxError("The query is nested too deeply.")


def _place(error: HogQLError, node: ast.Node) -> HogQLError:
    """Give an error the place of the innermost node that has one."""
    if error.start is None:
        error.start, error.end = node.start, node.end
    return error
