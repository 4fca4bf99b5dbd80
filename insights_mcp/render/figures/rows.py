"""Figures of rows under columns (SQL, events, actors): the chart that was set, else one guessed, else a table."""

from collections.abc import Mapping

from insights_mcp.render.figures.model import Cell, Column, Figure
from insights_mcp.render.figures.sql_charts import Sheet, draw_set_chart, guess_chart, read_sheet
from insights_mcp.render.figures.texts import clean_name, finite
from insights_mcp.render.figures.times import DATE, write_moment
from insights_mcp.render.reports import Result
from insights_mcp.render.tables import cell

_MAX_ROWS = 20
_MAX_COLUMNS = 8
_LONGEST_CELL = 60
# Of a person or an event that stands in a cell whole, the field that tells it best (facts/queries.md 1.9).
_TELLING = ("display_name", "name", "event", "distinct_id", "id", "uuid")


def draw_rows(result: Result, node: Mapping[str, object]) -> Figure | None:
    """Return the figure of rows, None without any."""
    sheet = read_sheet(result)
    if not sheet.rows:
        return None
    if result.kind == "HogQLQuery" or result.columns:
        is_sql = result.kind == "HogQLQuery"
        figure = draw_set_chart(sheet, node) if node.get("kind") == "DataVisualizationNode" else None
        if figure is None and is_sql and node.get("display") in (None, ""):
            figure = guess_chart(sheet)
        if figure is not None:
            return figure
    return draw_table(sheet, has_more=result.has_more)


def draw_table(sheet: Sheet, *, has_more: bool = False) -> Figure:
    """Return the first rows and columns as a table, and a note on the others."""
    places = range(min(_MAX_COLUMNS, len(sheet.names)))
    columns = tuple(Column(sheet.names[place], is_number=sheet.is_number(place)) for place in places)
    rows = tuple(tuple(_cell(row[place]) for place in places) for row in sheet.rows[:_MAX_ROWS])
    notes = []
    if len(sheet.rows) > _MAX_ROWS or has_more:
        total = "more" if has_more else len(sheet.rows)
        notes.append(f"The first {len(rows)} of {total} rows are shown.")
    if len(sheet.names) > _MAX_COLUMNS:
        notes.append(f"The first {_MAX_COLUMNS} of {len(sheet.names)} columns are shown.")
    return Figure("table", columns=columns, rows=rows, notes=tuple(notes))


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return finite(value)
    if isinstance(value, Mapping):
        told = next((value[key] for key in _TELLING if value.get(key) not in (None, "")), None)
        return clean_name(told, _LONGEST_CELL) if told is not None else _cut(cell(value))
    if isinstance(value, str):
        return write_moment(value) if DATE.fullmatch(value) else clean_name(value, _LONGEST_CELL)
    return _cut(cell(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
