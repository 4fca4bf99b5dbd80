"""The Vega-Lite specification of any figure: one visible registry."""

from collections.abc import Callable, Mapping

from insights_mcp.render.figures.model import Drawing, Figure
from insights_mcp.render.vega.axes import known_values, locale
from insights_mcp.render.vega.bars import draw_bars
from insights_mcp.render.vega.boxes import draw_boxes
from insights_mcp.render.vega.categories import draw_categories, draw_funnel
from insights_mcp.render.vega.goals import goal_values
from insights_mcp.render.vega.grids import draw_grid
from insights_mcp.render.vega.lines import draw_areas, draw_lines
from insights_mcp.render.vega.numbers import draw_numbers
from insights_mcp.render.vega.paths import draw_paths
from insights_mcp.render.vega.slices import draw_slices
from insights_mcp.render.vega.stacks import stack_extent
from insights_mcp.render.vega.tables import draw_table
from insights_mcp.render.vega.themes import THEMES, Spec, Theme, ThemeName, frame, subtitle_lines

# The drawing of each kind from the figure, the theme, and the inner width and height.
_DRAWINGS: Mapping[Drawing, Callable[[Figure, Theme, int, int], Spec]] = {
    "line": lambda figure, theme, width, _: draw_lines(figure, theme, width),
    "slope": lambda figure, theme, width, _: draw_lines(figure, theme, width),
    "area": lambda figure, theme, width, _: draw_areas(figure, theme, width),
    "bar": lambda figure, theme, width, _: draw_bars(figure, theme, width),
    "stacked_bar": lambda figure, theme, width, _: draw_bars(figure, theme, width),
    "lifecycle": lambda figure, theme, width, _: draw_bars(figure, theme, width),
    "histogram": lambda figure, theme, width, _: draw_bars(figure, theme, width),
    "horizontal_bar": lambda figure, theme, *_: draw_categories(figure, theme),
    "map": lambda figure, theme, *_: draw_categories(figure, theme),
    "funnel": lambda figure, theme, width, _: draw_funnel(figure, theme, width),
    "retention": lambda figure, theme, width, _: draw_grid(figure, theme, width),
    "heatmap": lambda figure, theme, width, _: draw_grid(figure, theme, width),
    "box": lambda figure, theme, width, _: draw_boxes(figure, theme, width),
    "pie": draw_slices,
    "donut": draw_slices,
    "proportion": draw_slices,
    "number": draw_numbers,
    "paths": draw_paths,
    "table": draw_table,
}
# Placed by us pixel by pixel, within what the title leaves.
_BY_PIXEL = {"number", "paths", "table"}
_PADDING = 16
_TITLE, _SUBTITLE = 42, 17


def draw_spec(figure: Figure, theme: ThemeName = "light", *, width: int = 1000, height: int = 600) -> Spec:
    """Return the Vega-Lite specification of a figure, a plain dict that needs nothing from elsewhere."""
    chosen = THEMES[theme]
    spec = frame(figure, chosen, width, height)
    inner = (width - 2 * _PADDING, height - 2 * _PADDING - _title_height(figure, width))
    if figure.drawing in _BY_PIXEL:
        spec |= {"autosize": "pad", "width": inner[0], "height": inner[1]}
    spec |= _DRAWINGS[figure.drawing](figure, chosen, *inner)
    config = spec["config"]
    if isinstance(config, dict):
        config["locale"] = locale(figure.y, *_extent(figure))
    return spec


def _title_height(figure: Figure, width: int) -> int:
    lines = len(subtitle_lines(figure, width))
    return (_TITLE if figure.title or lines else 0) + _SUBTITLE * lines


def _extent(figure: Figure) -> tuple[float, float]:
    """Return the lowest and the highest number on the axis."""
    if figure.drawing in ("area", "stacked_bar", "lifecycle"):
        values = [*stack_extent(figure), *goal_values(figure)]
    else:
        ends = [end for box in figure.boxes for end in (box.low, box.high)]
        values = [*known_values(figure.series), *ends, *goal_values(figure)]
    return min(values, default=0), max(values, default=0)
