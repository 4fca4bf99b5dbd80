"""Rows of tiles on a dashboard's grid of twelve columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS = 12
_NUMBERS_IN_A_ROW = 4
_CHARTS_IN_A_ROW = 2
_HEIGHTS = {"number": 3, "chart": 5, "wide": 7}
# A text takes a row of the grid for about so many characters at full width, and one to begin with.
_CHARACTERS_PER_ROW = 250
_WIDE_KINDS = frozenset({"RetentionQuery", "PathsQuery"})
_NUMBERS = frozenset({"BoldNumber", "Metric"})

Box = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Cell:
    """A tile in a row. Without a width it shares what the others leave."""

    name: str
    width: int | None = None


@dataclass(frozen=True)
class Shape:
    """What a tile shows, as far as its size goes: `number`, `chart`, `wide` or `text`."""

    kind: str
    text: str = ""

    @property
    def height(self) -> int:
        """Return how many grid rows it takes."""
        if self.kind == "text":
            return 1 + max(1, self.text.count("\n") // 2 + len(self.text) // _CHARACTERS_PER_ROW)
        return _HEIGHTS[self.kind]


def shape_of_query(source: Mapping[str, object], display: object) -> Shape:
    """Return the shape of an insight by its query and display."""
    if display in _NUMBERS:
        return Shape("number")
    return Shape("wide" if source.get("kind") in _WIDE_KINDS else "chart")


def arrange(names: Sequence[str], shapes: Mapping[str, Shape]) -> list[list[Cell]]:
    """Return rows for tiles in the order given: texts alone, numbers four to a row, charts two."""
    rows: list[list[Cell]] = []
    previous = ""
    for name in names:
        kind = "number" if shapes[name].kind == "number" else "text" if shapes[name].kind == "text" else "chart"
        room = {"number": _NUMBERS_IN_A_ROW, "chart": _CHARTS_IN_A_ROW, "text": 1}[kind]
        if rows and kind == previous and len(rows[-1]) < room:
            rows[-1].append(Cell(name))
        else:
            rows.append([Cell(name)])
        previous = kind
    return rows


def lay_out(rows: Sequence[Sequence[Cell]], shapes: Mapping[str, Shape], *, top: int = 0) -> dict[str, Box]:
    """Return each tile's place: on the wide grid (`sm`), and one below the other on a phone (`xs`)."""
    boxes: dict[str, Box] = {}
    y, phone_y = top, top
    for row in rows:
        height, x = max(shapes[cell.name].height for cell in row), 0
        for cell, width in zip(row, _widths(row), strict=True):
            wide = {"x": x, "y": y, "w": width, "h": height}
            boxes[cell.name] = {"sm": wide, "xs": {"x": 0, "y": phone_y, "w": 1, "h": height}}
            x, phone_y = x + width, phone_y + height
        y += height
    return boxes


def bottom_of(layouts: Sequence[Mapping[str, object]]) -> int:
    """Return the first free row below tiles that are there."""
    ends = [0]
    for layout in layouts:
        wide = layout.get("sm")
        if isinstance(wide, Mapping):
            y, h = wide.get("y"), wide.get("h")
            ends.append((int(y) if isinstance(y, int | float) else 0) + (int(h) if isinstance(h, int | float) else 0))
    return max(ends)


def check_row(row: Sequence[Cell]) -> str | None:
    """Return what is wrong with a row's widths, None when it fits."""
    free = [cell for cell in row if cell.width is None]
    taken = sum(cell.width or 0 for cell in row)
    if taken + len(free) > COLUMNS:
        return f"is wider than {COLUMNS} columns"
    return None


def _widths(row: Sequence[Cell]) -> list[int]:
    free = [cell for cell in row if cell.width is None]
    left = COLUMNS - sum(cell.width or 0 for cell in row)
    each, more = divmod(left, len(free)) if free else (0, 0)
    widths: list[int] = []
    for cell in row:
        if cell.width is not None:
            widths.append(cell.width)
            continue
        widths.append(each + (1 if more > 0 else 0))
        more -= 1
    return widths
