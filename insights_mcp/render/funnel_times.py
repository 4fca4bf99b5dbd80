"""Funnels over time, and how long people take to convert (facts/queries.md 1.2)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.numbers import duration, number, plural, share, tell_points
from insights_mcp.render.periods import Period, dates_of, read_period, tell_span
from insights_mcp.render.questions import name_breakdown
from insights_mcp.render.reading import amount, breakdown_text, mapping, mappings_of, numbers_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

Row = Mapping[str, object]
_CONVERTED = "converted %"
_MAX_FACTS = 4
# What PostHog gives people to convert unless told otherwise (facts/queries.md 1.2).
_USUAL_WINDOW = "14 days"
# Of so many lines and more, rates are told in whole per cent.
_MANY_LINES = 3


def tell_window(query: Mapping[str, object]) -> str:
    """Return how long people have to convert, `within 1 hour`; nothing for the usual 14 days."""
    window = _window(query)
    return "" if window == _USUAL_WINDOW else f"within {window}"


def _window(query: Mapping[str, object]) -> str:
    settings = mapping(query.get("funnelsFilter"))
    count = settings.get("funnelWindowInterval")
    unit = text_of(settings.get("funnelWindowIntervalUnit")) or "day"
    return plural(count, unit) if isinstance(count, int) else _USUAL_WINDOW


def report_conversion(result: Result) -> Report:
    """Return conversion rates bucket by bucket."""
    rows = list(mappings_of(result.results))
    if not rows:
        return Report(("The query ran and returned nothing.",), is_empty=True)
    period = read_period(result, dates_of(rows))
    previous = {_key(row): row for row in rows if row.get("compare_label") == "previous"}
    current = [row for row in rows if row.get("compare_label") != "previous"] or rows
    told = [_tell_line(row, previous.get(_key(row)), period) for row in current if any(numbers_of(row.get("data")))]
    facts = [_headline(result, period), *(told[:_MAX_FACTS] or ["Nobody converted."])]
    if period.open_reason:
        facts.append(f"Who started less than {_window(result.query)} ago may still convert.")
    table = _table_of_rates(current, previous, period)
    is_empty = not any(any(numbers_of(row.get("data"))) for row in rows)
    return Report(tuple(facts), None if is_empty else table, is_empty=is_empty, summary=facts[1])


def _headline(result: Result, period: Period) -> str:
    by, window, sentence = name_breakdown(result.query), tell_window(result.query), period.sentence
    within = f" {window}" if window else ""
    return f"Conversion{within}{f' by {by}' if by else ''}, {sentence[:1].lower()}{sentence[1:]}."


def _table_of_rates(current: Sequence[Row], previous: Mapping[str, Row], period: Period) -> Table:
    header: list[object] = [Plain(period.header)]
    columns: list[list[float]] = []
    for row in current:
        header.append(_name(row))
        columns.append(numbers_of(row.get("data")))
        if (before := previous.get(_key(row))) is not None:
            header.append(f"{_name(row)} before")
            columns.append(numbers_of(before.get("data")))
    digits = None if len(columns) >= _MANY_LINES else 1
    rows = [
        [Plain(day), *(round(data[index], digits) if index < len(data) else None for data in columns)]
        for index, day in enumerate(period.labels)
    ]
    return Table(header, rows, ranked=False, pinned=_extremes(columns))


def _tell_line(row: Row, previous: Row | None, period: Period) -> str:
    data = numbers_of(row.get("data"))
    last = min(period.last_whole, len(data) - 1)
    high = max(range(len(data)), key=lambda index: data[index])
    compared = ""
    if previous is not None and (before := numbers_of(previous.get("data"))):
        compared = f" ({tell_points(_mean(data) - _mean(before))} on the period before)"
    when = period.labels
    latest = (
        f", {when[last]} {_rate(data[last])}, best {_rate(data[high])} {period.at(high)}"
        if len(data) <= len(when)
        else ""
    )
    return f"{word(_name(row).removesuffix(' %'))}: mean {_rate(_mean(data))}{compared}{latest}."


def _name(row: Row) -> str:
    return breakdown_text(row["breakdown_value"]) if "breakdown_value" in row else _CONVERTED


def _key(row: Row) -> str:
    return text_of(row.get("breakdown_value"))


def _mean(data: Sequence[float]) -> float:
    return sum(data) / len(data)


def _rate(value: float) -> str:
    return f"{number(round(value, 1))}%"


def _extremes(columns: Sequence[Sequence[float]]) -> frozenset[int]:
    places: set[int] = set()
    for data in columns[:_MAX_FACTS]:
        if data:
            places |= {max(range(len(data)), key=data.__getitem__), min(range(len(data)), key=data.__getitem__)}
    return frozenset(places)


def report_time_to_convert(result: Result) -> Report:
    """Return how long people took, and how many took how long; with the period before, one after the other."""
    found = list(mappings_of(result.results)) or [mapping(result.results)]
    current = next((one for one in found if one.get("compare_label") != "previous"), found[0])
    previous = next((one for one in found if one.get("compare_label") == "previous"), None)
    bins = _read_bins(current)
    if not any(people for _, people in bins):
        return Report(("Nobody converted in this period.",), is_empty=True)
    frame = "; ".join(["", *(part for part in (tell_span(result), tell_window(result.query)) if part)])
    facts = [f"Time to convert: {_tell_times(current)}{frame}."]
    if previous is not None:
        facts.append(f"In the period before: {_tell_times(previous)}.")
    width = bins[1][0] - bins[0][0] if len(bins) > 1 else 0.0
    whole = sum(people for _, people in bins)
    if width:
        facts.append(f"{share(bins[0][1], whole)} of {number(whole)} convert within {duration(bins[0][0] + width)}.")
        bars = f"People per bin of {duration(width)}, from {duration(bins[0][0])} on: {_list(bins)}."
        before = f"\nIn the period before: {_list(_read_bins(previous))}." if previous is not None else ""
        return Report(tuple(facts), notes=(f"{bars}{before}",), summary=facts[0])
    return Report(tuple(facts), summary=facts[0])


def _read_bins(found: Row) -> list[tuple[float, float]]:
    rows = [rows_of(row) for row in rows_of(found.get("bins"))]
    return [(amount(row[0]), amount(row[1])) for row in rows if len(row) == 2]


def _list(bins: Sequence[tuple[float, float]]) -> str:
    """Return the numbers of people; those after the last that is not 0 go without saying."""
    people = [number(count) for _, count in bins]
    while people and people[-1] == "0":
        people.pop()
    return ",".join(people) or "0"


def _tell_times(found: Row) -> str:
    median, mean = (amount(found.get(f"{word}_conversion_time")) for word in ("median", "average"))
    return f"median {duration(median)}, mean {duration(mean)}"
