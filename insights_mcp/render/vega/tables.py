"""Tables as pictures: text in rows, numbers to the right."""

from collections.abc import Sequence

from insights_mcp.render.figures.model import Cell, Column, Figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.themes import PIXEL, Spec, Theme

_CHARACTER = 7.4
_TALLEST_ROW = 30
_WIDEST = 42
_PADDING = 12


def draw_table(figure: Figure, theme: Theme, width: int, height: int) -> Spec:
    """Return the header, the rows on stripes, and as much of each cell as fits its column."""
    told = [[_tell(cell, column) for cell, column in zip(row, figure.columns, strict=True)] for row in figure.rows]
    widths = _share_widths(figure.columns, told, width)
    row_height = min(_TALLEST_ROW, height / (len(told) + 1))
    cells: list[Spec] = []
    for place, (column, left, wide) in enumerate(_spans(figure.columns, widths)):
        x = left + wide - _PADDING if column.is_number else left + _PADDING
        for number, text in enumerate([column.name, *(row[place] for row in told)]):
            row: Spec = {"px": round(x), "py": round((number + 0.5) * row_height, 1), "told": text}
            cells.append(row | {"limit": max(10, round(wide - 2 * _PADDING)), "column": place, "is_head": number == 0})
    tall = round(row_height * (len(told) + 1))
    return {
        "height": tall,
        "layer": [_stripes(len(told), row_height, width, theme), *_texts(cells, figure, theme, row_height)],
    }


def _tell(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return write_number(cell, column.unit) if isinstance(cell, int | float) else cell


def _share_widths(columns: Sequence[Column], told: Sequence[Sequence[str]], width: float) -> list[float]:
    """Return each column's part of the width, by what is in it."""
    wanted = [
        min(_WIDEST, max(len(column.name), *(len(row[place]) for row in told), 4)) * _CHARACTER + 2 * _PADDING
        for place, column in enumerate(columns)
    ]
    total = sum(wanted)
    return [one * width / total for one in wanted]


def _spans(columns: Sequence[Column], widths: Sequence[float]) -> list[tuple[Column, float, float]]:
    left, found = 0.0, []
    for column, width in zip(columns, widths, strict=True):
        found.append((column, left, width))
        left += width
    return found


def _stripes(count: int, row_height: float, width: float, theme: Theme) -> Spec:
    rows = [
        {"left": 0, "right": width, "top": round(number * row_height, 1), "bottom": round((number + 1) * row_height, 1)}
        for number in range(0, count + 1, 2)
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", "color": theme.track},
        "encoding": {
            "x": {"field": "left", **PIXEL},
            "x2": {"field": "right"},
            "y": {"field": "top", **PIXEL},
            "y2": {"field": "bottom"},
        },
    }


def _texts(cells: Sequence[Spec], figure: Figure, theme: Theme, row_height: float) -> list[Spec]:
    """Return the texts, a layer per column and weight: alignment and limit belong to a mark."""
    layers: list[Spec] = []
    for place, column in enumerate(figure.columns):
        for is_head in (True, False):
            rows = [cell for cell in cells if cell["column"] == place and cell["is_head"] == is_head]
            mark = {
                "type": "text",
                "align": "right" if column.is_number else "left",
                "baseline": "middle",
                "fontSize": max(8, min(13, round(row_height * 0.55))),
                "fontWeight": "bold" if is_head else "normal",
                "limit": rows[0]["limit"] if rows else 100,
                "color": theme.ink,
            }
            encoding = {"x": {"field": "px", **PIXEL}, "y": {"field": "py", **PIXEL}, "text": {"field": "told"}}
            layers.append({"data": {"values": rows}, "mark": mark, "encoding": encoding})
    return layers
