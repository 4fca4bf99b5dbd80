"""Slope graphs: where each series began and where it ended, and nothing of the time between."""

from collections.abc import Sequence

from insights_mcp.render.numbers import change
from insights_mcp.render.periods import Period, read_period
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word
from insights_mcp.render.trends import Series
from insights_mcp.render.units import TextUnit

_MAX_FACTS = 4


def report_slopes(series: Sequence[Series], result: Result, unit: TextUnit, asked: str) -> Report:
    """Return what the two ends of each series say, the largest at the end first."""
    period = read_period(result, max((one.days for one in series), key=len))
    ranked = sorted(series, key=lambda one: (one.is_remainder, -one.data[-1] if one.data else 0.0))
    sentence = period.sentence
    if asked:
        sentence = f"{asked}, {sentence[:1].lower()}{sentence[1:]}"
    facts = [f"{sentence}; only the first and the last {period.interval} are read."]
    facts += [_tell(one, period, unit) for one in ranked[:_MAX_FACTS]]
    is_empty = not any(any(one.data) for one in series)
    rows = [[one.label, *map(unit.scale, one.data)] for one in ranked]
    return Report(
        tuple(facts),
        None if is_empty or len(ranked) <= _MAX_FACTS else Table([Plain("series"), *map(Plain, period.labels)], rows),
        is_empty=is_empty,
        summary=" ".join(facts[1:3]),
        short=_tell(ranked[0], period, unit).removesuffix("."),
    )


def _tell(series: Series, period: Period, unit: TextUnit) -> str:
    if not any(series.data):
        return f"{word(series.label)}: 0 at both ends."
    ends = [f"{unit.write(value)} {period.at(place)}" for place, value in enumerate(series.data)]
    first, last = series.data[0], series.data[-1]
    # what is still being counted has not fallen
    is_told = len(ends) > 1 and first and not period.open_reason
    return f"{word(series.label)}: {', then '.join(ends)}{f' ({change(last, first)})' if is_told else ''}."
