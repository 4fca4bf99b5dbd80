"""Numbers as a reader wants them: whole ones whole, others with the digits that matter, no thousands marks."""

import math


def number(value: object) -> str:
    """Return a number as short text; anything that is no finite number as `-`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "-"
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "-"
    if value.is_integer():
        return str(int(value))
    size = abs(value)
    if size >= 100:
        text = f"{value:.1f}"
    elif size >= 1:
        text = f"{value:.2f}"
    else:
        text = f"{value:.{min(12, 3 - math.floor(math.log10(size)))}f}"
    return text.rstrip("0").rstrip(".")


def share(part: float, whole: float) -> str:
    """Return a part of a whole as per cent with one decimal; `-` of nothing."""
    return f"{number(round(100 * part / whole, 1))}%" if whole else "-"


def change(after: float, before: float) -> str:
    """Return a change as signed per cent, or `new` and `same` where per cent say nothing."""
    if after == before:
        return "same"
    if not before:
        return "new"
    percent = 100 * (after - before) / abs(before)
    return f"{percent:+.0f}%" if abs(percent) >= 100 else f"{number_signed(round(percent, 1))}%"


def number_signed(value: float) -> str:
    """Return a number with its sign."""
    return number(value) if value < 0 else f"+{number(value)}"


def duration(seconds: float) -> str:
    """Return seconds as the two units that matter: 42s, 3m 20s, 5h 12m, 2d 4h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    for size, unit, smaller_size, smaller_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size}{unit}" + (f" {rest}{smaller_unit}" if rest else "")
    return f"{whole}s"


def tell_points(points: float) -> str:
    """Return a difference of percentages, which is in points: +2.1 points."""
    return f"{number_signed(round(points, 1))} points" if round(points, 1) else "no change"


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: 1 event, 2 events; `several` is a plural that is no `-s`."""
    return f"{count} {noun if count == 1 else several or f'{noun}s'}"


def people(count: float) -> str:
    """Return how many people: 1 person, 2 people."""
    return f"{number(count)} {'person' if count == 1 else 'people'}"
