"""SELECTs around SELECTs, each adding columns to those below.

An alias that is used twice in one SELECT stands there twice for ClickHouse: chains of them grow exponentially. The
columns of a subquery do not, so what builds on itself step by step takes a level per step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import alias, field, from_select


@dataclass(frozen=True)
class Level:
    """A SELECT and the names of its columns."""

    select: ast.SelectQuery
    names: tuple[str, ...]

    def add(self, *columns: ast.Alias) -> "Level":
        """Return a level with more columns; one of a name that exists replaces it."""
        new = [one.alias for one in columns]
        kept = [name for name in self.names if name not in new]
        select = ast.SelectQuery(
            select=[*(alias(name, field(name)) for name in kept), *columns], select_from=from_select(self.select)
        )
        return Level(select, (*kept, *new))

    def only(self, *names: str) -> "Level":
        """Return the same level for what is above it to see these columns alone."""
        return Level(self.select, tuple(name for name in self.names if name in names))


def level_of(select: ast.SelectQuery, names: Sequence[str]) -> Level:
    """Return the lowest level."""
    return Level(select, tuple(names))
