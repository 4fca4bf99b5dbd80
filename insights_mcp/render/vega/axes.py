"""Axes, scales and legends: numbers in their unit, places along x, names by colour."""

import math
from collections.abc import Sequence

from insights_mcp.render.figures.model import Axis, Figure, Series, Unit
from insights_mcp.render.vega.themes import Spec, Theme, color_of

# Room for this many labels along x is fine at any width we draw; how many fit is reckoned by their length.
_CHARACTER = 7.2
_TICKS = 6
# Steps that people count time in, in seconds.
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800)
_DAY = 86400
# Steps between hours that keep to the same times of each day.
_HOURS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336)
_DURATION_LABEL = (
    "datum.value == 0 ? '0s' : abs(datum.value) >= 86400 ? format(datum.value/86400, '~r') + 'd' : "
    "abs(datum.value) >= 3600 ? format(datum.value/3600, '~r') + 'h' : "
    "abs(datum.value) >= 60 ? format(datum.value/60, '~r') + 'm' : format(datum.value, '~r') + 's'"
)
_LETTERS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "K"))


def known_values(series: Sequence[Series]) -> list[float]:
    """Return every number of the series."""
    return [value for one in series for value in one.values if value is not None]


def value_axis(axis: Axis, low: float, high: float) -> Spec:
    """Return the axis of numbers from `low` to `high` in their unit."""
    spec: Spec = {"title": axis.title or None, "tickCount": _TICKS, "grid": True, "domain": False, "ticks": False}
    if axis.unit.kind == "duration":
        spec |= {"labelExpr": _DURATION_LABEL}
        if axis.scale == "linear":
            spec["values"] = _time_ticks(low, high)
        return spec
    divisor = _divisor(axis, low, high)[0]
    if axis.scale == "log":
        spec["values"] = _log_ticks(low, high)
    written = f"format(datum.value/{divisor:.0f}, '{_format(axis.unit, divisor)}')"
    return spec | {"labelExpr": f"datum.value == 0 ? '0' : {written}" if divisor > 1 else written}


def _format(unit: Unit, divisor: float) -> str:
    if unit.kind == "currency" and divisor == 1 and unit.decimals:
        return f"$,.{min(unit.decimals, 6)}f"
    return "$,~r"


def _divisor(axis: Axis, low: float, high: float) -> tuple[float, str]:
    """Return what numbers are divided by to be short, and the letter that says so."""
    if axis.unit.kind == "percent":
        return 1, "%"
    size = 0 if axis.scale == "log" else max(abs(low), abs(high))
    return next(((least if least != 1e4 else 1e3, letter) for least, letter in _LETTERS if size >= least), (1, ""))


def locale(axis: Axis, low: float, high: float) -> Spec:
    """Return the number locale that writes an axis' unit: prefix and postfix are its currency signs."""
    signs = [axis.unit.prefix, _divisor(axis, low, high)[1] + axis.unit.postfix]
    return {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": signs}}


def _time_ticks(low: float, high: float) -> list[float]:
    span = max(high, 0) - min(low, 0)
    step = next((step for step in _TIME_STEPS if span / step <= _TICKS), 0)
    if not step:
        step = _DAY * 10 ** math.floor(math.log10(span / _DAY / _TICKS))
        step = next(step * factor for factor in (1, 2, 5, 10, 20) if span / (step * factor) <= _TICKS)
    first = math.floor(min(low, 0) / step)
    return [step * place for place in range(first, math.ceil(max(high, 0) / step) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten that are reached, and 0 where values reach it."""
    sizes = [abs(end) for end in (low, high) if end]
    exponents = range(math.floor(math.log10(min(sizes, default=1))), math.ceil(math.log10(max(sizes, default=1))) + 1)
    powers = [10.0**exponent for exponent in exponents]
    ticks = [-power for power in reversed(powers)] if low < 0 else []
    return [*ticks, *([0.0] if low <= 0 else []), *powers]


def value_scale(axis: Axis, values: Sequence[float]) -> Spec:
    """Return the scale of numbers: from zero, and of some height even when all are zero."""
    if axis.scale == "log" and values:
        return {"type": "log" if min(values) > 0 else "symlog", "nice": True}
    if not any(values):
        return {"domain": [0, 1], "nice": False}
    # Numbers beside what is below zero need room before the axis.
    return {"zero": True, "nice": True, **({"padding": 18} if min(values) < 0 else {})}


def value_encoding(axis: Axis, values: Sequence[float]) -> Spec:
    """Return the encoding of field `y` as numbers in their unit."""
    low, high = min(values, default=0), max(values, default=0)
    spec = value_axis(axis, low, high)
    if axis.unit.kind == "number" and all(float(value).is_integer() for value in values):
        spec["tickMinStep"] = 1
    if not any(values):
        spec |= {"values": [0], "tickCount": 1}
    return {"field": "y", "type": "quantitative", "axis": spec, "scale": value_scale(axis, values)}


def place_axis(axis: Axis, labels: Sequence[str], width: int, *, may_lean: bool = True) -> Spec:
    """Return the axis of places along x: as many labels as fit, the first always; those of categories may lean."""
    longest = max((len(label) for label in labels), default=1)
    room = max(width - 120, 100)
    fits = max(2, int(room / (min(longest, 24) * _CHARACTER + 14)))
    step, first = _even_step(labels, max(1, math.ceil(len(labels) / fits)))
    spec: Spec = {
        "title": axis.title or None,
        "values": list(labels[first::step]),
        "labelLimit": 170,
        "labelOverlap": False,
    }
    if may_lean and axis.kind == "category" and step > 1 and len(labels) <= 40:
        spec |= {"values": list(labels), "labelAngle": -40, "labelAlign": "right"}
    return spec


def _even_step(labels: Sequence[str], step: int) -> tuple[int, int]:
    """Return every how many labels one is shown, and the first that is: of hours those that divide the day."""
    midnight = next((place for place, label in enumerate(labels) if label.endswith(" 00:00")), None)
    if midnight is None or not all(label.endswith(":00") for label in labels):
        return step, 0
    even = next((hours for hours in _HOURS if hours >= step), step)
    return even, midnight % even


def name_colors(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return the encoding of field `name` as colour, with a legend."""
    series = [one for one in figure.series if one.role != "previous"]
    names = [one.name for one in series]
    spec: Spec = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": names, "range": [color_of(one, theme) for one in series]},
    }
    return spec | {"legend": legend(names, width)}


def legend(names: Sequence[str], width: int) -> Spec:
    """Return a legend below the picture, in as many columns as fit."""
    longest = min(40, max((len(name) for name in names), default=1))
    columns = max(1, min(len(names) or 1, int((width - 60) / (longest * _CHARACTER + 34))))
    return {"columns": columns, "labelLimit": 40 * _CHARACTER, "columnPadding": 18}
