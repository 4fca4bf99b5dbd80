"""Values in cells: retention triangles and heat maps."""

from insights_mcp.render.figures.model import Figure, Grid, Unit
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.axes import place_axis
from insights_mcp.render.vega.themes import Spec, Theme, ink_on, mix

# Above that many columns a cell has no room for its number.
_MOST_TOLD = 16


def draw_grid(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return a cell per value, the fuller the colour the more, with its number where it fits."""
    grid = figure.grid or Grid((), (), ())
    labels = _row_labels(grid)
    rows = _cells(figure, grid, labels, theme)
    title = "Cohort (people)" if grid.sizes else None
    encoding: Spec = {
        "x": _band(
            grid.columns, {**place_axis(figure.x, grid.columns, width, may_lean=False), "orient": "top"}, "column"
        ),
        "y": _band(labels, {"title": title, "labelLimit": 220, "grid": False}, "row"),
    }
    tone = {"field": "tone", "type": "nominal", "scale": None}
    cells: Spec = {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": {**encoding, "color": tone}}
    layers = [cells]
    if len(grid.columns) <= _MOST_TOLD:
        ink = {"field": "ink", "type": "nominal", "scale": None}
        layers.append(
            {"mark": {"type": "text"}, "encoding": {**encoding, "text": {"field": "told"}, "color": ink}},
        )
    # The cells bring their colours with them; only the key has a scale.
    apart = {"scale": {"color": "independent"}}
    return {"data": {"values": rows}, "layer": [*layers, *_key(figure, grid, theme)], "resolve": apart}


def _row_labels(grid: Grid) -> list[str]:
    if not grid.sizes:
        return list(grid.rows)
    return [f"{row}  ({write_number(size, Unit())})" for row, size in zip(grid.rows, grid.sizes, strict=True)]


def _band(names: tuple[str, ...] | list[str], axis: Spec, field: str) -> Spec:
    return {
        "field": field,
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": list(names), "paddingInner": 0.04, "paddingOuter": 0},
        "axis": {**axis, "ticks": False, "domain": False},
    }


def _cells(figure: Figure, grid: Grid, labels: list[str], theme: Theme) -> list[Spec]:
    low, high = _extent(figure, grid)
    rows: list[Spec] = []
    for label, values in zip(labels, grid.values, strict=True):
        for column, value in zip(grid.columns, values, strict=True):
            if value is None:
                continue
            tone = mix(theme.ramp, (value - low) / (high - low or 1))
            told = write_number(value, figure.y.unit, is_short=True)
            rows.append({"row": label, "column": column, "told": told, "tone": tone, "ink": ink_on(tone)})
    return rows


def _extent(figure: Figure, grid: Grid) -> tuple[float, float]:
    """Return what the colours reach over: everything but the first column of a retention, which is always full."""
    first = 1 if figure.drawing == "retention" and len(grid.columns) > 1 else 0
    known = [value for values in grid.values for value in values[first:] if value is not None]
    return min(0.0, *known, 0.0), max([*known, 0.0])


def _key(figure: Figure, grid: Grid, theme: Theme) -> list[Spec]:
    """Return the legend of the colours: an unseen layer that carries it."""
    low, high = _extent(figure, grid)
    if low == high:
        return []
    percent = " (%)" if figure.y.unit.kind == "percent" else ""
    title = f"{figure.y.title}{percent}" if figure.y.title else None
    color = {
        "field": "key",
        "type": "quantitative",
        "scale": {"domain": [low, high], "range": list(theme.ramp)},
        "legend": {"title": title, "orient": "bottom", "gradientLength": 220, "format": "~s"},
    }
    rows = [{"key": low}, {"key": high}]
    return [{"data": {"values": rows}, "mark": {"type": "point", "opacity": 0}, "encoding": {"color": color}}]
