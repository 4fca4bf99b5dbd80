"""Units of numbers: what the query's settings say of them, and a number written in its unit."""

from collections.abc import Mapping
from dataclasses import replace

from insights_mcp.render import units
from insights_mcp.render.figures.limits import Drawn
from insights_mcp.render.figures.model import Series, Unit, UnitKind
from insights_mcp.render.figures.texts import clean_name, option
from insights_mcp.render.numbers import duration

_KINDS: Mapping[str, UnitKind] = {"percent": "percent", "duration": "duration", "currency": "currency"}
_LONGEST_FIX = 12
_MOST_DECIMALS = 6
_SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
PERCENT = Unit("percent")
SECONDS = Unit("duration")


def read_unit(options: Mapping[str, object]) -> tuple[Unit, float]:
    """Return the unit a trendsFilter gives its numbers, and the factor that brings them into it."""
    given = units.read_unit(options)
    decimals = _read_decimals(options.get("decimalPlaces"))
    return Unit(_KINDS.get(given.kind, "number"), given.prefix, given.postfix, decimals), given.factor


def _read_decimals(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, min(_MOST_DECIMALS, round(value)))


def scale_drawn(drawn: Drawn, factor: float) -> Drawn:
    """Return what is drawn with its numbers multiplied."""
    if factor == 1:
        return drawn
    return Drawn(_scale_series(drawn.current, factor), drawn.previous and _scale_series(drawn.previous, factor))


def _scale_series(series: Series, factor: float) -> Series:
    return replace(series, values=_scale(series.values, factor), trail=_scale(series.trail, factor))


def _scale(values: tuple[float | None, ...], factor: float) -> tuple[float | None, ...]:
    return tuple(None if value is None else value * factor for value in values)


def write_number(value: float | None, unit: Unit, *, is_short: bool = False) -> str:
    """Return a number in its unit as people read it: 1,234.5 or, short, 1.2K; 12.5%; 3m 20s; `-` for None."""
    if value is None:
        return "-"
    if unit.kind == "duration":
        text = f"{'-' if value < 0 else ''}{_duration(abs(value))}"
    else:
        text = _digits(value, unit, is_short=is_short) + ("%" if unit.kind == "percent" else "")
    return f"{unit.prefix}{text}{unit.postfix}"


def _duration(seconds: float) -> str:
    if seconds and seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    return f"{seconds:.1f}s".replace(".0s", "s") if seconds < 10 else duration(seconds)


def _digits(value: float, unit: Unit, *, is_short: bool) -> str:
    size = abs(value)
    if is_short:
        for least, letter in _SIZES:
            if size >= least * 0.9995:
                return f"{value / least:.3g}{letter}"
    if unit.decimals is not None:
        return f"{value:,.{unit.decimals}f}"
    if unit.kind == "currency":
        return f"{value:,.2f}".removesuffix(".00")
    if unit.kind == "percent" and (size >= 0.1 or not size):
        return f"{value:,.1f}".removesuffix(".0")
    if size >= 100 or float(value).is_integer():
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:.2f}".rstrip("0").rstrip(".") if size >= 1 else f"{value:.3g}"


def read_style(formatting: Mapping[str, object]) -> Unit:
    """Return the unit that a SQL chart's column formatting gives (DataVisualizationNode.chartSettings)."""
    kind: UnitKind = "percent" if option(formatting, "style") == "percent" else "number"
    prefix, postfix = (clean_name(option(formatting, key), _LONGEST_FIX) for key in ("prefix", "suffix"))
    return Unit(kind, prefix, postfix, _read_decimals(formatting.get("decimalPlaces")))
