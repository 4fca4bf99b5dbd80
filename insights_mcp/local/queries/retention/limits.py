"""How large a retention table may be, as upstream says it; the codes of its refusals are upstream's."""

from collections.abc import Sequence

from insights_mcp.local.queries.context import QueryError
from insights_mcp.schema.retention import RetentionFilter

MAX_INTERVALS = 100
MAX_ROWS = 10_000
MAX_CELLS = 100_000
MAX_CELLS_OF_ALL_VALUES = 1_000_000


def check_intervals(asked: RetentionFilter, brackets: Sequence[int]) -> None:
    """Refuse numbers of intervals that make no table, or too wide a one. Raises QueryError."""
    if asked.totalIntervals < 0:
        raise QueryError("totalIntervals must not be negative.", attr="retentionFilter")
    if any(size < 1 for size in brackets):
        raise QueryError("The brackets of a retention must be one interval long at least.", attr="retentionFilter")
    if max(asked.totalIntervals, sum(brackets)) > MAX_INTERVALS:
        raise _too_many(f"A retention looks at most {MAX_INTERVALS} intervals ahead. Choose fewer, or a longer period.")


def check_rows(rows: int) -> None:
    """Refuse a table that is too long. Raises QueryError."""
    if rows > MAX_ROWS:
        raise _too_many(
            f"This date range has more than {MAX_ROWS:,} intervals. Choose a shorter range or a longer period."
        )


def check_cells(cells: int, tables: int) -> None:
    """Refuse a table with too many cells, or too many in all the tables of a breakdown. Raises QueryError."""
    if cells > MAX_CELLS:
        raise _too_many(
            f"This retention has {cells:,} cells, more than {MAX_CELLS:,}. Choose a shorter range or fewer intervals."
        )
    if cells * tables > MAX_CELLS_OF_ALL_VALUES:
        raise _too_many(
            f"This breakdown may have {cells * tables:,} cells, more than {MAX_CELLS_OF_ALL_VALUES:,}. "
            "Lower breakdown_limit, or choose a shorter range or fewer intervals."
        )


def _too_many(message: str) -> QueryError:
    return QueryError(message, code="retention_too_many_intervals", attr="retentionFilter")
