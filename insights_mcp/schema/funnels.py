"""FunnelsQuery (facts/queries.md 1.2)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.dates import CompareFilter, Interval
from insights_mcp.schema.entities import Exclusion, Series
from insights_mcp.schema.insight_query import Free, FreeMap, InsightQuery

FunnelVizType = Literal["steps", "time_to_convert", "trends", "flow"]
FunnelOrderType = Literal["ordered", "strict", "unordered"]
FunnelWindowUnit = Literal["second", "minute", "hour", "day", "week", "month"]
AttributionType = Literal["first_touch", "last_touch", "all_events", "step"]


class FunnelsFilter(Model):
    """Order, conversion window, exclusions, attribution; then what only the screen reads."""

    funnelVizType: FunnelVizType = "steps"
    funnelOrderType: FunnelOrderType = "ordered"
    funnelWindowInterval: int = 14
    funnelWindowIntervalUnit: FunnelWindowUnit = "day"
    exclusions: list[Exclusion] = Field(default_factory=list)
    breakdownAttributionType: AttributionType = "first_touch"
    breakdownAttributionValue: int | None = None
    funnelFromStep: int | None = None
    funnelToStep: int | None = None
    binCount: int | Literal["auto"] | None = None
    funnelAggregateByHogQL: str | None = None
    hideIncompleteConversionWindowPeriods: bool = False
    customAggregationTarget: bool | None = None
    useUdf: bool | None = None

    breakdownSorting: str | None = None
    funnelStepReference: Literal["total", "previous"] = "total"
    goalLines: list[Free] | None = None
    hiddenLegendBreakdowns: list[str] | None = None
    layout: Literal["horizontal", "vertical"] = "vertical"
    legendPosition: str | None = None
    resultCustomizations: FreeMap | None = None
    showAnnotations: bool | None = None
    showLegend: bool | None = None
    showTrendLines: bool | None = None
    showValuesOnSeries: bool | None = None


class FunnelsQuery(InsightQuery):
    """How many get from step to step."""

    kind: Literal["FunnelsQuery"] = "FunnelsQuery"
    series: list[Series]
    interval: Interval = "day"
    funnelsFilter: FunnelsFilter = Field(default_factory=FunnelsFilter)
    breakdownFilter: BreakdownFilter | None = None
    compareFilter: CompareFilter = Field(default_factory=CompareFilter)
