"""Retention: who comes back after how long (facts/queries.md 1.4)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.days import shorten_days
from insights_mcp.render.numbers import number, share
from insights_mcp.render.reading import amount, breakdown_text, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table

# Of the intervals after the first, these are said in words.
_TOLD = (1, 3, 7)


def report_retention(result: Result) -> Report:
    """Return what a RetentionQuery's results say: the weighted means, then the triangle in per cent."""
    cohorts = list(mappings_of(result.results))
    sizes = [_counts(cohort)[:1] for cohort in cohorts]
    if not any(size and size[0] for size in sizes):
        return Report(("Nobody did the first event in this period.",), is_empty=True)
    has_breakdown = any(cohort.get("breakdown_value") is not None for cohort in cohorts)
    widths = known_widths(cohorts)
    labels = [text_of(value.get("label")) for value in mappings_of(cohorts[0].get("values"))]
    dates = shorten_days([text_of(cohort.get("date"))[:19] for cohort in cohorts])
    header = [*([Plain("breakdown")] if has_breakdown else []), Plain("from"), Plain("people"), *map(Plain, labels[1:])]
    rows: list[list[object]] = []
    for cohort, date, width in zip(cohorts, dates, widths, strict=True):
        counts = _counts(cohort)
        row: list[object] = [breakdown_text(cohort.get("breakdown_value"))] if has_breakdown else []
        row += [Plain(date), counts[0] if counts else 0]
        row += [Plain(share(count, counts[0]).removesuffix("%")) if counts[0] else None for count in counts[1:width]]
        rows.append(row)
    facts = (_mean_fact(cohorts, widths, labels), "Cells: % of the people in that row.")
    return Report(facts, Table(header, rows, ranked=False), how_to_get_less="Or lower totalIntervals.")


def known_widths(cohorts: Sequence[Mapping[str, object]]) -> list[int]:
    """Return how many cells of each row have happened yet: a row that starts one interval later knows one less."""
    by_breakdown: dict[str, list[int]] = {}
    for place, cohort in enumerate(cohorts):
        by_breakdown.setdefault(text_of(cohort.get("breakdown_value")), []).append(place)
    known: dict[int, int] = {}
    for places in by_breakdown.values():
        for order, place in enumerate(places):
            known[place] = max(1, min(len(_counts(cohorts[place])), len(places) - order))
    return [known[place] for place in range(len(cohorts))]


def _mean_fact(cohorts: Sequence[Mapping[str, object]], widths: Sequence[int], labels: Sequence[str]) -> str:
    told = []
    for interval in _TOLD:
        rows = [_counts(cohort) for cohort, width in zip(cohorts, widths, strict=True) if width > interval]
        people = sum(row[0] for row in rows)
        if people:
            told.append(f"{labels[interval]} {share(sum(row[interval] for row in rows), people)}")
    everybody = number(sum(_counts(cohort)[0] for cohort in cohorts if _counts(cohort)))
    return f"{len(cohorts)} cohorts, {everybody} in all. Back after: {', '.join(told) or 'too early to tell'}."


def _counts(cohort: Mapping[str, object]) -> list[float]:
    return [amount(value.get("count")) for value in mappings_of(rows_of(cohort.get("values")))]
