"""The results of any query kind as a report: one visible registry."""

from collections.abc import Callable, Mapping, Sequence

from insights_mcp.render.flows import report_correlation, report_lifecycle, report_paths, report_stickiness
from insights_mcp.render.funnels import report_funnel
from insights_mcp.render.reading import mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.retention import report_retention
from insights_mcp.render.tables import Plain, Table, cell
from insights_mcp.render.trends import report_trends

KINDS: Mapping[str, Callable[[Result], Report]] = {
    "TrendsQuery": report_trends,
    "FunnelsQuery": report_funnel,
    "RetentionQuery": report_retention,
    "PathsQuery": report_paths,
    "LifecycleQuery": report_lifecycle,
    "StickinessQuery": report_stickiness,
    "FunnelCorrelationQuery": report_correlation,
}

# Of the first row, in the one line that tells of a table.
_TOLD_CELLS = 4
_TOLD_CHARACTERS = 40
# Properties as JSON, stack traces, whole URLs: the beginning tells enough, and one row must not fill the answer.
_LONGEST_CELL = 400


def report_result(result: Result) -> Report:
    """Return what a result says; a kind without a form of its own is told as rows."""
    return KINDS.get(result.kind, report_rows)(result)


def report_rows(result: Result) -> Report:
    """Return rows under their columns: SQL, events, actors, and whatever comes as a list."""
    rows = [[_cut_cell(value) for value in _row(row)] for row in rows_of(result.results)]
    if not rows:
        empty = "No rows." if isinstance(result.results, Sequence) else f"Result: {text_of(result.results) or 'none'}."
        return Report((empty,), is_empty=True)
    first = next(mappings_of(result.results), None)
    columns = [text_of(column) for column in result.columns] or [text_of(key) for key in (first or {})]
    is_nothing = len(rows) == 1 and all(
        value is None or (not isinstance(value, str) and not value) for value in rows[0]
    )
    if len(rows) == 1 and len(rows[0]) == 1:
        return Report((f"{columns[0] if columns else 'value'}: {Table((), rows).lines()[0]}",), is_empty=is_nothing)
    notes = ("More rows match: raise LIMIT or use OFFSET.",) if result.has_more else ()
    plural = "rows" if len(rows) > 1 else "row"
    first_cells = [f"{column} {_short(value)}" for column, value in zip(columns, rows[0], strict=False)]
    return Report(
        (f"{len(rows)} {plural}.",),
        Table(columns or [Plain(str(place + 1)) for place in range(len(rows[0]))], rows),
        notes=notes,
        summary=f"{len(rows)} {plural}; first: {', '.join(first_cells[:_TOLD_CELLS])}.",
        is_empty=is_nothing,
        how_to_get_less="Or select fewer columns, or LIMIT.",
    )


def _cut_cell(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_CELL else value[: _LONGEST_CELL - 1] + "…"
    if isinstance(value, Mapping | list | tuple) and len(text := cell(value)) > _LONGEST_CELL:
        return text[: _LONGEST_CELL - 1] + "…"
    return value


def _short(value: object) -> str:
    return cell(
        value[: _TOLD_CHARACTERS - 1] + "…" if isinstance(value, str) and len(value) > _TOLD_CHARACTERS else value
    )


def _row(row: object) -> Sequence[object]:
    if isinstance(row, Mapping):
        return list(row.values())
    return rows_of(row) or [row]
