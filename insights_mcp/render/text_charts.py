"""Figures as text for terminals: sparklines, bars, funnels, shaded triangles. Width and height are bounded.

Names of the project stand bare when they are one plain word, else in quotes: they are data.
"""

import textwrap
from collections.abc import Callable, Mapping

from insights_mcp.render.figures import Drawing, Figure, draw_figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.reports import Result
from insights_mcp.render.text_blocks import cut, cut_quoted, quoted
from insights_mcp.render.text_flows import draw_boxes, draw_funnel, draw_paths
from insights_mcp.render.text_grids import draw_heatmap, draw_retention, draw_table
from insights_mcp.render.text_series import (
    draw_categories,
    draw_histogram,
    draw_numbers,
    draw_over_x,
    draw_slices,
    draw_slope,
    draw_sparks,
)

WIDTH = 80
_NARROWEST = 40
_MOST_LINES = 40

_DRAWINGS: Mapping[Drawing, Callable[[Figure, int], list[str]]] = {
    "line": draw_over_x,
    "area": draw_over_x,
    "bar": draw_over_x,
    "stacked_bar": draw_over_x,
    "lifecycle": draw_sparks,
    "histogram": draw_histogram,
    "slope": draw_slope,
    "horizontal_bar": draw_categories,
    "map": draw_categories,
    "pie": draw_slices,
    "donut": draw_slices,
    "proportion": draw_slices,
    "number": draw_numbers,
    "funnel": draw_funnel,
    "retention": draw_retention,
    "heatmap": draw_heatmap,
    "paths": draw_paths,
    "box": draw_boxes,
    "table": draw_table,
}


def text_chart(
    result: Result, title: str | None = None, *, node: Mapping[str, object] | None = None, width: int = WIDTH
) -> str:
    """Return a result drawn as text, nothing if there is nothing to draw."""
    figure = draw_figure(result, title, node=node)
    return draw_text(figure, width=width) if figure else ""


def draw_text(figure: Figure, *, width: int = WIDTH) -> str:
    """Return a figure as text of at most `width` columns (40 at least) and 40 lines."""
    width = max(_NARROWEST, width)
    lines = _DRAWINGS[figure.drawing](figure, width)
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more lines"]
    head = [cut_quoted(figure.title, width)] if figure.title else []
    head += textwrap.wrap(figure.subtitle, width)
    goals = [f"Goal {quoted(goal.name)}: {write_number(goal.value, figure.y.unit)}" for goal in figure.goals]
    notes = [line for note in figure.notes for line in textwrap.wrap(note, width)]
    return "\n".join(cut(line.rstrip(), width) for line in [*head, *lines, *goals, *notes])
