"""FunnelCorrelationQuery and the people behind a funnel (facts/queries.md 1.8)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from insights_mcp.schema.entities import Number, SingleEntity
from insights_mcp.schema.filters import PropertyFilter
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.insight_query import DataNode


class FunnelsActorsQuery(DataNode):
    """The people of a funnel: `funnelStep` from 1 for those who reached it, negative for those who dropped."""

    kind: Literal["FunnelsActorsQuery"] = "FunnelsActorsQuery"
    source: FunnelsQuery
    funnelStep: int | None = None
    funnelCustomSteps: list[int] | None = None
    funnelStepBreakdown: str | Number | list[str | Number] | None = None
    funnelTrendsDropOff: bool | None = None
    funnelTrendsEntrancePeriodStart: str | None = None
    compare: Literal["current", "previous"] | None = None
    includeRecordings: bool | None = None


class FunnelCorrelationQuery(DataNode):
    """What those who convert do, or are, that others do not."""

    kind: Literal["FunnelCorrelationQuery"] = "FunnelCorrelationQuery"
    source: FunnelsActorsQuery
    funnelCorrelationType: Literal["events", "properties", "event_with_properties"] = "events"
    funnelCorrelationNames: list[str] | None = None
    funnelCorrelationExcludeNames: list[str] | None = None
    funnelCorrelationEventNames: list[str] | None = None
    funnelCorrelationExcludeEventNames: list[str] | None = None
    funnelCorrelationEventExcludePropertyNames: list[str] | None = None


class FunnelCorrelationActorsQuery(DataNode):
    """The people behind one row of a correlation."""

    kind: Literal["FunnelCorrelationActorsQuery"] = "FunnelCorrelationActorsQuery"
    source: FunnelCorrelationQuery
    funnelCorrelationPersonConverted: bool | None = None
    funnelCorrelationPersonEntity: SingleEntity | None = None
    funnelCorrelationPropertyValues: list[PropertyFilter] | None = None
    includeRecordings: bool | None = None
