"""StickinessQuery (facts/queries.md 1.6)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.dates import CompareFilter, Interval
from insights_mcp.schema.entities import Series
from insights_mcp.schema.insight_query import Display, FreeMap, InsightQuery

StickinessOperator = Literal["gte", "lte", "exact"]


class StickinessCriteria(Model):
    """How many events make an interval count."""

    operator: StickinessOperator
    value: Annotated[int, Field(ge=1)]


class StickinessFilter(Model):
    """How intervals are counted, then what only the screen reads."""

    computedAs: Literal["non_cumulative", "cumulative"] = "non_cumulative"
    stickinessCriteria: StickinessCriteria | None = None
    display: Display | None = None

    hiddenLegendIndexes: list[int] | None = None
    legendPosition: str | None = None
    resultCustomizationBy: str | None = None
    resultCustomizations: FreeMap | None = None
    showLegend: bool | None = None
    showMultipleYAxes: bool | None = None
    showValuesOnSeries: bool | None = None


class StickinessQuery(InsightQuery):
    """On how many intervals the same people come."""

    kind: Literal["StickinessQuery"] = "StickinessQuery"
    series: list[Series]
    interval: Interval = "day"
    intervalCount: Annotated[int, Field(ge=1)] | None = None
    stickinessFilter: StickinessFilter = Field(default_factory=StickinessFilter)
    compareFilter: CompareFilter = Field(default_factory=CompareFilter)
