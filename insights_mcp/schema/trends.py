"""TrendsQuery (facts/queries.md 1.1)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.dates import CompareFilter, Interval
from insights_mcp.schema.entities import Number, Series
from insights_mcp.schema.insight_query import Display, Free, FreeMap, InsightQuery


class FormulaNode(Model):
    """A formula over the series letters, with a name of its own."""

    formula: str
    custom_name: str | None = None


class TrendsFilter(Model):
    """How a trend is computed (display, formulas, smoothing) and how it is drawn (the rest)."""

    display: Display = "ActionsLineGraph"
    formula: str | None = None
    formulas: list[str] | None = None
    formulaNodes: list[FormulaNode] | None = None
    smoothingIntervals: int = 1
    breakdown_histogram_bin_count: int | None = None
    metricShowChange: bool = True
    metricSummary: Literal["total", "average", "latest"] = "total"

    aggregationAxisFormat: str | None = None
    aggregationAxisPostfix: str | None = None
    aggregationAxisPrefix: str | None = None
    confidenceLevel: Number | None = None
    decimalPlaces: Number | None = None
    detailedResultsAggregationType: str | None = None
    excludeBoxPlotOutliers: bool | None = None
    goalLines: list[Free] | None = None
    hiddenLegendIndexes: list[int] | None = None
    hideWeekends: bool | None = None
    legendPosition: str | None = None
    metricChangeDecreaseColor: str | None = None
    metricChangeIncreaseColor: str | None = None
    metricColorByDirection: bool | None = None
    metricLineDecreaseColor: str | None = None
    metricLineIncreaseColor: str | None = None
    minDecimalPlaces: Number | None = None
    movingAverageIntervals: Number | None = None
    resultCustomizationBy: str | None = None
    resultCustomizations: FreeMap | None = None
    showAlertThresholdLines: bool | None = None
    showAnnotations: bool | None = None
    showConfidenceIntervals: bool | None = None
    showLabelsOnSeries: bool | None = None
    showLegend: bool | None = None
    showMovingAverage: bool | None = None
    showMultipleYAxes: bool | None = None
    showPercentStackView: bool | None = None
    showTrendLines: bool | None = None
    showValuesOnSeries: bool | None = None
    stackBreakdownValues: bool | None = None
    xAxisLabel: str | None = None
    yAxisLabel: str | None = None
    yAxisScaleType: str | None = None


class CalendarHeatmapFilter(Model):
    """How the calendar heat map counts people: in each hour, or in that of their session's start."""

    bucketBySessionStart: bool = False
    dummy: str | None = None


class ConversionGoal(Model):
    """A conversion to measure against: an action, or an event by name."""

    actionId: int | None = None
    customEventName: str | None = None


class TrendsQuery(InsightQuery):
    """How many, over time or in total."""

    kind: Literal["TrendsQuery"] = "TrendsQuery"
    series: list[Series]
    interval: Interval = "day"
    trendsFilter: TrendsFilter = Field(default_factory=TrendsFilter)
    breakdownFilter: BreakdownFilter | None = None
    compareFilter: CompareFilter = Field(default_factory=CompareFilter)
    calendarHeatmapFilter: CalendarHeatmapFilter | None = None
    conversionGoal: ConversionGoal | None = None
