"""Figures of the trends that have results of a shape of their own: calendar heat maps and box plots."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.figures.limits import MAX_POINTS
from insights_mcp.render.figures.model import Axis, Box, Figure, Grid
from insights_mcp.render.figures.texts import clean_name, finite, tell_apart
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.reading import amount, mappings_of, text_of

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_HOURS = tuple(f"{hour:02}" for hour in range(24))
# A box needs some ten pixels to be read as one.
_MAX_BOXES = min(60, MAX_POINTS)


def draw_calendar(found: Mapping[str, object]) -> Figure | None:
    """Return weekdays by hours: cells are `{row, column, value}`, row 0 being Sunday."""
    cells: dict[tuple[int, int], float] = {}
    for cell in mappings_of(found.get("data")):
        row, column, value = cell.get("row"), cell.get("column"), finite(cell.get("value"))
        if isinstance(row, int) and isinstance(column, int) and value is not None:
            cells[row % 7, column % 24] = value
    if not cells:
        return None
    order = (1, 2, 3, 4, 5, 6, 0)
    values = tuple(tuple(cells.get((row, hour), 0.0) for hour in range(24)) for row in order)
    return Figure(
        "heatmap",
        x=Axis("Hour", kind="category"),
        y=Axis("Count"),
        grid=Grid(tuple(_WEEKDAYS[row] for row in order), _HOURS, values),
    )


def draw_boxes(rows: Sequence[Mapping[str, object]]) -> Figure:
    """Return a box per row of minimum, quartiles and maximum."""
    days = [
        text_of(row.get("day") or row.get("date") or row.get("label") or place + 1) for place, row in enumerate(rows)
    ]
    names = tell_apart([clean_name(day) for day in write_times(days)])
    boxes = tuple(replace(_box(row), name=name) for row, name in zip(rows, names, strict=True))[-_MAX_BOXES:]
    return Figure("box", x=Axis("Day", kind="category"), y=Axis("Value"), boxes=boxes)


def _box(row: Mapping[str, object]) -> Box:
    low, q1, median, q3, high = (amount(row.get(key)) for key in ("min", "p25", "median", "p75", "max"))
    return Box("", low, q1, median, q3, high, finite(row.get("mean")))
