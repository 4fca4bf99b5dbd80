"""Bars over time: side by side, stacked, lifecycles, histograms."""

from insights_mcp.render.figures.model import Figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.axes import known_values, name_colors, place_axis, value_encoding
from insights_mcp.render.vega.goals import draw_goals, goal_values
from insights_mcp.render.vega.lines import PERIODS
from insights_mcp.render.vega.stacks import share_encoding, stack_extent
from insights_mcp.render.vega.themes import Spec, Theme

_STACKED = {"stacked_bar", "lifecycle"}
# Up to here the number over each bar can be read.
_MOST_TOLD = 16


def draw_bars(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return bars at each place along x; those of the previous period and of what is not over yet are pale."""
    is_stacked = figure.drawing in _STACKED
    extent = list(stack_extent(figure)) if is_stacked else known_values(figure.series)
    y = share_encoding(figure) if figure.is_share else value_encoding(figure.y, [*extent, *goal_values(figure)])
    encoding: Spec = {
        "x": _places(figure, width),
        "y": {**y, "stack": ("normalize" if figure.is_share else "zero") if is_stacked else None},
        "color": name_colors(figure, theme, width),
        "opacity": _opacity(figure, theme),
        "order": {"field": "order", "type": "quantitative"},
        **_offset(figure),
    }
    bars: Spec = {"mark": {"type": "bar", "cornerRadiusEnd": 0 if is_stacked else 2}, "encoding": encoding}
    layers = [bars, *_zero_line(figure, theme), *_numbers(figure, theme, encoding), *draw_goals(figure, theme)]
    return {"data": {"values": _rows(figure)}, "layer": layers}


def _places(figure: Figure, width: int) -> Spec:
    padding = 0.08 if figure.drawing == "histogram" else 0.22
    return {
        "field": "x",
        "type": "ordinal",
        "sort": None,
        "scale": {"type": "band", "domain": list(figure.labels), "paddingInner": padding, "paddingOuter": padding / 2},
        "axis": {**place_axis(figure.x, figure.labels, width), "ticks": False},
    }


def _rows(figure: Figure) -> list[Spec]:
    first_open = len(figure.labels) - figure.unfinished
    return [
        {
            "x": label,
            "y": value,
            "name": one.name if one.role != "previous" else _owner(figure, order),
            "period": PERIODS[one.role == "previous"],
            "lane": _lane(figure, order),
            "order": order,
            "is_open": one.role != "previous" and place >= first_open,
            "told": write_number(value, figure.y.unit, is_short=True),
        }
        for order, one in enumerate(figure.series)
        for place, (label, value) in enumerate(zip(figure.labels, one.values, strict=False))
    ]


def _owner(figure: Figure, place: int) -> str:
    """Return the name of the series that a previous period belongs to: the one before it."""
    return next((one.name for one in reversed(figure.series[:place]) if one.role != "previous"), "")


def _lane(figure: Figure, place: int) -> int:
    """Return which of the bars at one place this is: stacks have one per period, others one per series."""
    if figure.drawing in _STACKED:
        return 0 if figure.series[place].role == "previous" else 1
    if not any(one.role == "previous" for one in figure.series):
        return place
    # The earlier period stands before the later one.
    return place + 1 if figure.series[place].role != "previous" else place - 1


def _offset(figure: Figure) -> Spec:
    lanes = sorted({_lane(figure, place) for place in range(len(figure.series))})
    if len(lanes) < 2:
        return {}
    scale = {"domain": lanes, "paddingInner": 0.06}
    return {"xOffset": {"field": "lane", "type": "ordinal", "sort": None, "scale": scale}}


def _opacity(figure: Figure, theme: Theme) -> Spec:
    if any(one.role == "previous" for one in figure.series):
        return {
            "field": "period",
            "type": "nominal",
            "scale": {"domain": list(PERIODS), "range": [1, 0.45]},
            "legend": {"symbolType": "square", "symbolFillColor": theme.faint},
        }
    return {"condition": {"test": "datum.is_open", "value": 0.5}, "value": 1}


def _zero_line(figure: Figure, theme: Theme) -> list[Spec]:
    if not any(value < 0 for value in known_values(figure.series)):
        return []
    return [{"data": {"values": [{}]}, "mark": {"type": "rule", "color": theme.faint}, "encoding": {"y": {"datum": 0}}}]


def _numbers(figure: Figure, theme: Theme, encoding: Spec) -> list[Spec]:
    """Return the number over each bar where there are few bars."""
    if figure.drawing in _STACKED or len(figure.labels) * len(figure.series) > _MOST_TOLD:
        return []
    kept: Spec = {key: encoding[key] for key in ("x", "y", "xOffset") if key in encoding}
    return [
        {
            "transform": [{"filter": "isValid(datum.y)"}],
            "mark": {"type": "text", "dy": {"expr": "datum.y < 0 ? 11 : -9"}, "color": theme.ink},
            "encoding": kept | {"text": {"field": "told"}},
        }
    ]
