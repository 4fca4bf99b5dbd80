"""Figures as pictures: PNG and SVG, drawn in this process without a browser or a network.

Drawing takes a tenth to half a second of one core: call it in a thread.
"""

import json
from types import ModuleType

from insights_mcp.errors import ExtraMissing
from insights_mcp.render.figures.model import Figure
from insights_mcp.render.png import repack_png
from insights_mcp.render.vega.drawing import draw_spec
from insights_mcp.render.vega.themes import ThemeName

MAX_PNG_BYTES = 200_000
# The newest Vega-Lite inside the renderer that our specifications were looked at with.
_VERSION = "6.4"
_SCALES = (1.0, 0.8, 0.6, 0.4)


def draw_png(figure: Figure, theme: ThemeName = "light", *, width: int = 1000, height: int = 600) -> bytes:
    """Return a figure as PNG of at most MAX_PNG_BYTES: one that is larger is drawn smaller.

    Raises ExtraMissing without the renderer.
    """
    renderer, spec = _load_renderer(), _print(figure, theme, width, height)
    png = b""
    for scale in _SCALES:
        png = repack_png(renderer.vegalite_to_png(spec, vl_version=_VERSION, scale=scale, allowed_base_urls=[]))
        if len(png) <= MAX_PNG_BYTES:
            break
    return png


def draw_svg(figure: Figure, theme: ThemeName = "light", *, width: int = 1000, height: int = 600) -> str:
    """Return a figure as SVG. Raises ExtraMissing without the renderer."""
    renderer, spec = _load_renderer(), _print(figure, theme, width, height)
    return str(renderer.vegalite_to_svg(spec, vl_version=_VERSION, allowed_base_urls=[]))


def _print(figure: Figure, theme: ThemeName, width: int, height: int) -> str:
    return json.dumps(draw_spec(figure, theme, width=width, height=height), allow_nan=False)


def _load_renderer() -> ModuleType:
    """Return the renderer, 84 MB of an extra: loaded only when a picture is asked for."""
    try:
        import vl_convert
    except ImportError as error:
        raise ExtraMissing("charts", "Drawing a picture") from error
    return vl_convert
