"""What stands upon one another: how high it gets, and as shares."""

from insights_mcp.render.figures.model import Figure
from insights_mcp.render.vega.themes import Spec


def stack_extent(figure: Figure) -> tuple[float, float]:
    """Return the lowest and the highest end of any stack; those of the previous period stand by themselves."""
    ends = [0.0]
    for is_previous in (False, True):
        series = [one for one in figure.series if (one.role == "previous") == is_previous]
        for place in range(len(figure.labels)):
            values = [(one.values[place] if place < len(one.values) else None) or 0 for one in series]
            ends += [sum(value for value in values if value > 0), sum(value for value in values if value < 0)]
    return min(ends), max(ends)


def share_encoding(figure: Figure) -> Spec:
    """Return the encoding of field `y` as shares of each place's sum."""
    title = f"Share of {figure.y.title.lower() or 'all'}"
    return {"field": "y", "type": "quantitative", "axis": {"title": title, "format": "%", "grid": True}}
