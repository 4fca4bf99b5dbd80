"""Colours and type of pictures, light and dark."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from insights_mcp.render.figures.model import Figure, Series

ThemeName = Literal["light", "dark"]
Spec = dict[str, object]

# An encoding of pixels: what is placed by us has no scale and no axis.
PIXEL: Mapping[str, object] = {"type": "quantitative", "scale": None, "axis": None}
# Liberation Sans is inside the renderer; the others are for SVG looked at elsewhere.
_CHARACTER = 6.6
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Theme:
    """One set of colours. `palette` has a colour per series, `ramp` goes from little to much."""

    background: str
    ink: str
    faint: str
    grid: str
    track: str
    other: str
    palette: tuple[str, ...]
    ramp: tuple[str, str]


LIGHT = Theme(
    background="#ffffff",
    ink="#1d2433",
    faint="#5b6475",
    grid="#e4e7ed",
    track="#eef0f4",
    other="#a3aab6",
    palette=(
        "#2f6fde",
        "#e8710a",
        "#0f9d78",
        "#b5379e",
        "#c99700",
        "#6a51c8",
        "#d13f4b",
        "#2d93b5",
        "#7a8b1f",
        "#8c6248",
    ),
    ramp=("#eaf1fd", "#2f6fde"),
)
DARK = Theme(
    background="#171b24",
    ink="#edf0f6",
    faint="#a4adbd",
    grid="#2c3341",
    track="#232a37",
    other="#6f7889",
    palette=(
        "#6ea8ff",
        "#ff9d4d",
        "#3fcfa3",
        "#e483d3",
        "#f0cb4a",
        "#a99bff",
        "#ff7f88",
        "#6cc9e6",
        "#b6cb57",
        "#cfa283",
    ),
    ramp=("#1f2c45", "#6ea8ff"),
)
THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}


def color_of(series: Series, theme: Theme) -> str:
    """Return the colour of a series: grey for what sums up the rest."""
    return theme.other if series.color is None else theme.palette[series.color % len(theme.palette)]


def mix(ramp: Sequence[str], part: float) -> str:
    """Return the colour between two, 0 being the first and 1 the second."""
    part = min(1.0, max(0.0, part))
    low, high = (tuple(int(color[place : place + 2], 16) for place in (1, 3, 5)) for color in ramp)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(low, high, strict=True))


def ink_on(color: str) -> str:
    """Return black or white, whichever reads better on a colour (relative luminance)."""
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return "#10141d" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.22 else "#ffffff"


def frame(figure: Figure, theme: Theme, width: int, height: int) -> Spec:
    """Return what every specification has: size, background, title with notes under it, type and lines."""
    subtitle = subtitle_lines(figure, width)
    spec: Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 16,
        "background": theme.background,
        "config": _config(theme),
    }
    if figure.title or subtitle:
        spec["title"] = {"text": figure.title or " ", **({"subtitle": subtitle} if subtitle else {})}
    return spec


def subtitle_lines(figure: Figure, width: int) -> list[str]:
    """Return the subtitle and the notes, none wider than the picture."""
    most = max(20, int((width - 60) / _CHARACTER))
    return [line for text in (figure.subtitle, *figure.notes) for line in textwrap.wrap(text, most)]


def _config(theme: Theme) -> Spec:
    text = {"labelColor": theme.faint, "titleColor": theme.ink, "labelFontSize": 13, "titleFontSize": 13}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            "gridColor": theme.grid,
            "domainColor": theme.grid,
            "tickColor": theme.grid,
            "titleFontWeight": "normal",
            "titlePadding": 10,
            "labelPadding": 6,
        },
        "axisX": {"grid": False, "labelAngle": 0},
        "legend": {
            **text,
            "orient": "bottom",
            "title": None,
            "titleFontWeight": "normal",
            "symbolType": "circle",
            "rowPadding": 4,
            "offset": 12,
        },
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": theme.ink,
            "subtitleColor": theme.faint,
            "fontSize": 18,
            "subtitleFontSize": 13,
            "subtitlePadding": 6,
            "offset": 14,
        },
        "text": {"color": theme.ink, "fontSize": 13},
    }
