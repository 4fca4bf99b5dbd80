"""The results of any query kind as a report: one visible registry."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from insights_mcp.render.correlation import report_correlation
from insights_mcp.render.flows import report_paths
from insights_mcp.render.funnels import report_funnel
from insights_mcp.render.lifecycle import report_lifecycle
from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import share
from insights_mcp.render.reading import amount
from insights_mcp.render.records import report_rows
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.retention import report_retention
from insights_mcp.render.stickiness import report_stickiness
from insights_mcp.render.trend_reports import report_trends

KINDS: Mapping[str, Callable[[Result], Report]] = {
    "TrendsQuery": report_trends,
    "FunnelsQuery": report_funnel,
    "RetentionQuery": report_retention,
    "PathsQuery": report_paths,
    "LifecycleQuery": report_lifecycle,
    "StickinessQuery": report_stickiness,
    "FunnelCorrelationQuery": report_correlation,
}
_MAX_WARNINGS = 3
_LONGEST_WARNING = 200


def report_result(result: Result) -> Report:
    """Return what a result says, with the server's warnings; a kind without a form of its own is told as rows."""
    report = KINDS.get(result.kind, report_rows)(result)
    sampled = amount(result.query.get("samplingFactor"))
    notes = [f"Sampled at {share(sampled, 1)}: numbers are estimates."] if 0 < sampled < 1 else []
    notes += [f"The server warns: {_shorten(text)}" for text in result.warnings[:_MAX_WARNINGS]]
    return replace(report, notes=(*report.notes, *notes)) if notes else report


def _shorten(text: str) -> str:
    flat = mark(" ".join(text.split()))
    return flat if len(flat) <= _LONGEST_WARNING else f"{flat[: _LONGEST_WARNING - 1]}…"
