"""RetentionQuery (facts/queries.md 1.4)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.entities import Number
from insights_mcp.schema.filters import PropertyFilter
from insights_mcp.schema.insight_query import Free, InsightQuery

RetentionPeriod = Literal["Hour", "Day", "Week", "Month"]
RetentionType = Literal["retention_recurring", "retention_first_time", "retention_first_ever_occurrence"]


class RetentionEntity(Model):
    """The event or action that starts or continues; `id: null` is any event."""

    id: str | int | float | None = None
    type: Literal["events", "actions", "data_warehouse", "new_entity", "groups"] | None = None
    kind: Literal["EventsNode", "ActionsNode"] | None = None
    name: str | None = None
    custom_name: str | None = None
    order: int | None = None
    uuid: str | None = None
    properties: list[PropertyFilter] = Field(default_factory=list)
    table_name: str | None = None
    timestamp_field: str | None = None
    aggregation_target_field: str | None = None


def _pageview() -> RetentionEntity:
    return RetentionEntity(id="$pageview", name="$pageview", type="events")


class RetentionFilter(Model):
    """Who comes back to what, and when. `totalIntervals` is 8 by the schema, 7 in the runner (as upstream)."""

    targetEntity: RetentionEntity = Field(default_factory=_pageview)
    returningEntity: RetentionEntity = Field(default_factory=_pageview)
    period: RetentionPeriod = "Day"
    totalIntervals: int = 8
    retentionType: RetentionType | None = None
    cumulative: bool = False
    minimumOccurrences: int = 1
    timeWindowMode: Literal["strict_calendar_dates", "24_hour_windows"] = "strict_calendar_dates"
    retentionCustomBrackets: list[Number] | None = None
    aggregationType: Literal["count", "sum", "avg"] = "count"
    aggregationProperty: str | None = None
    aggregationPropertyType: Literal["event", "person", "data_warehouse"] = "event"
    customAggregationTarget: bool | None = None

    cohortLabelStartIndex: int | None = None
    dashboardDisplay: str | None = None
    display: str | None = None
    goalLines: list[Free] | None = None
    meanRetentionCalculation: str | None = None
    retentionReference: Literal["total", "previous"] = "total"
    selectedInterval: int | None = None
    showMean: bool | str | None = None
    showTrendLines: bool | None = None


class RetentionQuery(InsightQuery):
    """Who comes back, period by period."""

    kind: Literal["RetentionQuery"] = "RetentionQuery"
    retentionFilter: RetentionFilter
    breakdownFilter: BreakdownFilter | None = None
