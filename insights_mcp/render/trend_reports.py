"""What a TrendsQuery's results say, for each of their shapes (facts/queries.md 1.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.grids import report_boxes, report_calendar
from insights_mcp.render.questions import tell_question
from insights_mcp.render.reading import mapping, mappings_of, rows_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.trend_lines import report_lines
from insights_mcp.render.trend_totals import report_totals
from insights_mcp.render.trends import read_series
from insights_mcp.render.units import read_unit

_BOX = {"p25", "median", "p75"}


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
    if result.has_more:
        return replace(report, notes=(*report.notes, "(other) sums up the values beyond breakdown_limit."))
    return report


def _report_series(rows: Sequence[Mapping[str, object]], result: Result) -> Report:
    unit = read_unit(mapping(result.query.get("trendsFilter")))
    series, asked = read_series(rows, with_math=True), tell_question(rows, result)
    if all("aggregated_value" in row and not rows_of(row.get("data")) for row in rows):
        return report_totals(series, result, unit, asked)
    return report_lines(series, result, unit, asked)
