"""Series as text: bars where there are few places, sparklines where there are many, numbers, slopes."""

from collections.abc import Sequence

from insights_mcp.render.figures import Figure, Series
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.numbers import change, share
from insights_mcp.render.text_blocks import BAR, NAME, bar, bar_to_left, columns_of, cut_quoted, fit, quoted, sparkline

# Up to here each place gets a line with a bar of its own.
_MOST_BARS = 14


def draw_over_x(figure: Figure, width: int) -> list[str]:
    """Return a bar per place for one short series, else a sparkline per series."""
    if len(figure.series) == 1 and len(figure.labels) <= _MOST_BARS:
        return draw_bars(figure, width)
    return draw_sparks(figure, width)


def draw_histogram(figure: Figure, width: int) -> list[str]:
    """Return a bar per bin, or a sparkline for each of two periods."""
    return draw_bars(figure, width) if len(figure.series) == 1 else draw_sparks(figure, width)


def draw_bars(figure: Figure, width: int) -> list[str]:
    """Return a bar per place, of the first series."""
    series = figure.series[0]
    values = list(series.values)
    open_from = len(figure.labels) - figure.unfinished
    labels = [_quote_place(figure, label) for label in figure.labels]
    texts = [
        write_number(value, figure.y.unit) + (" so far" if place >= open_from else "")
        for place, value in enumerate(values)
    ]
    return [_heading(figure, series), *_bar_lines(labels, values, texts, width)]


def _quote_place(figure: Figure, label: str) -> str:
    """Return a label quoted where it may be text of the project: dates and bins are ours."""
    return quoted(label) if figure.x.kind == "category" else label


def _heading(figure: Figure, series: Series) -> str:
    title = figure.y.title
    return (
        f"{quoted(series.name)}, {title[:1].lower()}{title[1:]}:"
        if title and title != series.name
        else f"{quoted(series.name)}:"
    )


def _bar_lines(labels: Sequence[str], values: Sequence[float | None], texts: Sequence[str], width: int) -> list[str]:
    """Return label, bar and text in columns; bars of what is below zero grow to the left."""
    label_width = min(NAME, max((columns_of(label) for label in labels), default=1))
    text_width = max((columns_of(text) for text in texts), default=1)
    room = max(8, min(BAR, width - label_width - text_width - 2))
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    span = (high - low) or 1.0
    left = max(3, round(room * -low / span)) if low < 0 else 0
    right = max(3, room - left) if high > 0 or low == 0 else 0
    lines = []
    for label, value, text in zip(labels, values, texts, strict=True):
        size = value or 0.0
        before = bar_to_left(-size / -low if size < 0 else 0.0, left) if left else ""
        after = bar(size / high if size > 0 and high > 0 else 0.0, right) if right else ""
        axis = "│" if left else ""
        lines.append(f"{fit(label, label_width)} {before}{axis}{fit(after, right) if left else after} {text}")
    return lines


def draw_sparks(figure: Figure, width: int) -> list[str]:
    """Return a sparkline per series with its last and its highest, each from 0 (or its lowest) to its highest.

    A series and its previous period share their scale, as do the parts of a lifecycle.
    """
    names = [_spark_name(one) for one in figure.series]
    told = [_tell_series(one, figure) for one in figure.series]
    # What went dormant is below zero in a picture; its name tells that here.
    is_lifecycle = figure.drawing == "lifecycle"
    rows = [[abs(value) if is_lifecycle and value else value for value in one.values] for one in figure.series]
    name_width = max((columns_of(name) for name in names), default=1)
    room = width - name_width - 2 - max((columns_of(text) for text in told), default=0)
    lines = []
    for one, name, row, text in zip(figure.series, names, rows, told, strict=True):
        mates = [
            value
            for mate, values in zip(figure.series, rows, strict=True)
            if is_lifecycle or mate is one or (mate.color == one.color and mate.color is not None)
            for value in values
            if value is not None
        ]
        ends = min([*mates, 0.0]), max([*mates, 0.0])
        drawn = sparkline(row, max(8, min(len(figure.labels), room)), low=ends[0], high=ends[1])
        lines.append(f"{fit(name, name_width)} {drawn} {text}")
    return [*lines, *_scale_line(figure)]


def _scale_line(figure: Figure) -> list[str]:
    """Return what is counted, and what the sparklines reach over."""
    if not figure.labels:
        return []
    counted = f"{quoted(figure.y.title)}, " if figure.y.title else ""
    is_shared = figure.drawing == "lifecycle" or len({one.color for one in figure.series}) == 1
    first, last = (_quote_place(figure, figure.labels[place]) for place in (0, -1))
    return [f"{counted}{'' if is_shared else 'each on its own scale, '}{first} to {last}"]


def _spark_name(series: Series) -> str:
    if series.role == "previous":
        return f"{cut_quoted(series.name, NAME - 7)} before"
    return cut_quoted(series.name, NAME)


def _tell_series(series: Series, figure: Figure) -> str:
    places = [place for place, value in enumerate(series.values) if value is not None]
    if not places:
        return "no values"
    values = [series.values[place] or 0.0 for place in places]
    is_open = series.role != "previous" and figure.unfinished and places[-1] >= len(figure.labels) - figure.unfinished
    last = f"last {write_number(values[-1], figure.y.unit, is_short=True)}{' so far' if is_open else ''}"
    is_lifecycle = figure.drawing == "lifecycle"
    high = max(range(len(values)), key=lambda place: abs(values[place]) if is_lifecycle else values[place])
    where = (
        f" ({_quote_place(figure, figure.labels[places[high]])})"
        if places[high] < len(figure.labels) and series.role != "previous"
        else ""
    )
    return f"{last}, high {write_number(values[high], figure.y.unit, is_short=True)}{where}"


def draw_categories(figure: Figure, width: int) -> list[str]:
    """Return a bar per category, those of the period before under it."""
    labels, values, texts = [], [], []
    for place, label in enumerate(figure.labels):
        for one in figure.series:
            value = one.values[place] if place < len(one.values) else None
            is_before = one.role == "previous"
            labels.append("  before" if is_before else cut_quoted(label, NAME))
            values.append(value)
            texts.append(write_number(value, figure.y.unit))
    return ([f"{quoted(figure.y.title)}:"] if figure.y.title else []) + _bar_lines(labels, values, texts, width)


def draw_slices(figure: Figure, width: int) -> list[str]:
    """Return a bar per part of the whole with its share."""
    values = [value or 0.0 for value in figure.series[0].values]
    whole = sum(values)
    labels = [cut_quoted(label, NAME) for label in figure.labels]
    texts = [f"{share(value, whole)}  {write_number(value, figure.y.unit)}" for value in values]
    return [f"{quoted(figure.y.title or 'Value')}, share of all:", *_bar_lines(labels, values, texts, width)]


def draw_numbers(figure: Figure, width: int) -> list[str]:
    """Return each number with its change, and the way there if it is known."""
    lines = []
    previous = {one.color: one for one in figure.series if one.role == "previous"}
    for one in figure.series:
        if one.role == "previous":
            continue
        text = f"{quoted(one.name)}: {write_number(one.values[0], figure.y.unit)}"
        before = previous.get(one.color)
        if before is not None:
            was = before.values[0]
            text += (
                f" ({change(one.values[0] or 0, was or 0)} on {write_number(was, figure.y.unit)} in the period before)"
            )
        lines.append(text)
        if any(value is not None for value in one.trail):
            lines.append(sparkline(one.trail, width))
    return lines


def draw_slope(figure: Figure, _: int) -> list[str]:
    """Return the first and the last value of each series."""
    name_width = min(NAME, max(len(quoted(one.name)) for one in figure.series))
    lines = [" → ".join(figure.labels)]
    for one in figure.series:
        first, last = one.values[0], one.values[-1]
        ends = f"{write_number(first, figure.y.unit)} → {write_number(last, figure.y.unit)}"
        lines.append(f"{fit(cut_quoted(one.name, NAME), name_width)} {ends} ({change(last or 0, first or 0)})")
    return lines
