"""Figures of a TrendsQuery: lines, areas and bars over time (facts/queries.md 1.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render import trends
from insights_mcp.render.figures.limits import OTHER, Drawn, limit_points, limit_series
from insights_mcp.render.figures.model import Axis, Drawing, Figure, Goal, Series
from insights_mcp.render.figures.shapes import draw_boxes, draw_calendar
from insights_mcp.render.figures.texts import LONGEST_SENTENCE, clean_name, finite, numeric, option, values_of
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.figures.totals import draw_numbers, draw_totals
from insights_mcp.render.figures.units import read_unit, scale_drawn
from insights_mcp.render.periods import dates_of, read_period
from insights_mcp.render.reading import mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Result

_DRAWINGS: Mapping[str, Drawing] = {
    "ActionsAreaGraph": "area",
    "ActionsBar": "stacked_bar",
    "ActionsStackedBar": "stacked_bar",
    "ActionsUnstackedBar": "bar",
    "SlopeGraph": "slope",
}
_STACKED = {"area", "stacked_bar"}
_MAX_GOALS = 5
# PostHog's own remainder, as render/reading.py writes it.
_THEIR_OTHER = "(other)"
# Adding these up over breakdown values counts at most a person twice; adding up means or extremes says nothing.
_SUMMABLE = {
    "",
    "total",
    "sum",
    "dau",
    "weekly_active",
    "monthly_active",
    "unique_session",
    "unique_group",
    "first_time_for_user",
    "first_matching_event_for_user",
}


def draw_trends(result: Result) -> Figure | None:
    """Return the figure of a TrendsQuery's results, None without any series."""
    rows = list(mappings_of(result.results))
    if not rows:
        return None
    if "calendar_heatmap_data" in rows[0]:
        return draw_calendar(mapping(rows[0]["calendar_heatmap_data"]))
    if {"p25", "median", "p75"} <= set(rows[0]):
        return draw_boxes(rows)
    options = mapping(result.query.get("trendsFilter"))
    _, factor = read_unit(options)
    drawn = [scale_drawn(one, factor) for one in _read(rows)]
    can_sum = all(one.math in _SUMMABLE and not one.is_formula for one in trends.read_series(rows))
    display = option(options, "display")
    y = _value_axis(rows, options)
    if all("aggregated_value" in row and not rows_of(row.get("data")) for row in rows):
        figure = draw_totals(drawn, display, y, can_sum=can_sum)
    elif display == "Metric":
        figure = draw_numbers([_metric(one, options, can_sum=can_sum) for one in drawn], y)
    else:
        figure = _draw_lines(drawn, rows, result, y, can_sum=can_sum)
    more = ("Values beyond the breakdown limit are summed as Other.",) if result.has_more else ()
    return replace(figure, goals=read_goals(options), notes=(*figure.notes, *more))


def read_goals(options: Mapping[str, object]) -> tuple[Goal, ...]:
    """Return the goal lines of a display's settings."""
    found = []
    for line in mappings_of(options.get("goalLines")):
        value = numeric(line.get("value"))
        if value is not None:
            found.append(Goal(clean_name(line.get("label"), 40), value))
    return tuple(found[:_MAX_GOALS])


def _read(rows: Sequence[Mapping[str, object]]) -> list[Drawn]:
    """Return each series under the name that the text tells it by, with its previous period."""
    current = [row for row in rows if row.get("compare_label") != "previous"]
    previous = {_key(row): row for row in rows if row.get("compare_label") == "previous"}
    found = []
    with_math = len({trends.name_math(mapping(row.get("action"))) for row in current}) > 1
    series_read = trends.read_series(rows, with_math=with_math)
    for place, (one, row) in enumerate(zip(series_read, current, strict=True)):
        is_other = one.label == _THEIR_OTHER
        series = replace(
            _series(row, OTHER if is_other else clean_name(one.label)),
            role="other" if is_other else "current",
            color=None if is_other else place,
        )
        before = previous.get(_key(row))
        past = replace(_series(before, series.name), role="previous", color=series.color) if before else None
        found.append(Drawn(series, past))
    return found


def _key(row: Mapping[str, object]) -> str:
    return f"{row.get('order')}/{row.get('breakdown_value')}"


def _series(row: Mapping[str, object], name: str) -> Series:
    data = values_of(row.get("data")) or (finite(row.get("aggregated_value")),)
    return Series(name, data, times=tuple(text_of(day) for day in rows_of(row.get("days"))))


def _value_axis(rows: Sequence[Mapping[str, object]], options: Mapping[str, object]) -> Axis:
    unit, _ = read_unit(options)
    title = option(options, "yAxisLabel") or _counted(rows)
    is_log = option(options, "yAxisScaleType") in ("log", "log10")
    return Axis(clean_name(title, 60), scale="log" if is_log else "linear", unit=unit)


def _counted(rows: Sequence[Mapping[str, object]]) -> str:
    """Return what all series count, in words; `Value` if they count different things."""
    maths = {trends.name_math(mapping(row.get("action"))) for row in rows}
    if len(maths) != 1 or any("action" in row and row["action"] is None for row in rows):
        return "Value"
    words = maths.pop() or "count"
    return words[:1].upper() + words[1:]


def _metric(one: Drawn, options: Mapping[str, object], *, can_sum: bool) -> Drawn:
    """Return a series as the one number a Metric shows: its total, mean or latest (facts/queries.md 1.1)."""
    summary = option(options, "metricSummary") or "total"
    if summary == "total" and not can_sum:
        summary = "average"
    current = replace(one.current, values=(_summary(one.current, summary),), trail=one.current.values, times=())
    if one.previous is None:
        return Drawn(current)
    return Drawn(current, replace(one.previous, values=(_summary(one.previous, summary),), times=()))


def _summary(series: Series, summary: str) -> float | None:
    known = [value for value in series.values if value is not None]
    if not known:
        return None
    if summary == "latest":
        return known[-1]
    return sum(known) / (len(known) if summary == "average" else 1)


def _draw_lines(
    drawn: Sequence[Drawn], rows: Sequence[Mapping[str, object]], result: Result, y: Axis, *, can_sum: bool
) -> Figure:
    options = mapping(result.query.get("trendsFilter"))
    kind = _DRAWINGS.get(option(options, "display"), "line")
    if kind == "stacked_bar" and len(drawn) == 1:
        kind = "bar"
    kept, notes = limit_series(drawn, can_sum=can_sum or kind in _STACKED, is_stacked=kind in _STACKED)
    days = dates_of(rows)
    period = read_period(result, days)
    figure = Figure(
        kind,
        subtitle=clean_name(period.sentence, LONGEST_SENTENCE),
        x=Axis(clean_name(option(options, "xAxisLabel") or period.interval.capitalize(), 60), kind="time"),
        y=y,
        labels=write_times(days),
        times=tuple(days),
        series=tuple(_own_times(one, days) for pair in kept for one in (pair.current, pair.previous) if one),
        is_share=bool(options.get("showPercentStackView")) and kind in _STACKED,
        unfinished=1 if period.open_reason else 0,
        notes=notes,
    )
    return _keep_ends(figure) if kind == "slope" else limit_points(figure)


def _own_times(series: Series, days: Sequence[str]) -> Series:
    """Return the series with dates of its own only if they are not those along the axis."""
    is_apart = series.role == "previous" and series.times != tuple(days)
    return series if is_apart else replace(series, times=())


def _keep_ends(figure: Figure) -> Figure:
    """Return only the first and the last place that is over."""
    last = len(figure.labels) - 1 - figure.unfinished
    if last < 1:
        return replace(figure, drawing="line")
    ends = (0, last)
    return replace(
        figure,
        labels=tuple(figure.labels[place] for place in ends),
        times=tuple(figure.times[place] for place in ends),
        series=tuple(
            replace(
                one, values=tuple(one.values[place] if place < len(one.values) else None for place in ends), times=()
            )
            for one in figure.series
            if one.role != "previous"
        ),
        unfinished=0,
    )
