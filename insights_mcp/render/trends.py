"""Trends: what each series comes to, then the numbers (facts/queries.md 1.1)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from insights_mcp.render.days import shorten_days
from insights_mcp.render.numbers import change, number
from insights_mcp.render.reading import (
    amount,
    breakdown_text,
    mapping,
    mappings_of,
    numbers_of,
    rows_of,
    text_of,
    without_sentinels,
)
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

# Up to here a series is a column beside its days; more series are rows, ranked by what they come to.
_MAX_COLUMNS = 6
_MAX_FACTS = 4
# Adding these up over time counts nobody twice; for others (dau, avg, ...) the mean says more.
_ADDITIVE = {"", "total", "sum", "first_time_for_user", "first_matching_event_for_user"}


@dataclass(frozen=True)
class Series:
    """One line of a trend, with the compared period's numbers bucket by bucket if there are any."""

    label: str
    math: str
    days: Sequence[str]
    data: Sequence[float]
    value: float
    previous: "Series | None" = None

    @property
    def is_additive(self) -> bool:
        """Return whether a sum over time means something."""
        return self.math in _ADDITIVE


def report_trends(result: Result) -> Report:
    """Return what a TrendsQuery's results say."""
    rows = list(mappings_of(result.results))
    if not rows:
        return Report(("The query ran and returned no series.",), is_empty=True)
    is_total = all("aggregated_value" in row and not rows_of(row.get("data")) for row in rows)
    series = read_series(rows)
    report = _report_totals(series) if is_total else _report_lines(series, result)
    if result.has_more:
        return replace(report, notes=(*report.notes, "(other) sums up the values beyond breakdown_limit."))
    return report


def read_series(rows: Sequence[Mapping[str, object]]) -> list[Series]:
    """Return the current period's series in their order, under distinct names, each with its previous period."""
    return _name_apart(_pair_periods(rows))


def name_series(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return a readable and distinct name for each row that is a series."""
    return [one.label for one in _name_apart([_read_series(row, has_many_events=False) for row in rows])]


def _pair_periods(rows: Sequence[Mapping[str, object]]) -> list[Series]:
    with_breakdown = [row for row in rows if "breakdown_value" in row]
    has_many_events = len({text_of(row.get("order")) for row in with_breakdown}) > 1
    previous: dict[str, Series] = {}
    current: list[tuple[str, Series]] = []
    for row in rows:
        key = f"{row.get('order')}/{row.get('breakdown_value')}"
        series = _read_series(row, has_many_events=has_many_events)
        if row.get("compare_label") == "previous":
            previous[key] = series
        else:
            current.append((key, series))
    return [replace(series, previous=previous.get(key)) for key, series in current]


def _read_series(row: Mapping[str, object], *, has_many_events: bool) -> Series:
    action = mapping(row.get("action"))
    label = without_sentinels(text_of(row.get("label"))) or "series"
    name = text_of(action.get("custom_name")) or label
    if "breakdown_value" in row:
        value = breakdown_text(row["breakdown_value"])
        event = text_of(action.get("custom_name")) or text_of(action.get("name"))
        name = f"{event} - {value}" if has_many_events and event else value
    data = numbers_of(row.get("data"))
    value_now = amount(row["aggregated_value"]) if "aggregated_value" in row and not data else sum(data)
    return Series(
        name, text_of(action.get("math")), [text_of(day) for day in rows_of(row.get("days"))], data, value_now
    )


def _name_apart(series: Sequence[Series]) -> list[Series]:
    """Tell series of one name apart by their math, then by their place."""
    counts = Counter(one.label for one in series)
    named = [
        replace(one, label=f"{one.label} ({one.math or 'total'})") if counts[one.label] > 1 else one for one in series
    ]
    again = Counter(one.label for one in named)
    return [
        replace(one, label=f"{one.label} {place}") if again[one.label] > 1 else one
        for place, one in enumerate(named, 1)
    ]


def _report_totals(series: Sequence[Series]) -> Report:
    ranked = sorted(series, key=lambda one: -one.value)
    compared = any(one.previous for one in series)
    is_empty = not any(one.value for one in series)
    if len(series) == 1:
        return Report((f"{word(series[0].label)}: {_total_fact(series[0])}.",), is_empty=is_empty)
    header: list[object] = [Plain("series"), Plain("value")]
    if compared:
        header += [Plain("previous"), Plain("change")]
    rows: list[list[object]] = []
    for one in ranked:
        row: list[object] = [one.label, one.value]
        if compared:
            before = one.previous.value if one.previous else 0.0
            row += [before, Plain(change(one.value, before))]
        rows.append(row)
    fact = f"{len(series)} series; highest {word(ranked[0].label)}: {number(ranked[0].value)}."
    return Report((fact,), Table(header, rows), is_empty=is_empty, how_to_get_less="Or lower breakdown_limit.")


def _total_fact(series: Series) -> str:
    if series.previous is None:
        return number(series.value)
    before = series.previous.value
    return f"{number(series.value)} ({change(series.value, before)} on {number(before)} in the period before)"


def _report_lines(series: Sequence[Series], result: Result) -> Report:
    days = max((one.days for one in series), key=lambda days: len(days))
    short = shorten_days(days)
    is_running = _ends_now(result.query)
    facts = [_span_fact(days, result, is_running=is_running)]
    ranked = sorted(series, key=lambda one: -one.value)
    facts += [_line_fact(one, short, is_running=is_running) for one in ranked[:_MAX_FACTS]]
    is_empty = not any(any(one.data) for one in series)
    table = _table_of_days(series, short) if len(series) <= _MAX_COLUMNS else _table_of_series(ranked, short)
    return Report(
        tuple(facts),
        None if is_empty else table,  # a column of noughts says no more than the fact above it
        is_empty=is_empty,
        how_to_get_less="Or ask for a coarser interval or a shorter dateRange.",
        summary=" ".join(facts[1:3]),
        short=_short_fact(ranked, short, is_running=is_running),
    )


def _ends_now(query: Mapping[str, object]) -> bool:
    """Whether the last bucket is not over yet: the period has no end of its own."""
    return not mapping(query.get("dateRange")).get("date_to")


def _span_fact(days: Sequence[str], result: Result, *, is_running: bool) -> str:
    interval = text_of(result.query.get("interval")) or "day"
    if not days:
        return f"By {interval}."
    first, last = days[0][:16].removesuffix(" 00:00"), days[-1][:16].removesuffix(" 00:00")
    zone = f", {result.timezone}" if result.timezone else ""
    running = f"; the last {interval} is not over" if is_running else ""
    return f"By {interval}, {first} to {last}{zone}{running}."


def _line_fact(series: Series, days: Sequence[str], *, is_running: bool) -> str:
    label, data = word(series.label), series.data
    if not any(data):
        return f"{label}: 0 throughout."
    pieces = [_whole_fact(series)]
    last = len(data) - (2 if is_running and len(data) > 1 else 1)
    if last < len(days):
        step = f" ({change(data[last], data[last - 1])} on {days[last - 1]})" if last > 0 else ""
        pieces.append(f"{days[last]} {number(data[last])}{step}")
        high = max(range(len(data)), key=lambda index: data[index])
        pieces.append(f"high {number(data[high])} on {days[high]}")
    return f"{label}: {', '.join(pieces)}."


def _short_fact(ranked: Sequence[Series], days: Sequence[str], *, is_running: bool) -> str:
    """Return the total or mean of the largest series and its last whole bucket."""
    if not ranked or not any(ranked[0].data):
        return "0 throughout"
    data = ranked[0].data
    last = len(data) - (2 if is_running and len(data) > 1 else 1)
    name = f"{word(ranked[0].label)} " if len(ranked) > 1 else ""
    whole = "total" if ranked[0].is_additive else "mean"
    value = ranked[0].value if ranked[0].is_additive else _mean(ranked[0])
    latest = f", {number(data[last])} on {days[last]}" if last < len(days) else ""
    return f"{name}{whole} {number(value)}{latest}"


def _whole_fact(series: Series) -> str:
    whole, noun = (series.value, "total") if series.is_additive else (_mean(series), "mean")
    if series.previous is None:
        return f"{noun} {number(whole)}"
    before = series.previous.value if series.is_additive else _mean(series.previous)
    return f"{noun} {number(whole)} ({change(whole, before)} on {number(before)} in the period before)"


def _mean(series: Series) -> float:
    return sum(series.data) / len(series.data) if series.data else 0.0


def _table_of_days(series: Sequence[Series], days: Sequence[str]) -> Table:
    header: list[object] = [Plain("date")]
    columns: list[Sequence[float]] = []
    for one in series:
        header.append(one.label)
        columns.append(one.data)
        if one.previous:
            header.append(f"{one.label} before")
            columns.append(one.previous.data)
    rows = [
        [Plain(day), *(column[index] if index < len(column) else None for column in columns)]
        for index, day in enumerate(days)
    ]
    extremes = {place for one in series if any(one.data) for place in _extremes(one.data)}
    return Table(header, rows, ranked=False, pinned=frozenset(extremes))


def _extremes(data: Sequence[float]) -> tuple[int, int]:
    places = range(len(data))
    return max(places, key=lambda place: data[place]), min(places, key=lambda place: data[place])


def _table_of_series(ranked: Sequence[Series], days: Sequence[str]) -> Table:
    header: list[object] = [Plain("series"), Plain("total" if ranked[0].is_additive else "mean"), *map(Plain, days)]
    rows: list[list[object]] = []
    for one in ranked:
        rows.append([one.label, one.value if one.is_additive else _mean(one), *one.data])
        if one.previous:
            before = one.previous
            rows.append([f"{one.label} before", before.value if one.is_additive else _mean(before), *before.data])
    return Table(header, rows)
