"""Figures of one value per series: a number, bars, a pie, a map, a table (facts/queries.md 1.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.figures.countries import name_country
from insights_mcp.render.figures.limits import MAX_CATEGORIES, MAX_SLICES, Drawn, limit_categories
from insights_mcp.render.figures.model import Axis, Cell, Column, Drawing, Figure, Series
from insights_mcp.render.numbers import change

_DRAWINGS: Mapping[str, Drawing] = {
    "BoldNumber": "number",
    "Metric": "number",
    "ActionsPie": "pie",
    "ActionsDonut": "donut",
    "ActionsProportionBar": "proportion",
    "ActionsTable": "table",
    "WorldMap": "map",
}
_SLICED = {"pie", "donut", "proportion"}
_MAX_NUMBERS = 4
_MAX_ROWS = 20


def draw_totals(drawn: Sequence[Drawn], display: str, y: Axis, *, can_sum: bool) -> Figure:
    """Return the figure of totals in the display that was asked for, bars if it cannot show them."""
    kind = _DRAWINGS.get(display, "horizontal_bar")
    if kind == "number" and len(drawn) <= _MAX_NUMBERS:
        return draw_numbers(drawn, y)
    if kind == "table":
        return _draw_table(drawn, y)
    return _draw_categories(drawn, _drawable(kind, drawn), y, can_sum=can_sum)


def draw_numbers(drawn: Sequence[Drawn], y: Axis) -> Figure:
    """Return up to four numbers, each beside the one before."""
    series = [one for pair in drawn[:_MAX_NUMBERS] for one in (pair.current, pair.previous) if one]
    return Figure("number", y=y, series=tuple(series))


def _drawable(kind: Drawing, drawn: Sequence[Drawn]) -> Drawing:
    """Return bars in place of slices that cannot be: negative ones, or none."""
    values = [one.current.values[0] or 0 for one in drawn]
    if kind == "number" or (kind in _SLICED and (min(values) < 0 or not any(values))):
        return "horizontal_bar"
    return kind


def _draw_categories(drawn: Sequence[Drawn], kind: Drawing, y: Axis, *, can_sum: bool) -> Figure:
    labels = [one.current.name for one in drawn]
    columns = [Series("Current", tuple(one.current.values[0] for one in drawn), color=0)]
    if any(one.previous for one in drawn) and kind == "horizontal_bar":
        before = tuple(one.previous.values[0] if one.previous else None for one in drawn)
        columns.append(Series("Previous", before, color=0, role="previous"))
    most = MAX_SLICES if kind in _SLICED else MAX_CATEGORIES
    remainder = next((place for place, one in enumerate(drawn) if one.current.role == "other"), None)
    labels_kept, series, notes = limit_categories(
        labels, columns, most, can_sum=can_sum or kind in _SLICED, remainder=remainder
    )
    if kind == "map":
        labels_kept = tuple(name_country(label) for label in labels_kept)
    if len(series) == 1:
        series = [replace(series[0], name=y.title or "Value")]
    return Figure(kind, x=Axis(kind="category"), y=y, labels=labels_kept, series=tuple(series), notes=notes)


def _draw_table(drawn: Sequence[Drawn], y: Axis) -> Figure:
    has_previous = any(one.previous for one in drawn)
    columns = [Column("Series"), Column(y.title or "Value", is_number=True, unit=y.unit)]
    if has_previous:
        columns += [Column("Previous", is_number=True, unit=y.unit), Column("Change", is_number=True)]
    rows: list[tuple[Cell, ...]] = []
    for one in sorted(drawn, key=lambda one: -(one.current.values[0] or 0))[:_MAX_ROWS]:
        now = one.current.values[0]
        row: tuple[Cell, ...] = (one.current.name, now)
        if has_previous:
            before = one.previous.values[0] if one.previous else None
            row = (*row, before, change(now or 0, before or 0))
        rows.append(row)
    left_out = len(drawn) - len(rows)
    notes = (f"{left_out} more rows are left out.",) if left_out else ()
    return Figure("table", y=y, columns=tuple(columns), rows=tuple(rows), notes=notes)
