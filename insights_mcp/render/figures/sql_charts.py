"""Charts of SQL rows: by the chart settings of a DataVisualizationNode, else by what the columns hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from insights_mcp.render.figures.limits import (
    MAX_CATEGORIES,
    MAX_SLICES,
    Drawn,
    limit_categories,
    limit_points,
    limit_series,
    sum_known,
)
from insights_mcp.render.figures.model import Axis, Drawing, Figure, Grid, Series, Unit
from insights_mcp.render.figures.texts import clean_name, numeric, option, tell_apart
from insights_mcp.render.figures.times import DATE, write_times
from insights_mcp.render.figures.trends import read_goals
from insights_mcp.render.figures.units import read_style
from insights_mcp.render.reading import mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Result

_DRAWINGS: Mapping[str, Drawing] = {
    "ActionsLineGraph": "line",
    "ActionsAreaGraph": "area",
    "ActionsBar": "bar",
    "ActionsStackedBar": "stacked_bar",
    "ActionsPie": "pie",
    "BoldNumber": "number",
    "TwoDimensionalHeatmap": "heatmap",
}
_MAX_CELLS = 40
# A guess: with more columns than this people want to read the rows.
_MOST_GUESSED = 4


@dataclass(frozen=True)
class Sheet:
    """Rows under names, every row as wide as the names."""

    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def column(self, place: int) -> list[object]:
        """Return one column's cells."""
        return [row[place] for row in self.rows]

    def is_number(self, place: int) -> bool:
        """Return whether a column holds numbers and nothing else but nulls."""
        known = [cell for cell in self.column(place) if cell is not None]
        return bool(known) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known)

    def is_date(self, place: int) -> bool:
        """Return whether a column holds dates and nothing else."""
        return all(isinstance(cell, str) and DATE.fullmatch(cell) for cell in self.column(place))

    def place_of(self, name: object) -> int | None:
        """Return where a column stands, None if there is none of that name."""
        wanted = clean_name(name)
        return self.names.index(wanted) if name is not None and wanted in self.names else None


def read_sheet(result: Result) -> Sheet:
    """Return rows of any form as a sheet."""
    first = next(mappings_of(result.results), None)
    rows = [tuple(row.values()) if isinstance(row, Mapping) else tuple(_cells(row)) for row in rows_of(result.results)]
    width = max((len(row) for row in rows), default=0)
    given = [text_of(column) for column in result.columns] or [text_of(key) for key in first or ()]
    names = [*given[:width], *(str(place + 1) for place in range(len(given), width))]
    return Sheet(
        tell_apart([clean_name(name) for name in names]), tuple((*row, *(None,) * (width - len(row))) for row in rows)
    )


def _cells(row: object) -> Sequence[object]:
    return row if isinstance(row, list | tuple) else (row,)


def draw_set_chart(sheet: Sheet, node: Mapping[str, object]) -> Figure | None:
    """Return the chart that a DataVisualizationNode's settings ask for, None for a table or where they do not fit."""
    settings = mapping(node.get("chartSettings"))
    kind = _DRAWINGS.get(option(node, "display"))
    if kind == "heatmap":
        return _draw_heatmap(sheet, mapping(settings.get("heatmap")))
    wanted = list(mappings_of(settings.get("yAxis")))
    ys = [(place, one) for one in wanted if (place := sheet.place_of(one.get("column"))) is not None]
    if not ys:
        ys = [(place, {}) for place in range(len(sheet.names)) if sheet.is_number(place)]
    if kind is None or not ys:
        return None
    if kind == "number":
        return _draw_number(sheet, *ys[0])
    x = sheet.place_of(mapping(settings.get("xAxis")).get("column"))
    if x is None:
        x = next((place for place in range(len(sheet.names)) if place not in {y for y, _ in ys}), None)
    if x is None:
        return None
    split = sheet.place_of(settings.get("seriesBreakdownColumn"))
    figure = _draw_xy(sheet, kind, x, ys, split)
    left = mapping(settings.get("leftYAxisSettings"))
    is_log = option(left, "scale") == "logarithmic"
    return replace(
        figure,
        y=replace(figure.y, scale="log" if is_log else "linear"),
        goals=read_goals(settings),
        is_share=bool(settings.get("stackBars100")) and kind == "stacked_bar",
    )


def guess_chart(sheet: Sheet) -> Figure | None:
    """Return the chart that the columns look like, None where a table says more."""
    numbers = [place for place in range(len(sheet.names)) if sheet.is_number(place)]
    others = [place for place in range(len(sheet.names)) if place not in numbers]
    if not numbers or len(sheet.names) > _MOST_GUESSED:
        return None
    if len(sheet.rows) == 1:
        return _draw_number(sheet, numbers[0], {}) if len(sheet.names) == 1 else None
    ys: list[tuple[int, Mapping[str, object]]] = [(place, {}) for place in numbers]
    dates = [place for place in others if sheet.is_date(place)]
    if len(dates) == 1 and len(others) == 1:
        return _draw_xy(sheet, "line", dates[0], ys, None)
    if len(dates) == 1 and len(others) == 2 and len(numbers) == 1:
        split = next(place for place in others if place not in dates)
        return _draw_xy(sheet, "line", dates[0], ys, split)
    if len(others) == 1 and len(numbers) == 1 and not dates:
        return _draw_categories(sheet, "horizontal_bar", others[0], ys[0])
    return None


def _draw_number(sheet: Sheet, place: int, settings: Mapping[str, object]) -> Figure:
    unit = _unit(settings)
    return Figure(
        "number",
        y=Axis(unit=unit),
        series=(Series(_name(sheet, place, settings), (numeric(sheet.rows[0][place]),), color=0),),
    )


def _unit(settings: Mapping[str, object]) -> Unit:
    return read_style(mapping(mapping(settings.get("settings")).get("formatting")))


def _name(sheet: Sheet, place: int, settings: Mapping[str, object]) -> str:
    return clean_name(option(mapping(mapping(settings.get("settings")).get("display")), "label")) or sheet.names[place]


def _draw_xy(
    sheet: Sheet, kind: Drawing, x: int, ys: Sequence[tuple[int, Mapping[str, object]]], split: int | None
) -> Figure:
    if kind == "pie":
        return _draw_categories(sheet, kind, x, ys[0])
    if not sheet.is_date(x) and kind == "bar" and len(ys) == 1 and split is None:
        return _draw_categories(sheet, "horizontal_bar", x, ys[0])
    keys = list(dict.fromkeys(text_of(cell) for cell in sheet.column(x)))
    is_time = sheet.is_date(x)
    if is_time:
        keys.sort()
    drawn = _spread(sheet, keys, x, ys, split)
    is_stacked = kind in ("area", "stacked_bar")
    kept, notes = limit_series(drawn, can_sum=is_stacked, is_stacked=is_stacked)
    figure = Figure(
        kind,
        x=Axis(sheet.names[x], kind="time" if is_time else "category"),
        y=Axis(_name(sheet, *ys[0]) if len(ys) == 1 else "Value", unit=_unit(ys[0][1])),
        labels=tell_apart(write_times(keys) if is_time else [clean_name(key) or "(none)" for key in keys]),
        times=tuple(keys) if is_time else (),
        series=tuple(one.current for one in kept),
        notes=notes,
    )
    return limit_points(figure)


def _spread(
    sheet: Sheet, keys: Sequence[str], x: int, ys: Sequence[tuple[int, Mapping[str, object]]], split: int | None
) -> list[Drawn]:
    """Return a series per value column, or per value of the column that splits the first of them."""
    places = {key: place for place, key in enumerate(keys)}
    columns: dict[str, list[list[float | None]]] = {}
    for row in sheet.rows:
        for y, settings in ys[:1] if split is not None else ys:
            name = text_of(row[split]) or "(none)" if split is not None else _name(sheet, y, settings)
            cells = columns.setdefault(clean_name(name), [[] for _ in keys])
            cells[places[text_of(row[x])]].append(numeric(row[y]))
    return [
        Drawn(Series(name, tuple(sum_known(cell) for cell in cells), color=place))
        for place, (name, cells) in enumerate(columns.items())
    ]


def _draw_categories(sheet: Sheet, kind: Drawing, x: int, y: tuple[int, Mapping[str, object]]) -> Figure:
    values = tuple(numeric(cell) for cell in sheet.column(y[0]))
    if kind == "pie" and (min((value or 0 for value in values), default=0) < 0 or not any(values)):
        kind = "horizontal_bar"
    labels = tell_apart([clean_name(cell) or "(none)" for cell in sheet.column(x)])
    name = _name(sheet, *y)
    most = MAX_SLICES if kind == "pie" else MAX_CATEGORIES
    kept, series, notes = limit_categories(labels, [Series(name, values, color=0)], most, can_sum=kind == "pie")
    axis = Axis(name, unit=_unit(y[1]))
    return Figure(kind, x=Axis(sheet.names[x], kind="category"), y=axis, labels=kept, series=tuple(series), notes=notes)


def _draw_heatmap(sheet: Sheet, settings: Mapping[str, object]) -> Figure | None:
    x, y, value = (sheet.place_of(settings.get(key)) for key in ("xAxisColumn", "yAxisColumn", "valueColumn"))
    if x is None or y is None or value is None:
        return None
    columns = list(dict.fromkeys(clean_name(cell) for cell in sheet.column(x)))[:_MAX_CELLS]
    rows = list(dict.fromkeys(clean_name(cell) for cell in sheet.column(y)))[:_MAX_CELLS]
    cells = {(clean_name(row[y]), clean_name(row[x])): numeric(row[value]) for row in sheet.rows}
    grid = Grid(
        tuple(rows), tuple(columns), tuple(tuple(cells.get((row, column)) for column in columns) for row in rows)
    )
    return Figure("heatmap", x=Axis(sheet.names[x], kind="category"), y=Axis(sheet.names[value]), grid=grid)
