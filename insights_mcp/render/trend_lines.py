"""Trends over time: what each series comes to, then the numbers bucket by bucket (facts/queries.md 1.1)."""

from collections.abc import Sequence

from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import change
from insights_mcp.render.periods import Period, read_period
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word
from insights_mcp.render.trends import Series
from insights_mcp.render.units import TextUnit

# Up to here a series is a column beside its days: few cells in a row are counted off more surely than many. More
# series, or more series than days, are rows, ranked by what they come to.
_MAX_COLUMNS = 16
_MAX_FACTS = 4
# A drift between the halves of a period says something from here on.
_LEAST_BUCKETS = 6


def report_lines(series: Sequence[Series], result: Result, unit: TextUnit, asked: str) -> Report:
    """Return what a trend over time says."""
    period = read_period(result, max((one.days for one in series), key=len))
    teller = _Teller(period, unit, is_cumulative=_is_cumulative(result))
    ranked = sorted(series, key=lambda one: (one.is_remainder, -teller.size(one)))
    facts = [_headline(series, period, unit, asked), *_tell_series(ranked, teller)]
    is_empty = not any(any(one.data) for one in series)
    columns = sum(2 if one.previous else 1 for one in series)
    if columns <= min(_MAX_COLUMNS, max(_MAX_FACTS, len(period.days))):
        table = _table_of_days(series, period, unit, teller)
    else:
        table = _table_of_series(ranked, period, unit, teller)
    return Report(
        tuple(facts),
        None if is_empty else table,  # a column of noughts says no more than the fact above it
        is_empty=is_empty,
        how_to_get_less="Or ask for a coarser interval or a shorter dateRange.",
        summary=" ".join(facts[1:3]),
        short=teller.short(ranked[0], is_alone=len(ranked) == 1),
    )


def _is_cumulative(result: Result) -> bool:
    return text_of(mapping(result.query.get("trendsFilter")).get("display")) == "ActionsLineGraphCumulative"


def _headline(series: Sequence[Series], period: Period, unit: TextUnit, asked: str) -> str:
    sentence = period.sentence
    if asked:
        sentence = f"{asked}, {sentence[:1].lower()}{sentence[1:]}"
    before = next((one.previous.days for one in series if one.previous and one.previous.days), ())
    compared = f" Before: {mark(before[0][:10])} to {mark(before[-1][:10])}." if before else ""
    measured = f" Numbers in {unit.name}." if unit.name else ""
    return f"{sentence}.{measured}{compared}"


def _tell_series(ranked: Sequence[Series], teller: "_Teller") -> list[str]:
    """Return a sentence for each of the largest series, one for all of nought, and the largest mover."""
    told = [one for one in ranked if any(one.data)]
    silent = len(ranked) - len(told)
    if not told:
        return [f"{word(ranked[0].label)}: 0 throughout." if silent == 1 else f"All {silent} series: 0 throughout."]
    facts = [teller.tell(one) for one in told[:_MAX_FACTS]]
    if silent and len(told) <= _MAX_FACTS:
        names = ", ".join(word(one.label) for one in ranked if not any(one.data)) if silent <= 2 else f"{silent} others"
        facts.append(f"{names}: 0 throughout.")
    mover = teller.tell_mover(told)
    return [*facts, mover] if mover else facts


class _Teller:
    """Tells of series in the words that suit the period and the unit."""

    def __init__(self, period: Period, unit: TextUnit, *, is_cumulative: bool) -> None:
        self._period = period
        self._unit = unit
        self._is_cumulative = is_cumulative

    def size(self, series: Series) -> float:
        """Return what a series is ranked by: what it comes to."""
        if self._is_cumulative:
            return series.data[-1] if series.data else 0.0
        return series.value if series.is_additive else series.mean

    def name_size(self, series: Series) -> str:
        """Return what the size of a series is called."""
        if self._is_cumulative:
            return "at the end"
        return "total" if series.is_additive else "mean"

    def tell(self, series: Series) -> str:
        """Return a series in a sentence: what it comes to, the last whole bucket, the highest."""
        data, days, write = series.data, self._period.labels, self._unit.write
        pieces = [f"{self.name_size(series)} {write(self.size(series))}{self._tell_change(series)}"]
        last = min(self._period.last_whole, len(data) - 1)
        if last < len(days):
            step = f" ({self._compare(data[last], data[last - 1])} on {days[last - 1]})" if last > 0 else ""
            pieces.append(f"{days[last]} {write(data[last])}{step}")
            high = max(range(len(data)), key=lambda index: data[index])
            if not self._is_cumulative and high < len(days) and len(data) > 2:
                pieces.append(f"high {write(data[high])} {self._period.at(high)}")
        return f"{word(series.label)}: {', '.join(pieces)}."

    def _tell_change(self, series: Series) -> str:
        """Return the change against the period before, over whole buckets only: half a day is no drop."""
        if series.previous is None:
            return ""
        now, before = self._whole(series), self._whole(series.previous)
        write = self._unit.write
        moved = self._compare(now, before)
        moved = moved if moved == write(before) else f"{moved} on {write(before)}"
        if not self._period.open_reason:
            return f" ({moved} in the period before)"
        until = self._period.labels[self._period.last_whole]
        return f" (to {until} {write(now)}, {moved} before)"

    def _compare(self, after: float, before: float) -> str:
        """Return a change in per cent, or what was before where they say nothing."""
        return change(after, before) if before and after != before else self._unit.write(before)

    def _whole(self, series: Series) -> float:
        data = series.data[: self._period.last_whole + 1] if self._period.open_reason else series.data
        if self._is_cumulative:
            return data[-1] if data else 0.0
        return sum(data) / (1 if series.is_additive else len(data) or 1)

    def tell_mover(self, series: Sequence[Series]) -> str:
        """Return which of several series moved most: on the period before, or from one half to the other."""
        named = [one for one in series if not one.is_remainder]
        if len(named) < 3 or self._is_cumulative:
            return ""
        compared = all(one.previous for one in named)
        whole = self._period.last_whole + 1
        if not compared and whole < _LEAST_BUCKETS:
            return ""
        moves = [self._halves(one, whole) if not compared else self._periods(one) for one in named]
        place = max(range(len(named)), key=lambda index: abs(moves[index][0] - moves[index][1]))
        now, before = moves[place]
        if now == before:
            return ""
        since = "on the period before" if compared else "from the first half of the period to the second"
        return f"Largest mover: {word(named[place].label)}, {change(now, before)} {since}."

    def _periods(self, series: Series) -> tuple[float, float]:
        return self._whole(series), self._whole(series.previous) if series.previous else 0.0

    def _halves(self, series: Series, whole: int) -> tuple[float, float]:
        first = 1 if self._period.is_first_partial else 0
        half = (whole - first) // 2
        return sum(series.data[whole - half : whole]) / half, sum(series.data[first : first + half]) / half

    def short(self, series: Series, *, is_alone: bool) -> str:
        """Return what a series comes to and its last whole bucket."""
        if not any(series.data):
            return "0 throughout"
        name = "" if is_alone else f"{word(series.label)} "
        days, last = self._period.labels, min(self._period.last_whole, len(series.data) - 1)
        latest = f", {self._unit.write(series.data[last])} {self._period.at(last)}" if last < len(days) else ""
        return f"{name}{self.name_size(series)} {self._unit.write(self.size(series))}{latest}"


def _table_of_days(series: Sequence[Series], period: Period, unit: TextUnit, teller: _Teller) -> Table:
    keys = _split_hours(period)
    header: list[object] = [Plain(name) for name in (("date", period.header) if keys else (period.header,))]
    header += [name for one in series for name in (one.label, f"{one.label} before")[: 2 if one.previous else 1]]
    columns = [one.data for one in _with_previous(series)]
    rows = [
        [
            *(keys[index] if keys else (Plain(day),)),
            *(unit.scale(column[index]) if index < len(column) else None for column in columns),
        ]
        for index, day in enumerate(period.labels)
    ]
    extremes = {place for one in series if any(one.data) for place in _extremes(one.data)}
    sizes = {teller.name_size(one) for one in series}
    if len(series) > _MAX_FACTS and len(sizes) == 1 and not keys:  # those the facts do not tell
        rows.insert(0, [Plain(sizes.pop()), *(unit.scale(teller.size(one)) for one in _with_previous(series))])
        extremes = {0, *(place + 1 for place in extremes)}
    return Table(header, rows, ranked=False, pinned=frozenset(extremes), grouped=bool(keys))


def _with_previous(series: Sequence[Series]) -> list[Series]:
    """Return each series and, beside it, that of the period before."""
    return [one for pair in ((one, one.previous) for one in series) for one in pair if one is not None]


def _split_hours(period: Period) -> list[tuple[Plain, Plain]]:
    """Return date and time of day apart where a date has many, so that it is written once; else nothing."""
    parts = [label.split(" ") for label in period.labels]
    if period.interval not in ("hour", "minute") or len(parts) < 3 or any(len(part) != 2 for part in parts):
        return []
    is_hourly = period.interval == "hour"
    return [(Plain(date), Plain(clock.removesuffix(":00") if is_hourly else clock)) for date, clock in parts]


def _extremes(data: Sequence[float]) -> tuple[int, int]:
    places = range(len(data))
    return max(places, key=lambda place: data[place]), min(places, key=lambda place: data[place])


def _table_of_series(ranked: Sequence[Series], period: Period, unit: TextUnit, teller: _Teller) -> Table:
    header: list[object] = [Plain("series"), Plain(teller.name_size(ranked[0])), *map(Plain, period.labels)]
    rows: list[list[object]] = []
    for one in ranked:
        rows.append([one.label, unit.scale(teller.size(one)), *map(unit.scale, one.data)])
        if one.previous:
            before = one.previous
            rows.append([f"{one.label} before", unit.scale(teller.size(before)), *map(unit.scale, before.data)])
    return Table(header, rows)
