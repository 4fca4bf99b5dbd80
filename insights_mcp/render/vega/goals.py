"""Goal lines across a picture."""

from insights_mcp.render.figures.model import Figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.vega.themes import Spec, Theme


def goal_values(figure: Figure) -> list[float]:
    """Return where goals are, so that the scale reaches them."""
    return [] if figure.is_share else [goal.value for goal in figure.goals]


def draw_goals(figure: Figure, theme: Theme) -> list[Spec]:
    """Return a dashed line per goal with its name over it, nothing where shares are drawn."""
    if figure.is_share or not figure.goals:
        return []
    rows = [
        {"goal": goal.value, "told": f"{goal.name or 'Goal'}: {write_number(goal.value, figure.y.unit)}"}
        for goal in figure.goals
    ]
    y: Spec = {"field": "goal", "type": "quantitative"}
    line: Spec = {"mark": {"type": "rule", "strokeDash": [6, 4], "color": theme.faint}, "encoding": {"y": y}}
    text: Spec = {
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "color": theme.faint},
        "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "told"}},
    }
    return [{"data": {"values": rows}, **part} for part in (line, text)]
