"""Lists of events and of the people behind a point (facts/queries.md 1.9)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelsActorsQuery
from insights_mcp.schema.filters import ActorFilters, AnyFilter, PropertyFilter
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.insight_query import DataNode
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.paths import PathsQuery
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.stickiness import StickinessOperator, StickinessQuery
from insights_mcp.schema.trends import TrendsQuery

Matching = Literal["contains", "exact", "regex"]
# The kinds an insight can be saved as.
InsightSource = Annotated[
    TrendsQuery | FunnelsQuery | RetentionQuery | PathsQuery | StickinessQuery | LifecycleQuery,
    Field(discriminator="kind"),
]


class InsightActorsQuery(DataNode):
    """The people behind one point of an insight."""

    kind: Literal["InsightActorsQuery"] = "InsightActorsQuery"
    source: InsightSource
    day: str | int | None = None
    status: str | None = None
    interval: int | None = None
    series: int | None = None
    breakdown: str | int | list[str] | None = None
    compare: Literal["current", "previous"] | None = None
    includeRecordings: bool | None = None


class StickinessActorsQuery(DataNode):
    """The people behind one bar of a stickiness insight."""

    kind: Literal["StickinessActorsQuery"] = "StickinessActorsQuery"
    source: StickinessQuery
    operator: StickinessOperator | None = None
    day: str | int | None = None
    series: int | None = None
    compare: Literal["current", "previous"] | None = None
    includeRecordings: bool | None = None


class ActorsQuery(DataNode):
    """A table of people (or groups): all of them, or those of `source`."""

    kind: Literal["ActorsQuery"] = "ActorsQuery"
    source: (
        Annotated[
            InsightActorsQuery | FunnelsActorsQuery | FunnelCorrelationActorsQuery | StickinessActorsQuery | HogQLQuery,
            Field(discriminator="kind"),
        ]
        | None
    ) = None
    select: list[str] | None = None
    search: str | None = None
    properties: ActorFilters = Field(default_factory=list)
    fixedProperties: list[PropertyFilter] = Field(default_factory=list)
    orderBy: list[str] | None = None
    limit: int | None = None
    offset: int | None = None


class ActionStep(Model):
    """One way to recognise an action that is not saved."""

    event: str | None = None
    properties: list[PropertyFilter] = Field(default_factory=list)
    selector: str | None = None
    tag_name: str | None = None
    text: str | None = None
    text_matching: Matching | None = None
    href: str | None = None
    href_matching: Matching | None = None
    url: str | None = None
    url_matching: Matching | None = None


class EventsQuery(DataNode):
    """A table of events, or of aggregates over them."""

    kind: Literal["EventsQuery"] = "EventsQuery"
    select: list[str]
    where: list[str] | None = None
    properties: list[PropertyFilter] = Field(default_factory=list)
    fixedProperties: list[AnyFilter] = Field(default_factory=list)
    filterTestAccounts: bool = False
    event: str | None = None
    events: list[str] | None = None
    actionId: int | None = None
    actionSteps: list[ActionStep] | None = None
    personId: str | None = None
    before: str | None = None
    after: str | None = None
    orderBy: list[str] | None = None
    limit: int | None = None
    offset: int | None = None
    source: InsightActorsQuery | None = None
