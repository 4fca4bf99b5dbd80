"""The fields every insight query has (facts/queries.md 1.0)."""
# ruff: noqa: N815 - PostHog's field names

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.dates import DateRange
from insights_mcp.schema.entities import Number
from insights_mcp.schema.filters import Filters

# Settings of the screen only: kept as they came, never read by us.
Free = object
FreeMap = Mapping[str, object]

Display = Literal[
    "ActionsLineGraph",
    "ActionsBar",
    "ActionsUnstackedBar",
    "ActionsStackedBar",
    "ActionsAreaGraph",
    "ActionsLineGraphCumulative",
    "BoldNumber",
    "ActionsPie",
    "ActionsDonut",
    "ActionsProportionBar",
    "ActionsBarValue",
    "ActionsTable",
    "WorldMap",
    "CalendarHeatmap",
    "TwoDimensionalHeatmap",
    "BoxPlot",
    "Metric",
    "SlopeGraph",
    # Old insights converted from filters still carry these two.
    "FunnelViz",
    "PathsViz",
]


class DataNode(Model):
    """What every query that runs may carry besides its question."""

    kind: str
    modifiers: FreeMap | None = None
    tags: FreeMap | None = None
    version: Number | None = None
    response: Free = None


class InsightQuery(DataNode):
    """The part that trends, funnels, retention, paths, stickiness and lifecycle share."""

    dateRange: DateRange = Field(default_factory=DateRange)
    filterTestAccounts: bool = False
    properties: Filters = Field(default_factory=list)
    aggregation_group_type_index: int | None = None
    samplingFactor: Number | None = None
    dataColorTheme: Number | None = None
