"""What the display of a trend changes about its answer (facts/queries.md 1.1)."""

from insights_mcp.local.queries.context import QueryError
from insights_mcp.schema.entities import GroupNode
from insights_mcp.schema.trends import TrendsQuery

# One number over the whole range instead of a time series.
TOTAL_VALUE_DISPLAYS = frozenset(
    (
        "BoldNumber",
        "ActionsPie",
        "ActionsDonut",
        "ActionsProportionBar",
        "ActionsBarValue",
        "WorldMap",
        "CalendarHeatmap",
        "ActionsTable",
    )
)
_DAYS_IN_WEEK = 7


def check_query(query: TrendsQuery) -> None:
    """Raise QueryError for what cannot be answered: smoothing over days left out, events that are two things."""
    weekdays = set(query.dateRange.daysOfWeek or ())
    if 0 < len(weekdays) < _DAYS_IN_WEEK and query.trendsFilter.smoothingIntervals > 1:
        raise QueryError("daysOfWeek cannot be combined with smoothing.", attr="dateRange")
    if any(isinstance(series, GroupNode) and series.operator != "OR" for series in query.series):
        raise QueryError("A group of events can only be joined by OR.", attr="series")


def is_total_value(query: TrendsQuery) -> bool:
    """Return whether each series is one number."""
    return query.trendsFilter.display in TOTAL_VALUE_DISPLAYS


def is_cumulative(query: TrendsQuery) -> bool:
    """Return whether each point adds up all before it."""
    return query.trendsFilter.display == "ActionsLineGraphCumulative"


def is_exact(query: TrendsQuery) -> bool:
    """Return whether relative dates are taken to the second instead of being rounded, whatever the display."""
    return query.dateRange.explicitDate


def is_compared(query: TrendsQuery) -> bool:
    """Return whether the previous period is asked for; the Metric display asks by itself."""
    if query.compareFilter.compare:
        return True
    shown = query.trendsFilter
    is_metric = shown.display == "Metric" and shown.metricShowChange and shown.metricSummary != "latest"
    return is_metric and query.dateRange.date_from != "all"
