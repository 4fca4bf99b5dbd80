"""The reading of a result by the kind of its query."""

from insights_mcp.local.analysis.findings import Findings, Row, rows
from insights_mcp.local.analysis.funnels import read_funnel
from insights_mcp.local.analysis.others import read_lifecycle, read_paths, read_retention, read_stickiness
from insights_mcp.local.analysis.trends import read_trends

NO_RESULTS = "No results available."


def analyze(source: Row, results: object) -> str:
    """Return in plain text what the results of a query say; `source` is the query inside its wrapper."""
    found = _read(source, results)
    return found.text() if found else NO_RESULTS


def _read(source: Row, results: object) -> Findings | None:
    kind = source.get("kind")
    if kind == "FunnelsQuery":
        return read_funnel(results)
    listed = rows(results)
    if not listed:
        return None
    if kind == "TrendsQuery":
        return read_trends(source, listed)
    if kind == "RetentionQuery":
        return read_retention(source, listed)
    if kind == "StickinessQuery":
        return read_stickiness(listed)
    if kind == "LifecycleQuery":
        return read_lifecycle(listed)
    return read_paths(listed) if kind == "PathsQuery" else None
