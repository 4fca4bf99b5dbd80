"""What text charts are made of: sparklines, bars, shades, and text padded or cut to so many columns."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

SPARKS = "▁▂▃▄▅▆▇█"
SHADES = "·░▒▓█"
# Columns of a name and of the longest bar.
NAME = 26
BAR = 30
_EIGHTHS = "▏▎▍▌▋▊▉█"
_PLAIN = re.compile(r"[\w$/.:@+&?=#~%*()\-]{1,80}…?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def sparkline(
    values: Sequence[float | None], width: int, *, low: float | None = None, high: float | None = None
) -> str:
    """Return one character per value from the least (or 0) to the most, a space where none is known.

    More values than columns are drawn as the mean of their neighbours.
    """
    squeezed = _squeeze(values, width)
    known = [value for value in squeezed if value is not None]
    if not known:
        return " " * len(squeezed)
    floor = min(0.0, *known) if low is None else low
    span = (max(0.0, *known) if high is None else high) - floor
    return "".join(" " if value is None else _spark(value - floor, span) for value in squeezed)


def _spark(size: float, span: float) -> str:
    if span <= 0:
        return SPARKS[0]
    return SPARKS[max(0, min(len(SPARKS) - 1, round(size / span * (len(SPARKS) - 1))))]


def _squeeze(values: Sequence[float | None], width: int) -> list[float | None]:
    if len(values) <= width:
        return list(values)
    edges = [round(place * len(values) / width) for place in range(width + 1)]
    return [_mean(values[start:end]) for start, end in pairwise(edges)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def bar(part: float, width: int, *, track: str = "") -> str:
    """Return a bar of a part (0 to 1) of the width, to an eighth of a column; the rest filled with the track."""
    eighths = round(max(0.0, min(1.0, part)) * width * 8)
    if part > 0:
        eighths = max(1, eighths)  # what is there is seen
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest - 1] if rest else "")
    return drawn + track * (width - len(drawn))


def bar_to_left(part: float, width: int) -> str:
    """Return a bar that ends at the right, in whole columns: there are no blocks that are full on their right."""
    full = round(max(0.0, min(1.0, part)) * width)
    return ("█" * (max(1, full) if part > 0 else full)).rjust(width)


def shade(part: float) -> str:
    """Return a shade for a part of the most (0 to 1)."""
    if part <= 0:
        return SHADES[0]
    return SHADES[max(1, min(len(SHADES) - 1, round(part * (len(SHADES) - 1))))]


def columns_of(text: str) -> int:
    """Return how many columns of a terminal text takes: wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def cut(text: str, width: int) -> str:
    """Return the text in at most so many columns, with … where it was cut."""
    if columns_of(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns_of(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def fit(text: str, width: int, *, is_number: bool = False) -> str:
    """Return the text in exactly so many columns, numbers to the right."""
    shown = cut(text, width)
    space = " " * (width - columns_of(shown))
    return space + shown if is_number else shown + space


def quoted(name: str) -> str:
    """Return a name of the project bare if it is one plain word, else in quotes, which nothing in it can end."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', "'") + '"'


def cut_quoted(name: str, width: int) -> str:
    """Return a name quoted in at most so many columns, its quotes kept."""
    shown = quoted(name)
    if columns_of(shown) <= width:
        return shown
    return quoted(cut(name, max(1, width - 2)))
