"""Funnels, paths and box plots as text."""

from insights_mcp.render.figures import Figure, Series
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.numbers import duration, share
from insights_mcp.render.text_blocks import BAR, NAME, bar, columns_of, cut_quoted, fit, quoted

_MOST_EDGES = 15


def draw_funnel(figure: Figure, width: int) -> list[str]:
    """Return a bar per step on the track of those who began, a block per series."""
    lines = []
    most = max((value or 0 for one in figure.series for value in one.values), default=0) or 1
    labels = [_quote_step(label) for label in figure.labels]
    label_width = max((columns_of(label) for label in labels), default=1)
    for one in figure.series:
        if len(figure.series) > 1:
            lines.append(f"{quoted(one.name)}{', period before' if one.role == 'previous' else ''}:")
        texts = [_tell_step(one, place, figure) for place in range(len(labels))]
        room = max(8, min(BAR, width - label_width - 2 - max(columns_of(text) for text in texts)))
        first = one.values[0] if one.values else None
        track = max(1, round((first or 0) / most * room))
        for label, value, text in zip(labels, one.values, texts, strict=False):
            drawn = bar((value or 0) / (first or 1), track, track="░")
            lines.append(f"{fit(label, label_width)} {fit(drawn, room)} {text}")
    return lines


def _quote_step(label: str) -> str:
    """Return `1. name` with its name quoted: the number is ours."""
    number, _, name = label.partition(" ")
    return f"{number} {cut_quoted(name, NAME + 4)}"


def _tell_step(series: Series, place: int, figure: Figure) -> str:
    value, first = series.values[place] if place < len(series.values) else None, series.values[0]
    text = f"{write_number(value, figure.y.unit)}, {share(value or 0, first or 0)}"
    seconds = series.seconds[place] if place < len(series.seconds) else None
    return text if seconds is None else f"{text}, {duration(seconds)}"


def draw_paths(figure: Figure, width: int) -> list[str]:
    """Return the most walked edges, a bar for each."""
    edges = sorted(figure.edges, key=lambda edge: -edge.value)[:_MOST_EDGES]
    most = edges[0].value if edges else 1
    rows = []
    for edge in edges:
        source, target = figure.nodes[edge.source], figure.nodes[edge.target]
        names = f"{source.step} {cut_quoted(source.name, NAME)} → {cut_quoted(target.name, NAME)}"
        rows.append((names, bar(edge.value / most, 14), write_number(edge.value, figure.y.unit)))
    name_width = min(width - 14 - 10, max((columns_of(names) for names, _, _ in rows), default=1))
    told = [f"{fit(names, name_width)} {drawn} {text}" for names, drawn, text in rows]
    left_out = len(figure.edges) - len(edges)
    return [*told, *([f"… and {left_out} less walked"] if left_out else [])]


def draw_boxes(figure: Figure, width: int) -> list[str]:
    """Return each box as a line from the least to the most, its middle half thick and the median a mark."""
    low, high = min(box.low for box in figure.boxes), max(box.high for box in figure.boxes)
    label_width = min(NAME, max(columns_of(box.name) for box in figure.boxes))
    room = max(12, min(50, width - label_width - 20))

    def place(value: float) -> int:
        return round((value - low) / ((high - low) or 1) * (room - 1))

    lines = []
    for box in figure.boxes:
        cells = [" "] * room
        cells[place(box.low) : place(box.high) + 1] = "─" * (place(box.high) - place(box.low) + 1)
        cells[place(box.q1) : place(box.q3) + 1] = "█" * (place(box.q3) - place(box.q1) + 1)
        cells[place(box.median)] = "┃"
        lines.append(f"{fit(box.name, label_width)} {''.join(cells)} median {write_number(box.median, figure.y.unit)}")
    return [
        *lines,
        f"{quoted(figure.y.title)} {write_number(low, figure.y.unit)} to {write_number(high, figure.y.unit)}",
    ]
