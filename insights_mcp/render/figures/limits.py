"""Bounds of what is drawn: the rest is summed as Other, or left out where a sum would mean nothing, and said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insights_mcp.render.figures.model import Figure, Series

MAX_SERIES = 10
MAX_PAIRS = 6
MAX_POINTS = 750
MAX_CATEGORIES = 20
MAX_SLICES = 8
OTHER = "Other"
# A rest larger than this many times the largest series would press all others flat.
_DWARFING = 2

Notes = tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """One thing counted, now and, when compared, before."""

    current: Series
    previous: Series | None = None

    @property
    def size(self) -> float:
        """Return what it comes to, for ranking."""
        return sum(abs(value) for value in self.current.values if value is not None)


def limit_series(drawn: Sequence[Drawn], *, can_sum: bool, is_stacked: bool = False) -> tuple[list[Drawn], Notes]:
    """Return at most as many as can be told apart, the largest in their order, and a note on the rest.

    Where nothing is stacked, a rest that would dwarf everything else is left out.
    """
    most = MAX_PAIRS if any(one.previous for one in drawn) else MAX_SERIES
    if len(drawn) <= most:
        return list(drawn), ()
    largest = _largest([one.size if one.current.role != "other" else -1 for one in drawn], most - can_sum)
    kept = _color_anew([one for place, one in enumerate(drawn) if place in largest])
    rest = [one for place, one in enumerate(drawn) if place not in largest]
    if not can_sum:
        return kept, (f"The largest {len(kept)} of {len(drawn)} series are shown.",)
    previous = [one.previous for one in rest if one.previous]
    before = _sum_series(previous, role="previous") if previous else None
    other = Drawn(_sum_series([one.current for one in rest], role="other"), before)
    if not is_stacked and other.size > _DWARFING * max(one.size for one in kept):
        return kept, (f"The largest {len(kept)} of {len(drawn)} series are shown; the others are left out.",)
    return [*kept, other], (f"{len(rest)} more series are summed as {OTHER}.",)


def _color_anew(drawn: Sequence[Drawn]) -> list[Drawn]:
    """Return the series in the palette's first colours: among many, two may have had colours that look the same."""
    found = []
    for place, one in enumerate(drawn):
        color = None if one.current.role == "other" else place
        previous = replace(one.previous, color=color) if one.previous else None
        found.append(Drawn(replace(one.current, color=color), previous))
    return found


def _sum_series(series: Sequence[Series], role: str) -> Series:
    longest = max(series, key=lambda one: len(one.values))
    values = tuple(
        sum_known([one.values[place] for one in series if place < len(one.values)])
        for place in range(len(longest.values))
    )
    return Series(OTHER, values, role="previous" if role == "previous" else "other", times=longest.times)


def sum_known(values: Sequence[float | None]) -> float | None:
    """Return the sum of what is known, None if nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _largest(sizes: Sequence[float], most: int) -> set[int]:
    return set(sorted(range(len(sizes)), key=lambda place: -sizes[place])[:most])


def limit_categories(
    labels: Sequence[str],
    columns: Sequence[Series],
    most: int,
    *,
    can_sum: bool = True,
    remainder: int | None = None,
) -> tuple[tuple[str, ...], list[Series], tuple[str, ...]]:
    """Return labels and their values, the first series' largest first, the rest as one last category, and a note.

    `remainder` is the place of what stands for a rest already; it is the last, and more are summed into it.
    """
    first = columns[0].values
    real = sorted((place for place in range(len(labels)) if place != remainder), key=lambda place: -(first[place] or 0))
    rest = [remainder] if remainder is not None else []
    if len(real) + len(rest) <= most:
        return _pick_labels(labels, [*real, *rest]), [_pick(one, [*real, *rest]) for one in columns], ()
    if not can_sum:
        note = f"The largest {most} of {len(labels)} values are shown."
        return _pick_labels(labels, real[:most]), [_pick(one, real[:most]) for one in columns], (note,)
    kept, rest = real[: most - 1], [*real[most - 1 :], *rest]
    summed = [
        replace(_pick(one, kept), values=(*_pick(one, kept).values, sum_known(_pick(one, rest).values)))
        for one in columns
    ]
    return (*_pick_labels(labels, kept), OTHER), summed, (f"{len(rest)} more values are summed as {OTHER}.",)


def _pick_labels(labels: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(labels[place] for place in places)


def _pick(series: Series, places: Sequence[int]) -> Series:
    values = series.values
    return replace(series, values=tuple(values[place] if place < len(values) else None for place in places))


def limit_points(figure: Figure) -> Figure:
    """Return the figure with its latest places only if it has more than can be drawn, and a note on the earlier."""
    gone = len(figure.labels) - MAX_POINTS
    if gone <= 0:
        return figure
    return replace(
        figure,
        labels=figure.labels[gone:],
        times=figure.times[gone:],
        series=tuple(replace(one, values=one.values[gone:], times=one.times[gone:]) for one in figure.series),
        notes=(*figure.notes, f"The earlier {gone} points are left out."),
    )
