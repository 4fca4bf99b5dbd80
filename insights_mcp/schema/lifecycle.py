"""LifecycleQuery (facts/queries.md 1.7)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.dates import Interval
from insights_mcp.schema.entities import Series
from insights_mcp.schema.insight_query import InsightQuery

LifecycleStatus = Literal["new", "returning", "resurrecting", "dormant"]


class LifecycleFilter(Model):
    """Which statuses are shown, and how."""

    toggledLifecycles: list[LifecycleStatus] | None = None
    onlyUseInsightDates: bool | None = None

    legendPosition: str | None = None
    showLegend: bool | None = None
    showPercentagesOnSeries: bool | None = None
    showValuesOnSeries: bool | None = None
    stacked: bool | None = None


class LifecycleQuery(InsightQuery):
    """Who is new, returning, resurrecting, dormant."""

    kind: Literal["LifecycleQuery"] = "LifecycleQuery"
    series: list[Series]
    interval: Interval = "day"
    lifecycleFilter: LifecycleFilter = Field(default_factory=LifecycleFilter)
    customAggregationTarget: bool | None = None
