"""TrendsQuery: how many, over time or in total (facts/queries.md 1.1).

Most displays show the same results in another way. Three have results of their own.
"""

from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.context import Kind, Outcome, QueryContext, Statement
from insights_mcp.local.queries.trends.boxes import plan_boxes, shape_boxes
from insights_mcp.local.queries.trends.calendars import plan_calendar, shape_calendar
from insights_mcp.local.queries.trends.plan import plan_trends
from insights_mcp.local.queries.trends.shape import shape_trends
from insights_mcp.local.queries.trends.slopes import plan_slopes, shape_slopes
from insights_mcp.schema.trends import TrendsQuery

_NAME = "TrendsQuery"
_SERIES: Kind[TrendsQuery] = Kind(_NAME, plan_trends, shape_trends)
_OF_DISPLAY: Mapping[str, Kind[TrendsQuery]] = {
    "BoxPlot": Kind(_NAME, plan_boxes, shape_boxes),
    "CalendarHeatmap": Kind(_NAME, plan_calendar, shape_calendar),
    "SlopeGraph": Kind(_NAME, plan_slopes, shape_slopes),
}


def _plan(query: TrendsQuery, context: QueryContext) -> Sequence[Statement]:
    return _OF_DISPLAY.get(query.trendsFilter.display, _SERIES).plan(query, context)


def _shape(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Outcome:
    return _OF_DISPLAY.get(query.trendsFilter.display, _SERIES).shape(rows, query, context)


TRENDS: Kind[TrendsQuery] = Kind(_NAME, _plan, _shape)
