"""Funnels: who got how far, and where the rest was lost (facts/queries.md 1.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from insights_mcp.render.funnel_times import report_conversion, report_time_to_convert, tell_window
from insights_mcp.render.numbers import duration, number, share, tell_points
from insights_mcp.render.periods import tell_span
from insights_mcp.render.questions import name_breakdown
from insights_mcp.render.reading import amount, breakdown_text, mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

Step = Mapping[str, object]
_NOBODY = "Nobody did the first step in this period."
# Of fewer entrants a conversion rate says little: such values are not told as best or worst.
_FEW = 20


@dataclass(frozen=True)
class Funnel:
    """The steps of one breakdown value, and those of the period before if that was asked for."""

    steps: Sequence[Step]
    before: Sequence[Step] = ()

    @property
    def counts(self) -> list[float]:
        """Return how many reached each step."""
        return [amount(step.get("count")) for step in self.steps]

    @property
    def counts_before(self) -> list[float]:
        """Return how many reached each step in the period before."""
        return [amount(step.get("count")) for step in self.before]

    @property
    def name(self) -> str:
        """Return the breakdown value as people see it; a cohort has a number, and a name beside it."""
        first = (self.steps or self.before)[0]
        value, shown = first.get("breakdown_value", first.get("breakdown")), first.get("breakdown")
        return breakdown_text(shown if isinstance(value, int) and isinstance(shown, str) else value)


def report_funnel(result: Result) -> Report:
    """Return what a FunnelsQuery's results say, for each of its three shapes."""
    shape = text_of(mapping(result.query.get("funnelsFilter")).get("funnelVizType")) or "steps"
    if shape == "trends":
        return report_conversion(result)
    if shape == "time_to_convert" or isinstance(result.results, Mapping):
        return report_time_to_convert(result)
    groups = _read(result.results)
    if not any(any((*funnel.counts[:1], *funnel.counts_before[:1])) for funnel in groups):
        return Report((_NOBODY,), is_empty=True)
    is_broken_down = any("breakdown_value" in step for funnel in groups for step in funnel.steps)
    return _report_values(groups, result) if is_broken_down else _report_steps(groups[0], result)


def _read(results: object) -> list[Funnel]:
    """Return a funnel per breakdown value. Those of a compared period come in one list or in lists of their own."""
    first = next(iter(rows_of(results)), None)
    lists = [results] if isinstance(first, Mapping) else rows_of(results)
    found: dict[str, dict[bool, list[Step]]] = {}
    for steps in lists:
        for step in mappings_of(steps):
            periods = found.setdefault(text_of(step.get("breakdown_value", step.get("breakdown"))), {})
            periods.setdefault(step.get("compare_label") == "previous", []).append(step)
    return [Funnel(periods.get(False, []), periods.get(True, [])) for periods in found.values()]


def _report_steps(funnel: Funnel, result: Result) -> Report:
    counts, before = funnel.counts, funnel.counts_before
    optional = _optional_steps(result.query, len(counts))
    if not counts or not counts[0]:
        return Report((_NOBODY, *(["There was somebody in the period before."] if any(before) else [])), is_empty=True)
    short = f"{share(counts[-1], counts[0])} convert: {number(counts[-1])} of {number(counts[0])}"
    facts = [f"{short}{_tell_before(counts, before)}{_tell_time(funnel, result)}{_tell_frame(result)}."]
    lost = [(place, counts[above] - counts[place], above) for place, above in _pairs(len(counts), optional)]
    if len(counts) > 2 and lost:
        place, gone, above = max(lost, key=lambda one: one[1])
        name = word(step_name(funnel.steps[place]))
        facts.append(f"Most are lost before step {place + 1}, {name}: {number(gone)} ({share(gone, counts[above])}).")
    return Report(tuple(facts), _table_of_steps(funnel, optional), short=short)


def _table_of_steps(funnel: Funnel, optional: frozenset[int]) -> Table:
    counts, before = funnel.counts, funnel.counts_before
    above = dict(_pairs(len(counts), optional))
    names = ["step", "name", "count", "of first", "of previous", "lost", "median time"]
    rows: list[list[object]] = []
    for place, step in enumerate(funnel.steps):
        median = step.get("median_conversion_time")
        last = counts[above[place]] if place in above else None
        name = step_name(step)
        row: list[object] = [
            place + 1,
            f"{name} (optional)" if place in optional else name,
            counts[place],
            Plain(share(counts[place], counts[0])) if place else None,
            Plain(share(counts[place], last)) if last is not None else None,
            last - counts[place] if last is not None else None,
            Plain(duration(amount(median))) if isinstance(median, int | float) else None,
        ]
        if before:
            then = before[place] if place < len(before) else 0.0
            row += [then, Plain(share(then, before[0])) if place else None]
        rows.append(row)
    if before:
        names += ["before", "of first before"]
    kept = [column for column in range(len(names)) if not (column == 4 and len(rows) == 2)]
    return Table([Plain(names[column]) for column in kept], [[row[column] for column in kept] for row in rows])


def _report_values(funnels: Sequence[Funnel], result: Result) -> Report:
    ranked = sorted(funnels, key=lambda funnel: -(funnel.counts or [0.0])[0])
    widest = max(ranked, key=lambda funnel: len(funnel.steps))
    first, last = (sum(funnel.counts[place] for funnel in ranked if funnel.counts) for place in (0, -1))
    firsts, lasts = (sum(one.counts_before[place] for one in ranked if one.counts_before) for place in (0, -1))
    has_before = any(funnel.before for funnel in ranked)
    by = name_breakdown(result.query) or "value"
    short = f"{share(last, first)} convert: {number(last)} of {number(first)}"
    compared = _tell_before([first, last], [firsts, lasts] if has_before else [])
    facts = [f"{short}{compared}, by {by}{_tell_frame(result)}.", *_tell_extremes(ranked)]
    header: list[object] = [Plain(by), *map(step_name, widest.steps), Plain("converted")]
    header.append(Plain("median time" if len(widest.steps) == 2 else "medians added up"))
    if has_before:
        header += [Plain("entered before"), Plain("converted before")]
    rows = [_value_row(funnel, has_before=has_before) for funnel in ranked]
    return Report(tuple(facts), Table(header, rows), how_to_get_less="Or lower breakdown_limit.", short=short)


def _value_row(funnel: Funnel, *, has_before: bool) -> list[object]:
    counts = funnel.counts
    rate = Plain(share(counts[-1], counts[0])) if counts else None
    row: list[object] = [funnel.name, *counts, rate, Plain(_total_time(funnel.steps) or "")]
    if has_before:
        before = funnel.counts_before or [0.0]
        row += [before[0], Plain(share(before[-1], before[0]))]
    return row


def _tell_extremes(funnels: Sequence[Funnel]) -> list[str]:
    """Return which values convert best and worst, of those with enough people, and which changed most."""
    sure = [funnel for funnel in funnels if len(funnel.counts) > 1 and funnel.counts[0] >= _FEW]
    if len(sure) < 2:
        return []
    best, worst = (pick(sure, key=lambda one: one.counts[-1] / one.counts[0]) for pick in (max, min))
    if best is worst:
        return []
    told = [f"Best {_tell_rate(best)}, worst {_tell_rate(worst)}, of those with {_FEW} people and more."]
    moved = [one for one in sure if one.counts_before and one.counts_before[0] >= _FEW]
    if moved:
        most = max(moved, key=lambda one: abs(_points(one.counts, one.counts_before)))
        told.append(f"Largest mover: {word(most.name)}, {tell_points(_points(most.counts, most.counts_before))}.")
    return told


def _tell_rate(funnel: Funnel) -> str:
    return f"{word(funnel.name)} {share(funnel.counts[-1], funnel.counts[0])}"


def _points(counts: Sequence[float], before: Sequence[float]) -> float:
    return 100 * (counts[-1] / counts[0] - before[-1] / before[0])


def _tell_before(counts: Sequence[float], before: Sequence[float]) -> str:
    if not before:
        return ""
    if not before[0]:
        return " (nobody in the period before)"
    rate = f"{share(before[-1], before[0])} of {number(before[0])}"
    moved = f"{tell_points(_points(counts, before))} on " if counts[0] else ""
    return f" ({moved}{rate} in the period before)"


def _tell_time(funnel: Funnel, result: Result) -> str:
    """Return how long it took if that is known: medians of several steps do not add up to that of the whole way."""
    whole = result.extra.get("total_median_conversion_time")
    if isinstance(whole, int | float) and not funnel.before:
        return f", median time {duration(amount(whole))}"
    total = _total_time(funnel.steps) if len(funnel.steps) == 2 else None
    return f", median time {total}" if total else ""


def _tell_frame(result: Result) -> str:
    span = tell_span(result)
    return "; ".join(["", *(part for part in (span, tell_window(result.query)) if part)])


def _total_time(steps: Sequence[Step]) -> str | None:
    times = [step.get("median_conversion_time") for step in steps[1:]]
    known = [amount(time) for time in times if isinstance(time, int | float)]
    return duration(sum(known)) if known else None


def _optional_steps(query: Mapping[str, object], count: int) -> frozenset[int]:
    series = list(mappings_of(query.get("series")))
    if len(series) != count:
        return frozenset()
    return frozenset(place for place, node in enumerate(series) if place and node.get("optionalInFunnel"))


def _pairs(count: int, optional: frozenset[int]) -> list[tuple[int, int]]:
    """Return each required step after the first with the required step before it: optional ones lose nobody."""
    required = [place for place in range(count) if place not in optional]
    return [(place, above) for above, place in pairwise(required)]


def step_name(step: Step) -> str:
    """Return what a step is called."""
    return text_of(step.get("custom_name")) or text_of(step.get("name")) or "step"
