"""Retention: who comes back after how long (facts/queries.md 1.4)."""

import re
from collections.abc import Mapping, Sequence

from insights_mcp.render.days import shorten_days
from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import people, plural, share
from insights_mcp.render.questions import name_breakdown
from insights_mcp.render.reading import amount, breakdown_text, mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

Cohort = Mapping[str, object]
# Of the intervals after the first, these are said in words.
_TOLD = (1, 3, 7)
# Tenths of a per cent say something of groups of this size and more.
_FINE = 500
_LONGEST = 32
# `Day 3`, or `Day 5-11` of custom brackets.
_BRACKET = re.compile(r"(\d+)(?:-\d+)?$")


def report_retention(result: Result) -> Report:
    """Return what a RetentionQuery's results say: the weighted means, then the triangle."""
    cohorts = [cohort for cohort in mappings_of(result.results) if _counts(cohort)]
    sizes = [_counts(cohort)[0] for cohort in cohorts]
    if not any(sizes):
        return Report(("Nobody did the first event in this period.",), is_empty=True)
    has_breakdown = any(cohort.get("breakdown_value") is not None for cohort in cohorts)
    widths = known_widths(cohorts)
    labels = [mark(text_of(value.get("label"))[:_LONGEST]) for value in mappings_of(cohorts[0].get("values"))]
    summed = _name_sum(result.query)
    dates = shorten_days([text_of(cohort.get("date"))[:19] for cohort in cohorts])
    rows: list[list[object]] = []
    for cohort, date, width in zip(cohorts, dates, widths, strict=True):
        row: list[object] = [breakdown_text(cohort.get("breakdown_value"))] if has_breakdown else []
        row += [Plain(date), _counts(cohort)[0], *_cells(cohort, width, is_fine=max(sizes) >= _FINE, summed=summed)]
        rows.append(row)
    by = name_breakdown(result.query) or "breakdown"
    header = [*([Plain(by)] if has_breakdown else []), Plain("from"), Plain("people")]
    header += map(Plain, labels if summed else labels[1:])
    cells = f"Cells: {summed}." if summed else "Cells: % of the people in that row."
    growing = "" if mapping(result.query.get("dateRange")).get("date_to") else " The last of a row may still grow."
    groups = len({text_of(cohort.get("breakdown_value")) for cohort in cohorts}) if has_breakdown else 1
    facts = (f"{_ask(result.query)}{_tell_means(cohorts, widths, labels, groups)}", f"{cells}{growing}")
    return Report(
        facts, Table(header, rows, ranked=False, grouped=has_breakdown), how_to_get_less="Or lower totalIntervals."
    )


def known_widths(cohorts: Sequence[Cohort]) -> list[int]:
    """Return how many cells of each row have happened yet, in part at least; those beyond hold no number yet."""
    by_breakdown: dict[str, list[int]] = {}
    for place, cohort in enumerate(cohorts):
        by_breakdown.setdefault(text_of(cohort.get("breakdown_value")), []).append(place)
    known: dict[int, int] = {}
    for places in by_breakdown.values():
        for order, place in enumerate(places):
            age = len(places) - 1 - order
            known[place] = max(1, sum(start <= age for start in _starts(cohorts[place])))
    return [known[place] for place in range(len(cohorts))]


def _starts(cohort: Cohort) -> list[int]:
    """Return after how many intervals each cell of a row begins: its place, or what a bracket says."""
    values = list(mappings_of(cohort.get("values")))
    found = [_BRACKET.search(text_of(value.get("label"))) for value in values]
    starts = [int(match.group(1)) if match else place for place, match in enumerate(found)]
    return starts if starts == sorted(set(starts)) and starts[:1] == [0] else list(range(len(values)))


def _cells(cohort: Cohort, width: int, *, is_fine: bool, summed: str) -> list[object]:
    if summed:
        return [amount(value.get("aggregation_value")) for value in list(mappings_of(cohort.get("values")))[:width]]
    counts = _counts(cohort)
    if not counts[0]:
        return []
    return [round(100 * count / counts[0], 1 if is_fine else None) for count in counts[1:width]]


def _name_sum(query: Mapping[str, object]) -> str:
    """Return what cells hold when it is no number of people: `sum of revenue` (facts/queries.md 1.4)."""
    settings = mapping(query.get("retentionFilter"))
    kind = text_of(settings.get("aggregationType"))
    return f"{kind} of {word(text_of(settings.get('aggregationProperty')))}" if kind in ("sum", "avg") else ""


def _ask(query: Mapping[str, object]) -> str:
    settings = mapping(query.get("retentionFilter"))
    first, then = (mapping(settings.get(key)) for key in ("targetEntity", "returningEntity"))
    names = [_entity(one) if one else "$pageview" for one in (first, then)]
    return f"{names[0]}, then {'again' if names[0] == names[1] else names[1]}. "


def _entity(found: Mapping[str, object]) -> str:
    name = text_of(found.get("custom_name") or found.get("name") or found.get("id"))
    return word(name) if name else "any event"


def _tell_means(cohorts: Sequence[Cohort], widths: Sequence[int], labels: Sequence[str], groups: int) -> str:
    """Return how many come back, over all rows that are old enough to know: not counting what may still grow."""
    told = []
    for interval in _TOLD:
        if interval >= len(labels):
            continue
        known = [
            _counts(cohort)
            for cohort, width in zip(cohorts, widths, strict=True)
            if width > interval + 1 or width == len(labels)
        ]
        persons = sum(row[0] for row in known)
        if persons:
            told.append(f"{labels[interval]}: {share(sum(row[interval] for row in known), persons)}")
    everybody = people(sum(_counts(cohort)[0] for cohort in cohorts))
    counted = f"{groups} x {len(cohorts) // groups} cohorts" if groups > 1 else plural(len(cohorts), "cohort")
    return f"{counted}, {everybody} in all; back on {', '.join(told) or 'later intervals: too early to tell'}."


def _counts(cohort: Cohort) -> list[float]:
    return [amount(value.get("count")) for value in mappings_of(rows_of(cohort.get("values")))]
