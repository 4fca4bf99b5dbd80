"""Lines, areas and slopes: points joined along x."""

from collections.abc import Sequence

from insights_mcp.render.figures.model import Figure, Series
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.axes import known_values, name_colors, place_axis, value_encoding
from insights_mcp.render.vega.goals import draw_goals, goal_values
from insights_mcp.render.vega.stacks import share_encoding, stack_extent
from insights_mcp.render.vega.themes import Spec, Theme

_MOST_POINTS = 45
_DASHED = [5, 4]
PERIODS = ("current period", "previous period")


def draw_lines(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return lines: those of the previous period dashed, and so the way to what is not over yet."""
    values = [*known_values(figure.series), *goal_values(figure)]
    x: Spec = {
        "field": "x",
        "type": "ordinal",
        "sort": None,
        "scale": {"type": "point", "domain": list(figure.labels), "padding": 0.15},
        "axis": place_axis(figure.x, figure.labels, width),
    }
    encoding: Spec = {"x": x, "y": value_encoding(figure.y, values), "color": name_colors(figure, theme, width)}
    has_previous = any(one.role == "previous" for one in figure.series)
    dash: Spec = {"field": "period", "type": "nominal", "scale": {"domain": list(PERIODS), "range": [[1, 0], _DASHED]}}
    dash["legend"] = {"symbolType": "stroke", "symbolStrokeColor": theme.faint} if has_previous else None
    layers: list[Spec] = [
        {
            "transform": [{"filter": "!datum.is_open"}],
            "mark": {"type": "line", "strokeWidth": 2.4, "strokeJoin": "round"},
            "encoding": {"strokeDash": dash, "opacity": _fading(has_previous=has_previous)},
        }
    ]
    if figure.unfinished:
        layers.append(
            {
                "transform": [{"filter": "datum.is_last && datum.period == 'current period'"}],
                "mark": {"type": "line", "strokeWidth": 2.4, "strokeDash": [2, 4]},
            }
        )
    layers.append(_points(figure))
    if figure.drawing == "slope":
        layers += _ends(theme)
    lines: Spec = {"data": {"values": line_rows(figure)}, "encoding": encoding, "layer": layers}
    return {"layer": [lines, *draw_goals(figure, theme)]}


def _fading(*, has_previous: bool) -> Spec:
    if not has_previous:
        return {"value": 1}
    return {
        "field": "period",
        "type": "nominal",
        "scale": {"domain": list(PERIODS), "range": [1, 0.65]},
        "legend": None,
    }


def _points(figure: Figure) -> Spec:
    """Return a dot per point where there are few, and only those without neighbours where there are many."""
    size = 46 if len(figure.labels) <= _MOST_POINTS else 18
    keep = "datum.period == 'current period'" if len(figure.labels) <= _MOST_POINTS else "datum.is_alone"
    hollow = {"condition": {"test": "datum.is_open", "value": 0.45}, "value": 1}
    return {
        "transform": [{"filter": f"isValid(datum.y) && {keep}"}],
        "mark": {"type": "point", "filled": True, "size": size},
        "encoding": {"opacity": hollow},
    }


def _ends(theme: Theme) -> list[Spec]:
    """Return the numbers at both ends of slopes."""
    found: list[Spec] = []
    for test, align, shift in (("datum.i == 0", "right", -10), ("datum.i > 0", "left", 10)):
        found.append(
            {
                "transform": [{"filter": test}],
                "mark": {"type": "text", "align": align, "dx": shift, "color": theme.ink},
                "encoding": {"text": {"field": "told"}, "color": {"value": theme.ink}},
            }
        )
    return found


def line_rows(figure: Figure) -> list[Spec]:
    """Return a row per point. `is_open`: its time is not over; `is_last`: it or its neighbour is so."""
    first_open = len(figure.labels) - figure.unfinished
    rows: list[Spec] = []
    for one in figure.series:
        for i, (label, value) in enumerate(zip(figure.labels, one.values, strict=False)):
            is_current = one.role != "previous"
            row: Spec = {"x": label, "y": value, "name": one.name, "i": i}
            row |= {"period": PERIODS[0] if is_current else PERIODS[1]}
            row |= {"is_open": is_current and i >= first_open, "is_last": is_current and i >= first_open - 1}
            row |= {"is_alone": _is_alone(one, i)}
            if figure.drawing == "slope":
                row["told"] = write_number(value, figure.y.unit)
            rows.append(row)
    return rows


def _is_alone(series: Series, place: int) -> bool:
    around: Sequence[float | None] = series.values[max(0, place - 1) : place + 2]
    return sum(value is not None for value in around) == 1


def draw_areas(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return areas one upon the other, as lines if there is a previous period to tell apart."""
    if any(one.role == "previous" for one in figure.series):
        return draw_lines(figure, theme, width)
    low, high = stack_extent(figure)
    values = [low, high, *goal_values(figure)]
    x: Spec = {
        "field": "x",
        "type": "ordinal",
        "sort": None,
        "scale": {"type": "point", "domain": list(figure.labels), "padding": 0},
        "axis": place_axis(figure.x, figure.labels, width),
    }
    y = value_encoding(figure.y, values)
    rows = [
        {"x": label, "y": value or 0, "name": one.name, "order": order}
        for order, one in enumerate(figure.series)
        for label, value in zip(figure.labels, one.values, strict=False)
    ]
    stack = {"stack": "normalize" if figure.is_share else "zero"}
    y = share_encoding(figure) if figure.is_share else y
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "area", "opacity": 0.75, "line": {"strokeWidth": 1.5}},
            "encoding": {
                "x": x,
                "y": {**y, **stack},
                "color": name_colors(figure, theme, width),
                "order": {"field": "order", "type": "quantitative"},
            },
        }
    ]
    return {"layer": [*layers, *_open_from(figure, x, theme), *draw_goals(figure, theme)]}


def _open_from(figure: Figure, x: Spec, theme: Theme) -> list[Spec]:
    """Return a dotted line after the last place that is over."""
    last_whole = len(figure.labels) - figure.unfinished - 1
    if not figure.unfinished or last_whole < 0:
        return []
    mark = {"type": "rule", "color": theme.ink, "strokeDash": [2, 4]}
    return [{"data": {"values": [{"x": figure.labels[last_whole]}]}, "mark": mark, "encoding": {"x": x}}]
