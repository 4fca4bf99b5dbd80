"""Figures of a FunnelsQuery: steps, conversion over time, time to convert (facts/queries.md 1.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.figures.limits import MAX_PAIRS, OTHER, Drawn, limit_points, limit_series, sum_known
from insights_mcp.render.figures.model import Axis, Figure, Role, Series, Unit
from insights_mcp.render.figures.texts import LONGEST_SENTENCE, clean_name, finite, tell_apart, values_of
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.figures.trends import read_goals
from insights_mcp.render.figures.units import PERCENT, SECONDS, write_number
from insights_mcp.render.numbers import duration, share
from insights_mcp.render.periods import read_period
from insights_mcp.render.reading import amount, breakdown_text, mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Result

Step = Mapping[str, object]


def draw_funnel(result: Result) -> Figure | None:
    """Return the figure of a FunnelsQuery's results in each of its three shapes, None where nothing is in them."""
    options = mapping(result.query.get("funnelsFilter"))
    shape = text_of(options.get("funnelVizType")) or "steps"
    if shape == "trends":
        figure = _draw_conversion(result)
        return replace(figure, goals=read_goals(options)) if figure else None
    if shape == "time_to_convert" or isinstance(result.results, Mapping):
        found = [mapping(result.results)] if isinstance(result.results, Mapping) else mappings_of(result.results)
        return _draw_times([one for one in found if rows_of(one.get("bins"))])
    first = next(iter(rows_of(result.results)), None)
    groups = [result.results] if isinstance(first, Mapping) else rows_of(result.results)
    return _draw_steps([steps for group in groups for steps in _by_period(list(mappings_of(group)))])


def _by_period(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps of one value, those of a compared period apart: they come in one list (local and upstream)."""
    current = [step for step in steps if step.get("compare_label") != "previous"]
    previous = [step for step in steps if step.get("compare_label") == "previous"]
    return [group for group in (current, previous) if group]


def _draw_steps(groups: Sequence[Sequence[Step]]) -> Figure | None:
    if not groups or not any(amount(step.get("count")) for steps in groups for step in steps):
        return None
    drawn, notes = _limit(_pair([_series(steps) for steps in groups]))
    names = [text_of(step.get("custom_name")) or text_of(step.get("name")) or "step" for step in groups[0]]
    labels = tell_apart([f"{place}. {clean_name(name, 60)}" for place, name in enumerate(names, 1)])
    return Figure(
        "funnel",
        subtitle=_converted(drawn),
        x=Axis("Step", kind="category"),
        y=Axis("People"),
        labels=labels,
        series=tuple(one for pair in drawn for one in (pair.current, pair.previous) if one),
        notes=notes,
    )


def _series(steps: Sequence[Step]) -> Series:
    first = steps[0]
    has_value = "breakdown_value" in first or "breakdown" in first
    name = breakdown_text(first.get("breakdown_value", first.get("breakdown"))) if has_value else "All"
    return Series(
        clean_name(name),
        tuple(finite(step.get("count")) for step in steps),
        role="previous" if first.get("compare_label") == "previous" else "current",
        seconds=tuple(finite(step.get("median_conversion_time")) for step in steps),
    )


def _pair(series: Sequence[Series]) -> list[Drawn]:
    """Return each value's current period with its previous, in one colour, the largest first."""
    previous = {one.name: one for one in series if one.role == "previous"}
    current = [one for one in series if one.role != "previous"]
    current.sort(key=lambda one: -((one.values[0] if one.values else 0) or 0))
    pairs = []
    for place, one in enumerate(current):
        before = previous.get(one.name)
        pairs.append(Drawn(replace(one, color=place), replace(before, color=place) if before else None))
    return pairs


def _limit(drawn: list[Drawn]) -> tuple[list[Drawn], tuple[str, ...]]:
    if len(drawn) <= MAX_PAIRS:
        return drawn, ()
    rest = drawn[MAX_PAIRS - 1 :]
    size = max(len(one.current.values) for one in rest)
    columns = [[one.current.values[place : place + 1] or (None,) for one in rest] for place in range(size)]
    values = tuple(sum_known([column[0] for column in cells]) for cells in columns)
    note = f"{len(rest)} more values are summed as {OTHER}."
    return [*drawn[: MAX_PAIRS - 1], Drawn(Series(OTHER, values, role="other"))], (note,)


def _converted(drawn: Sequence[Drawn]) -> str:
    first, last = (sum((one.current.values or (0,))[place] or 0 for one in drawn) for place in (0, -1))
    seconds = [time for time in drawn[0].current.seconds[1:] if time is not None] if len(drawn) == 1 else []
    took = f", in {duration(sum(seconds))} at the median step times" if seconds else ""
    return f"{share(last, first)} convert: {_write(last)} of {_write(first)}{took}"


def _write(count: float) -> str:
    return write_number(count, Unit())


def _draw_conversion(result: Result) -> Figure | None:
    rows = list(mappings_of(result.results))
    days = [text_of(day) for day in rows_of(rows[0].get("days"))] if rows else []
    if not days:
        return None
    series = []
    for row in rows:
        name = breakdown_text(row["breakdown_value"]) if "breakdown_value" in row else "Converted"
        role: Role = "previous" if row.get("compare_label") == "previous" else "current"
        series.append(Series(clean_name(name), values_of(row.get("data")), role=role))
    drawn, notes = limit_series(_pair_lines(series), can_sum=False)
    period = read_period(result, days)
    figure = Figure(
        "line",
        subtitle=clean_name(f"{period.sentence}. Each {period.interval} is that of the first step", LONGEST_SENTENCE),
        x=Axis(period.interval.capitalize(), kind="time"),
        y=Axis("Converted", unit=PERCENT),
        labels=write_times(days),
        times=tuple(days),
        series=tuple(one for pair in drawn for one in (pair.current, pair.previous) if one),
        unfinished=1 if period.open_reason else 0,
        notes=notes,
    )
    return limit_points(figure)


def _pair_lines(series: Sequence[Series]) -> list[Drawn]:
    previous = {one.name: one for one in series if one.role == "previous"}
    pairs = []
    for place, one in enumerate(one for one in series if one.role != "previous"):
        before = previous.get(one.name)
        pairs.append(Drawn(replace(one, color=place), replace(before, color=place) if before else None))
    return pairs


def _draw_times(found: Sequence[Mapping[str, object]]) -> Figure | None:
    bins = [[rows_of(row) for row in rows_of(one.get("bins"))] for one in found]
    if not any(amount(row[1]) for rows in bins for row in rows if len(row) == 2):
        return None
    starts = [finite(row[0]) for row in bins[0] if len(row) == 2]
    series = [
        Series(
            "Previous" if one.get("compare_label") == "previous" else "People",
            tuple(finite(row[1]) for row in rows if len(row) == 2),
            color=0,
            role="previous" if one.get("compare_label") == "previous" else "current",
        )
        for one, rows in zip(found, bins, strict=True)
    ]
    told = [
        f"{word} {duration(seconds)}"
        for word, key in (("median", "median_conversion_time"), ("mean", "average_conversion_time"))
        if (seconds := finite(found[0].get(key))) is not None
    ]
    return Figure(
        "histogram",
        subtitle=", ".join(told).capitalize(),
        x=Axis("Time to convert, from", unit=SECONDS),
        y=Axis("People"),
        labels=tell_apart([write_number(start, SECONDS) for start in starts]),
        series=tuple(series),
    )
