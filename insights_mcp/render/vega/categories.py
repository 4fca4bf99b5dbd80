"""Bars from left to right: categories, countries, and the steps of funnels."""

import textwrap
from collections.abc import Sequence

from insights_mcp.render.figures.model import Figure, Series
from insights_mcp.render.figures.texts import tell_apart
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.numbers import duration, share
from insights_mcp.render.vega.axes import known_values, legend, value_encoding
from insights_mcp.render.vega.lines import PERIODS
from insights_mcp.render.vega.themes import Spec, Theme, color_of, mix

_LABEL_LIMIT = 260
_LINE = 38
# The longest number beside a bar, as a part of the scale.
_ROOM = 0.16
_FUNNEL_ROOM = 0.34


def draw_categories(figure: Figure, theme: Theme) -> Spec:
    """Return a bar per category with its number at the end; a map's bars are the darker the longer."""
    values, labels = known_values(figure.series), _wrap(figure.labels)
    has_previous = any(one.role == "previous" for one in figure.series)
    rows = [
        {
            "x": label,
            "y": value,
            "period": PERIODS[one.role == "previous"],
            "told": write_number(value, figure.y.unit),
            "tone": _tone(figure, theme, label, value),
        }
        for one in figure.series
        for label, value in zip(labels, one.values, strict=False)
    ]
    base: Spec = {"y": _categories(labels, figure.x.title), "x": _along(figure, values, _ROOM)}
    if has_previous:
        base["yOffset"] = {"field": "period", "type": "nominal", "sort": None, "scale": {"domain": list(PERIODS)}}
    fade: Spec = {"value": 1}
    if has_previous:
        fade = {
            "field": "period",
            "type": "nominal",
            "scale": {"domain": list(PERIODS), "range": [1, 0.45]},
            "legend": {"symbolType": "square", "symbolFillColor": theme.faint},
        }
    color = {"field": "tone", "type": "nominal", "scale": None}
    bar: Spec = {"mark": {"type": "bar", "cornerRadiusEnd": 3}, "encoding": {**base, "color": color, "opacity": fade}}
    return {"data": {"values": rows}, "layer": [bar, *_tell(base, theme)]}


def _tone(figure: Figure, theme: Theme, label: str, value: float | None) -> str:
    if figure.drawing == "map":
        most = max(known_values(figure.series), default=0)
        return mix(theme.ramp, 0.3 + 0.7 * (value or 0) / most) if most > 0 else theme.ramp[1]
    if label == figure.labels[-1] and label == "Other":
        return theme.other
    return theme.palette[0] if (value or 0) >= 0 else theme.palette[6]


def _wrap(labels: Sequence[str]) -> tuple[str, ...]:
    """Return long names on two lines, broken between words where there are any; no two are the same."""
    return tell_apart(["\n".join(textwrap.wrap(label, _LINE, max_lines=2, placeholder="…")) for label in labels])


def _categories(labels: Sequence[str], title: str) -> Spec:
    return {
        "field": "x",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": list(labels), "paddingInner": 0.25, "paddingOuter": 0.15},
        "axis": {
            "title": title or None,
            "labelLimit": _LABEL_LIMIT,
            "labelExpr": "split(datum.label, '\\n')",
            "ticks": False,
            "domain": False,
            "grid": False,
        },
    }


def _along(figure: Figure, values: Sequence[float], room: float) -> Spec:
    """Return numbers along x, with room for text at the end of the longest bars."""
    spec = value_encoding(figure.y, values)
    low, high = min([0.0, *values]), max([0.0, *values])
    if high > low and figure.y.scale == "linear":
        span = high - low
        left = low - span * room if low < 0 else 0
        spec["scale"] = {"domain": [left, high + span * room if high > 0 else 0], "nice": False}
    axis = spec["axis"]
    return {**spec, "axis": {**(axis if isinstance(axis, dict) else {}), "titleAlign": "center"}}


def _tell(base: Spec, theme: Theme) -> list[Spec]:
    """Return the text beside each bar: to the right, or to the left of what is below zero."""
    sides = (("isValid(datum.y) && datum.y >= 0", "left", 7), ("datum.y < 0", "right", -7))
    return [
        {
            "transform": [{"filter": test}],
            "mark": {"type": "text", "align": align, "baseline": "middle", "dx": shift, "color": theme.ink},
            "encoding": {**base, "text": {"field": "told"}},
        }
        for test, align, shift in sides
    ]


def draw_funnel(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return a bar per step and series on a track as long as the first step, with what got there and how fast."""
    labels = _wrap(figure.labels)
    rows = [row for lane, one in enumerate(figure.series) for row in _step_rows(figure, labels, one, lane)]
    most = max(known_values(figure.series), default=0)
    base: Spec = {"y": _categories(labels, ""), "x": _along(figure, [0, most], _FUNNEL_ROOM)}
    if len(figure.series) > 1:
        scale = {"domain": list(range(len(figure.series))), "paddingInner": 0.12}
        base["yOffset"] = {"field": "lane", "type": "ordinal", "sort": None, "scale": scale}
    names = [_name(one) for one in figure.series]
    color: Spec = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": names, "range": [_tone_of(one, theme) for one in figure.series]},
        "legend": legend(names, width) if len(names) > 1 else None,
    }
    track = {**base, "x": {"field": "first", "type": "quantitative"}}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": theme.track, "cornerRadiusEnd": 3}, "encoding": track},
        {"mark": {"type": "bar", "cornerRadiusEnd": 3}, "encoding": {**base, "color": color}},
        *_tell(base, theme),
    ]
    return {"data": {"values": rows}, "layer": layers}


def _name(series: Series) -> str:
    return f"{series.name}, {PERIODS[1]}" if series.role == "previous" else series.name


def _tone_of(series: Series, theme: Theme) -> str:
    """Return the colour of a funnel; its previous period is half way to the background."""
    color = color_of(series, theme)
    return mix((color, theme.background), 0.5) if series.role == "previous" else color


def _step_rows(figure: Figure, labels: Sequence[str], series: Series, lane: int) -> list[Spec]:
    first = series.values[0] if series.values else None
    rows: list[Spec] = []
    for place, (label, value) in enumerate(zip(labels, series.values, strict=False)):
        told = f"{write_number(value, figure.y.unit)} · {share(value or 0, first or 0)}"
        before = series.values[place - 1] if place else None
        if place > 1 and before:
            told += f" ({share(value or 0, before)} of step {place})"
        seconds = series.seconds[place] if place < len(series.seconds) else None
        if seconds is not None and len(figure.series) < 3:
            told += f" · {duration(seconds)}"
        rows.append({"x": label, "y": value, "first": first, "lane": lane, "name": _name(series), "told": told})
    return rows
