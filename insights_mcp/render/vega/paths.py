"""Paths: nodes in columns by step, joined by bands as wide as they are walked."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.render.figures.model import Edge, Figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.themes import PIXEL, Spec, Theme

_NODE_WIDTH = 12
_GAP = 14
_SAMPLES = 14
_SMALLEST = 2.0
_TOP = 26


@dataclass
class _Place:
    """Where a node stands, and how far its sides are taken by bands already."""

    x: float
    y: float
    height: float
    left: float = 0.0
    right: float = 0.0


def draw_paths(figure: Figure, theme: Theme, width: int, height: int) -> Spec:
    """Return the bands, the nodes over them, and their names."""
    places = _place_nodes(figure, width, height)
    bands = _band_rows(figure, places, theme)
    nodes = _node_rows(figure, places, theme)
    band: Spec = {
        "data": {"values": bands},
        "mark": {"type": "area", "opacity": 0.38, "interpolate": "monotone"},
        "encoding": {
            "x": {"field": "px", **PIXEL},
            "y": {"field": "top", **PIXEL},
            "y2": {"field": "bottom"},
            "detail": {"field": "edge"},
            "color": {"field": "tone", "type": "nominal", "scale": None},
        },
    }
    box: Spec = {
        "data": {"values": nodes},
        "mark": {"type": "rect", "cornerRadius": 2},
        "encoding": {
            "x": {"field": "left", **PIXEL},
            "x2": {"field": "right"},
            "y": {"field": "top", **PIXEL},
            "y2": {"field": "bottom"},
            "color": {"field": "tone", "type": "nominal", "scale": None},
        },
    }
    limit = _column_width(figure, width) - _NODE_WIDTH - 16
    return {"layer": [band, box, _names(nodes, theme, limit), *_steps(figure, theme, width)]}


def _step_numbers(figure: Figure) -> list[int]:
    return sorted({node.step for node in figure.nodes})


def _column_width(figure: Figure, width: float) -> float:
    """Return how far columns stand apart: the last one needs room for its names."""
    return width / max(1, len(_step_numbers(figure)))


def _place_nodes(figure: Figure, width: float, height: float) -> list[_Place]:
    """Return each node's place: in its step's column, the largest on top, all on one scale."""
    steps = _step_numbers(figure)
    columns = {step: [place for place, node in enumerate(figure.nodes) if node.step == step] for step in steps}
    room = height - _TOP
    scale = min(
        (room - _GAP * (len(column) - 1)) / (sum(figure.nodes[place].value for place in column) or 1)
        for column in columns.values()
    )
    scale = max(scale, room * 0.2 / (max(node.value for node in figure.nodes) or 1))
    found: dict[int, _Place] = {}
    for number, step in enumerate(steps):
        y = float(_TOP)
        taken = sum(max(_SMALLEST, figure.nodes[place].value * scale) for place in columns[step])
        gap = min(_GAP, (room - taken) / max(1, len(columns[step]) - 1)) if len(columns[step]) > 1 else 0.0
        for place in sorted(columns[step], key=lambda place: -figure.nodes[place].value):
            tall = max(_SMALLEST, figure.nodes[place].value * scale)
            found[place] = _Place(number * _column_width(figure, width), y, tall)
            y += tall + max(2.0, gap)
    return [found[place] for place in range(len(figure.nodes))]


def _band_rows(figure: Figure, places: Sequence[_Place], theme: Theme) -> list[Spec]:
    rows: list[Spec] = []
    ordered = sorted(enumerate(figure.edges), key=lambda one: (places[one[1].source].y, places[one[1].target].y))
    for number, edge in ordered:
        start, end = places[edge.source], places[edge.target]
        thick_start = _thickness(edge, edge.source, figure, start)
        thick_end = _thickness(edge, edge.target, figure, end)
        y_start, y_end = start.y + start.right, end.y + end.left
        start.right += thick_start
        end.left += thick_end
        for sample in range(_SAMPLES + 1):
            part = sample / _SAMPLES
            ease = part * part * (3 - 2 * part)
            top = y_start + (y_end - y_start) * ease
            thick = thick_start + (thick_end - thick_start) * ease
            x = start.x + _NODE_WIDTH + (end.x - start.x - _NODE_WIDTH) * part
            row: Spec = {"edge": number, "px": round(x, 1), "top": round(top, 1), "bottom": round(top + thick, 1)}
            rows.append(row | {"tone": theme.other})
    return rows


def _thickness(edge: Edge, end: int, figure: Figure, place: _Place) -> float:
    return place.height * edge.value / (figure.nodes[end].value or 1)


def _node_rows(figure: Figure, places: Sequence[_Place], theme: Theme) -> list[Spec]:
    steps = _step_numbers(figure)
    return [
        {
            "left": place.x,
            "right": place.x + _NODE_WIDTH,
            "top": round(place.y, 1),
            "bottom": round(place.y + place.height, 1),
            "middle": round(place.y + place.height / 2, 1),
            "name": place.x + _NODE_WIDTH + 6,
            "told": f"{node.name} · {write_number(node.value, figure.y.unit, is_short=True)}",
            "tone": theme.palette[steps.index(node.step) % len(theme.palette)],
        }
        for node, place in zip(figure.nodes, places, strict=True)
    ]


def _names(nodes: Sequence[Spec], theme: Theme, limit: float) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12, "limit": round(limit)}
    return {
        "data": {"values": list(nodes)},
        "mark": {**mark, "color": theme.ink},
        "encoding": {
            "x": {"field": "name", **PIXEL},
            "y": {"field": "middle", **PIXEL},
            "text": {"field": "told"},
        },
    }


def _steps(figure: Figure, theme: Theme, width: float) -> list[Spec]:
    """Return the number of each step over its column."""
    return [
        {
            "data": {"values": [{"told": f"Step {step}"}]},
            "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": 13, "color": theme.faint},
            "encoding": {
                "x": {"value": round(number * _column_width(figure, width))},
                "y": {"value": 0},
                "text": {"field": "told"},
            },
        }
        for number, step in enumerate(_step_numbers(figure))
    ]
