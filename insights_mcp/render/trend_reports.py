"""What a TrendsQuery's results say, for each of their shapes (facts/queries.md 1.1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.grids import report_boxes, report_calendar
from insights_mcp.render.numbers import number
from insights_mcp.render.questions import tell_question
from insights_mcp.render.reading import mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import word
from insights_mcp.render.trend_lines import report_lines
from insights_mcp.render.trend_slopes import report_slopes
from insights_mcp.render.trend_totals import report_totals
from insights_mcp.render.trends import read_series
from insights_mcp.render.units import read_unit

_BOX = {"p25", "median", "p75"}
_LONGEST_GOAL, _MOST_GOALS = 40, 5
_ENDS = 2


def report_trends(result: Result) -> Report:
    """Return what a TrendsQuery's results say."""
    rows = list(mappings_of(result.results))
    if not rows:
        return Report(("The query ran and returned no series.",), is_empty=True)
    if "calendar_heatmap_data" in rows[0]:
        return report_calendar(mapping(rows[0]["calendar_heatmap_data"]), result)
    if set(rows[0]) >= _BOX:
        return report_boxes(rows, result)
    report = _report_series(rows, result)
    return replace(report, notes=(*report.notes, *_list_notes(result)))


def _list_notes(result: Result) -> Iterator[str]:
    """Return what a chart would show beside its lines: the rest of a breakdown, smoothing, goals."""
    settings = mapping(result.query.get("trendsFilter"))
    if result.has_more:
        yield "(other) sums up the values beyond breakdown_limit."
    smoothing = settings.get("smoothingIntervals")
    if isinstance(smoothing, int) and smoothing > 1:
        yield f"Each number is the mean of {smoothing} intervals (smoothingIntervals)."
    goals = [
        f"{word(text_of(goal.get('label'))[:_LONGEST_GOAL] or 'goal')} {number(goal.get('value'))}"
        for goal in mappings_of(settings.get("goalLines"))
        if isinstance(goal.get("value"), int | float)
    ]
    if goals:
        yield f"Goals: {', '.join(goals[:_MOST_GOALS])}."


def _report_series(rows: Sequence[Mapping[str, object]], result: Result) -> Report:
    settings = mapping(result.query.get("trendsFilter"))
    unit = read_unit(settings)
    series, asked = read_series(rows, with_math=True), tell_question(rows, result)
    if all("aggregated_value" in row and not rows_of(row.get("data")) for row in rows):
        return report_totals(series, result, unit, asked)
    if settings.get("display") == "SlopeGraph" and all(len(one.data) <= _ENDS for one in series):
        return report_slopes(series, result, unit, asked)
    return report_lines(series, result, unit, asked)
