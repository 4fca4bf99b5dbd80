"""Stickiness: on how many intervals people were active (facts/queries.md 1.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import number, people, plural, share
from insights_mcp.render.periods import name_interval, tell_span
from insights_mcp.render.reading import mapping, mappings_of, numbers_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word
from insights_mcp.render.trends import name_series

_MAX_FACTS = 4


@dataclass(frozen=True)
class _Curve:
    """One series: its name, and how many people were active on 1, 2, 3, ... intervals."""

    name: str
    people: Sequence[float]

    @property
    def longest(self) -> int:
        """Return the most intervals that anybody was active on."""
        return max((place + 1 for place, count in enumerate(self.people) if count), default=0)


def report_stickiness(result: Result) -> Report:
    """Return how many people were active on how many days, of a StickinessQuery."""
    rows = list(mappings_of(result.results))
    curves = _read(rows)
    longest = max((curve.longest for curve in curves), default=0)
    if not longest:
        return Report(("Nobody was active in this period.",), is_empty=True)
    interval = name_interval(result.query)
    is_cumulative = mapping(result.query.get("stickinessFilter")).get("computedAs") == "cumulative"
    facts = [_tell(curve, interval, is_cumulative=is_cumulative) for curve in curves if curve.longest][:_MAX_FACTS]
    width = max(len(curve.people) for curve in curves)
    span = tell_span(result)
    if longest < width:
        facts.append(
            f"Nobody was active on more than {longest} of {plural(width, interval)}{f', {span}' if span else ''}."
        )
    counts = [text_of(day) for day in rows_of(rows[0].get("days"))] or [str(place + 1) for place in range(width)]
    at_least = f"{interval}s or more" if is_cumulative else f"{interval}s"
    table = Table(
        [Plain(at_least), *(curve.name for curve in curves)],
        [
            [Plain(mark(count)), *(curve.people[index] if index < len(curve.people) else None for curve in curves)]
            for index, count in enumerate(counts[:longest])
        ],
        ranked=False,
    )
    return Report(tuple(facts), table)


def _read(rows: Sequence[Mapping[str, object]]) -> list[_Curve]:
    current = [row for row in rows if row.get("compare_label") != "previous"]
    previous = [row for row in rows if row.get("compare_label") == "previous"]
    curves: list[_Curve] = []
    earlier = [numbers_of(row.get("data")) for row in previous]
    for place, (name, row) in enumerate(zip(name_series(current), current, strict=True)):
        curves.append(_Curve(name, numbers_of(row.get("data"))))
        if place < len(earlier):
            curves.append(_Curve(f"{name} before", earlier[place]))
    return curves


def _tell(curve: _Curve, interval: str, *, is_cumulative: bool) -> str:
    """Return how many people there were and on how many intervals each was active in the mean."""
    persons = curve.people[0] if is_cumulative else sum(curve.people)
    once = curve.people[0] - (curve.people[1] if len(curve.people) > 1 else 0) if is_cumulative else curve.people[0]
    # Adding up those who came on at least 1, 2, 3, ... intervals counts each person once per interval.
    active = sum(curve.people) if is_cumulative else sum((place + 1) * n for place, n in enumerate(curve.people))
    mean = active / persons if persons else 0.0
    return (
        f"{word(curve.name)}: {people(persons)}, active on {number(round(mean, 1))} {interval}s in the mean; "
        f"{share(once, persons)} on one only."
    )
