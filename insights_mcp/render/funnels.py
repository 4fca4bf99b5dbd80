"""Funnels: who got how far, and where the rest was lost (facts/queries.md 1.2)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.days import shorten_days
from insights_mcp.render.numbers import duration, number, share
from insights_mcp.render.reading import (
    amount,
    breakdown_text,
    mapping,
    mappings_of,
    numbers_of,
    rows_of,
    text_of,
)
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

Step = Mapping[str, object]


def report_funnel(result: Result) -> Report:
    """Return what a FunnelsQuery's results say, for each of its three shapes."""
    shape = text_of(mapping(result.query.get("funnelsFilter")).get("funnelVizType")) or "steps"
    if shape == "trends":
        return _report_conversion_over_time(result)
    if shape == "time_to_convert" or isinstance(result.results, Mapping):
        return _report_time_to_convert(mapping(result.results))
    first = next(iter(rows_of(result.results)), None)
    if isinstance(first, Mapping):
        return _report_steps(list(mappings_of(result.results)))
    return _report_by_breakdown([list(mappings_of(steps)) for steps in rows_of(result.results)])


def _report_steps(steps: Sequence[Step]) -> Report:
    counts = [amount(step.get("count")) for step in steps]
    if not steps or not counts[0]:
        return Report(("Nobody did the first step in this period.",), is_empty=True)
    short = f"{share(counts[-1], counts[0])} convert: {number(counts[-1])} of {number(counts[0])}"
    facts = [f"{short}{_took(steps)}."]
    if len(counts) > 1:
        lost = max(range(1, len(counts)), key=lambda index: counts[index - 1] - counts[index])
        gone = counts[lost - 1] - counts[lost]
        facts.append(
            f"Most are lost before step {lost + 1}, {word(_step_name(steps[lost]))}: "
            f"{number(gone)} ({share(gone, counts[lost - 1])})."
        )
    header = [Plain(name) for name in ("step", "name", "count", "of first", "of previous", "lost", "median time")]
    table = Table(header, [_step_row(steps, counts, index) for index in range(len(steps))])
    return Report(tuple(facts), table, short=short)


def _step_row(steps: Sequence[Step], counts: Sequence[float], index: int) -> list[object]:
    before = counts[index - 1] if index else counts[index]
    median = steps[index].get("median_conversion_time")
    return [
        index + 1,
        _step_name(steps[index]),
        counts[index],
        Plain(share(counts[index], counts[0])),
        Plain(share(counts[index], before)) if index else None,
        before - counts[index] if index else None,
        Plain(duration(amount(median))) if isinstance(median, int | float) else None,
    ]


def _report_by_breakdown(funnels: Sequence[Sequence[Step]]) -> Report:
    funnels = [steps for steps in funnels if steps]
    if not funnels or not any(amount(steps[0].get("count")) for steps in funnels):
        return Report(("Nobody did the first step in this period.",), is_empty=True)
    names = [_step_name(step) for step in funnels[0]]
    header: list[object] = [Plain("breakdown"), *names, Plain("converted"), Plain("median time")]
    rows: list[list[object]] = []
    for steps in sorted(funnels, key=lambda steps: -amount(steps[0].get("count"))):
        counts = [amount(step.get("count")) for step in steps]
        value = breakdown_text(steps[0].get("breakdown_value", steps[0].get("breakdown")))
        rows.append([value, *counts, Plain(share(counts[-1], counts[0])), Plain(_total_time(steps) or "")])
    first = sum(amount(steps[0].get("count")) for steps in funnels)
    last = sum(amount(steps[-1].get("count")) for steps in funnels)
    fact = f"{share(last, first)} convert over all {len(funnels)} values: {number(last)} of {number(first)}."
    return Report((fact,), Table(header, rows), how_to_get_less="Or lower breakdown_limit.")


def _report_conversion_over_time(result: Result) -> Report:
    rows = list(mappings_of(result.results))
    if not rows:
        return Report(("The query ran and returned nothing.",), is_empty=True)
    days = shorten_days([text_of(day) for day in rows_of(rows[0].get("days"))])
    names = [breakdown_text(row["breakdown_value"]) if "breakdown_value" in row else "converted %" for row in rows]
    columns = [numbers_of(row.get("data")) for row in rows]
    facts = tuple(
        f"{word(name)}: mean {number(sum(data) / len(data))}%, latest {number(data[-1])}%, best {number(max(data))}%."
        for name, data in zip(names, columns, strict=True)
        if data
    )[:4]
    table = Table(
        [Plain("date"), *names],
        [
            [Plain(day), *(data[index] if index < len(data) else None for data in columns)]
            for index, day in enumerate(days)
        ],
        ranked=False,
    )
    return Report(facts, table, is_empty=not any(any(data) for data in columns))


def _report_time_to_convert(results: Mapping[str, object]) -> Report:
    bins = [rows_of(row) for row in rows_of(results.get("bins"))]
    rows = [[Plain(duration(amount(row[0]))), row[1]] for row in bins if len(row) == 2]
    if not any(amount(row[1]) for row in rows):
        return Report(("Nobody converted in this period.",), is_empty=True)
    median, mean = results.get("median_conversion_time"), results.get("average_conversion_time")
    fact = f"Time to convert: median {duration(amount(median))}, mean {duration(amount(mean))}."
    return Report((fact,), Table([Plain("from"), Plain("people")], rows, ranked=False))


def _took(steps: Sequence[Step]) -> str:
    total = _total_time(steps)
    return f", in {total} at the median step times" if total and len(steps) > 1 else ""


def _total_time(steps: Sequence[Step]) -> str | None:
    times = [step.get("median_conversion_time") for step in steps[1:]]
    known = [amount(time) for time in times if isinstance(time, int | float)]
    return duration(sum(known)) if known else None


def _step_name(step: Step) -> str:
    return text_of(step.get("custom_name")) or text_of(step.get("name")) or "step"
