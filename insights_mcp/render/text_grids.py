"""Grids and tables as text: shaded triangles, heat maps, columns."""

from collections.abc import Sequence

from insights_mcp.render.figures.model import Cell, Column, Figure, Grid
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.text_blocks import SHADES, columns_of, cut_quoted, fit, shade

_LABEL = 24
_CELL = 7
_WIDEST_COLUMN = 28
_NARROWEST_COLUMN = 4


def draw_retention(figure: Figure, width: int) -> list[str]:
    """Return the triangle: a shade and a number per cell, as many columns as fit."""
    grid = figure.grid or Grid((), (), ())
    labels = [f"{row} ({write_number(size, figure.x.unit)})" for row, size in zip(grid.rows, grid.sizes, strict=True)]
    label_width = min(_LABEL, max((columns_of(label) for label in labels), default=1))
    shown = max(1, (width - label_width) // (_CELL + 1))
    low, high = _extent(grid, first=1)
    head = " ".join(fit(column, _CELL, is_number=True) for column in grid.columns[:shown])
    lines = [f"{' ' * label_width} {head}"]
    for label, values in zip(labels, grid.values, strict=True):
        cells = [_told_cell(value, low, high, figure) for value in values[:shown]]
        lines.append(f"{fit(label, label_width)} {' '.join(cells)}")
    return [*lines, *_left_out(len(grid.columns) - shown)]


def _told_cell(value: float | None, low: float, high: float, figure: Figure) -> str:
    if value is None:
        return " " * _CELL
    return fit(
        f"{shade((value - low) / ((high - low) or 1))} {write_number(value, figure.y.unit)}", _CELL, is_number=True
    )


def draw_heatmap(figure: Figure, width: int) -> list[str]:
    """Return two columns of shade per cell, and what the shades mean."""
    grid = figure.grid or Grid((), (), ())
    labels = [cut_quoted(row, _LABEL) for row in grid.rows]
    label_width = max((columns_of(label) for label in labels), default=1)
    shown = max(1, (width - label_width - 1) // 2)
    low, high = _extent(grid, first=0)
    lines = [f"{' ' * label_width} {''.join(fit(column, 2) for column in grid.columns[:shown])}"]
    for label, values in zip(labels, grid.values, strict=True):
        cells = ["  " if value is None else shade((value - low) / ((high - low) or 1)) * 2 for value in values[:shown]]
        lines.append(f"{fit(label, label_width)} {''.join(cells)}")
    key = f"{SHADES[0]} {write_number(low, figure.y.unit)} to {SHADES[-1]} {write_number(high, figure.y.unit)}"
    return [*lines, key, *_left_out(len(grid.columns) - shown)]


def _extent(grid: Grid, *, first: int) -> tuple[float, float]:
    """Return what shades reach over: from 0, and without a first column that is always full."""
    start = first if len(grid.columns) > first else 0
    known = [value for values in grid.values for value in values[start:] if value is not None]
    return min([*known, 0.0]), max([*known, 0.0])


def _left_out(count: int) -> list[str]:
    return [f"{count} more columns are left out."] if count > 0 else []


def draw_table(figure: Figure, width: int) -> list[str]:
    """Return header and rows in columns, cells cut where they are too long, columns left out where they do not fit."""
    told = [[_tell(cell, column) for cell, column in zip(row, figure.columns, strict=True)] for row in figure.rows]
    wanted = [
        max(_NARROWEST_COLUMN, min(_WIDEST_COLUMN, max(columns_of(text) for text in (_name(column), *texts))))
        for column, *texts in zip(figure.columns, *told, strict=True)
    ]
    shown = _count_fitting(wanted, width)
    if shown == 1:
        wanted[0] = min(wanted[0], width)
    lines = [_row([_name(column) for column in figure.columns], figure.columns, wanted[:shown])]
    lines.append(" ".join("─" * column for column in wanted[:shown]))
    lines += [_row(row, figure.columns, wanted[:shown]) for row in told]
    return [*lines, *_left_out(len(wanted) - shown)]


def _count_fitting(wanted: Sequence[int], width: int) -> int:
    used = 0
    for place, column in enumerate(wanted):
        used += column + (1 if place else 0)
        if used > width:
            return max(1, place)
    return len(wanted)


def _row(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    return " ".join(
        fit(cell, width, is_number=column.is_number)
        for cell, column, width in zip(cells, columns, widths, strict=False)
    )


def _name(column: Column) -> str:
    return cut_quoted(column.name, _WIDEST_COLUMN)


def _tell(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return write_number(cell, column.unit) if isinstance(cell, int | float) else cut_quoted(cell, _WIDEST_COLUMN)
