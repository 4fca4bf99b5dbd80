"""Pages of rows: how many are asked for, and whether there are more (facts/queries.md 1.9)."""

from dataclasses import dataclass

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql.context import DEFAULT_LIMIT, MAX_LIMIT
from insights_mcp.local.queries.context import QueryError


@dataclass(frozen=True)
class Page:
    """Which rows are asked for. One more than `limit` is fetched, to know whether there are more."""

    limit: int
    offset: int

    @property
    def fetched(self) -> int:
        """How many rows the statement asks for."""
        return self.limit + 1

    def cut(self, rows: Rows) -> list[tuple[object, ...]]:
        """Return the rows of the page."""
        return rows.rows[: self.limit]

    def has_more(self, rows: Rows) -> bool:
        """Return whether there are rows after the page."""
        return len(rows.rows) > self.limit


def read_page(limit: int | None, offset: int | None) -> Page:
    """Return the page of a query's limit and offset. Raises QueryError for numbers below 0."""
    for name, number in (("limit", limit), ("offset", offset)):
        if number is not None and number < 0:
            raise QueryError(f"The {name} must not be negative.", attr=name)
    return Page(min(limit or DEFAULT_LIMIT, MAX_LIMIT), offset or 0)
