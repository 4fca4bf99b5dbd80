"""Wrapper nodes: how a question is shown (facts/queries.md 1.0, 1.9; facts/rest-api.md 2.8)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Tag

from insights_mcp.schema.base import Model
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelCorrelationQuery, FunnelsActorsQuery
from insights_mcp.schema.entities import ActionsNode, EventsNode, Number
from insights_mcp.schema.events import ActorsQuery, EventsQuery, InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.insight_query import Display, Free, FreeMap
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.paths import PathsQuery
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.stickiness import StickinessQuery
from insights_mcp.schema.trends import TrendsQuery

ForeignKind = Literal[
    "AccountsQuery",
    "CalendarHeatmapQuery",
    "DataWarehouseNode",
    "DatabaseSchemaQuery",
    "EndpointsUsageOverviewQuery",
    "EndpointsUsageTableQuery",
    "EndpointsUsageTrendsQuery",
    "ErrorTrackingBreakdownsQuery",
    "ErrorTrackingIssueCorrelationQuery",
    "ErrorTrackingQuery",
    "ErrorTrackingSimilarIssuesQuery",
    "EventTaxonomyQuery",
    "ExperimentFunnelsQuery",
    "ExperimentQuery",
    "ExperimentTrendsQuery",
    "GroupsQuery",
    "HogQLAutocomplete",
    "HogQLMetadata",
    "HogQuery",
    "InsightActorsQueryOptions",
    "LogsQuery",
    "MarketingAnalyticsAggregatedQuery",
    "MarketingAnalyticsTableQuery",
    "NonIntegratedConversionsTableQuery",
    "PathsV2Query",
    "PersonsNode",
    "RecordingsQuery",
    "RevenueAnalyticsGrossRevenueQuery",
    "RevenueAnalyticsMRRQuery",
    "RevenueAnalyticsMetricsQuery",
    "RevenueAnalyticsOverviewQuery",
    "RevenueAnalyticsTopCustomersQuery",
    "RevenueExampleDataWarehouseTablesQuery",
    "RevenueExampleEventsQuery",
    "SavedInsightNode",
    "SessionAttributionExplorerQuery",
    "SessionsQuery",
    "SessionsTimelineQuery",
    "TeamTaxonomyQuery",
    "TraceQuery",
    "TracesQuery",
    "UsageMetricsQuery",
    "VectorSearchQuery",
    "WebExternalClicksTableQuery",
    "WebGoalsQuery",
    "WebOverviewQuery",
    "WebPageURLSearchQuery",
    "WebStatsTableQuery",
    "WebVitalsPathBreakdownQuery",
    "WebVitalsQuery",
]


class ForeignQuery(Model):
    """A kind PostHog knows and we do not look into: kept and passed on as it came."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: ForeignKind


def tell_kind(value: object) -> str | None:
    """Return the tag of a query for the unions below: its kind, or one tag for all foreign kinds."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    if not isinstance(kind, str):
        return None
    return "<foreign>" if kind in FOREIGN_KINDS else kind


FOREIGN_KINDS: frozenset[str] = frozenset(ForeignKind.__args__)  # type: ignore[attr-defined]  # a Literal's values

VizSource = Annotated[
    Annotated[TrendsQuery, Tag("TrendsQuery")]
    | Annotated[FunnelsQuery, Tag("FunnelsQuery")]
    | Annotated[RetentionQuery, Tag("RetentionQuery")]
    | Annotated[PathsQuery, Tag("PathsQuery")]
    | Annotated[StickinessQuery, Tag("StickinessQuery")]
    | Annotated[LifecycleQuery, Tag("LifecycleQuery")]
    | Annotated[FunnelCorrelationQuery, Tag("FunnelCorrelationQuery")]
    | Annotated[ForeignQuery, Tag("<foreign>")],
    Discriminator(tell_kind),
]
TableSource = Annotated[
    Annotated[EventsQuery, Tag("EventsQuery")]
    | Annotated[ActorsQuery, Tag("ActorsQuery")]
    | Annotated[HogQLQuery, Tag("HogQLQuery")]
    | Annotated[EventsNode, Tag("EventsNode")]
    | Annotated[ActionsNode, Tag("ActionsNode")]
    | Annotated[TrendsQuery, Tag("TrendsQuery")]
    | Annotated[FunnelsQuery, Tag("FunnelsQuery")]
    | Annotated[RetentionQuery, Tag("RetentionQuery")]
    | Annotated[PathsQuery, Tag("PathsQuery")]
    | Annotated[StickinessQuery, Tag("StickinessQuery")]
    | Annotated[LifecycleQuery, Tag("LifecycleQuery")]
    | Annotated[FunnelCorrelationQuery, Tag("FunnelCorrelationQuery")]
    | Annotated[InsightActorsQuery, Tag("InsightActorsQuery")]
    | Annotated[FunnelsActorsQuery, Tag("FunnelsActorsQuery")]
    | Annotated[FunnelCorrelationActorsQuery, Tag("FunnelCorrelationActorsQuery")]
    | Annotated[StickinessActorsQuery, Tag("StickinessActorsQuery")]
    | Annotated[ForeignQuery, Tag("<foreign>")],
    Discriminator(tell_kind),
]


class _Wrapper(Model):
    kind: str
    version: Number | None = None
    response: Free = None
    full: bool | None = None
    embedded: bool | None = None


class InsightVizNode(_Wrapper):
    """An insight query as a chart. Everything but `source` is for the screen."""

    kind: Literal["InsightVizNode"] = "InsightVizNode"
    source: VizSource
    hidePersonsModal: bool | None = None
    hideTooltipOnScroll: bool | None = None
    showCorrelationTable: bool | None = None
    showFilters: bool | None = None
    showHeader: bool | None = None
    showLastComputation: bool | None = None
    showLastComputationRefresh: bool | None = None
    showResults: bool | None = None
    showTable: bool | None = None
    suppressSessionAnalysisWarning: bool | None = None
    vizSpecificOptions: FreeMap | None = None


class DataVisualizationNode(_Wrapper):
    """A SQL query as a table or chart."""

    kind: Literal["DataVisualizationNode"] = "DataVisualizationNode"
    source: HogQLQuery
    display: Display | None = None
    chartSettings: FreeMap | None = None
    tableSettings: FreeMap | None = None


class DataTableNode(_Wrapper):
    """A query as a table. Everything but `source` is for the screen."""

    kind: Literal["DataTableNode"] = "DataTableNode"
    source: TableSource
    columns: list[str] | None = None
    hiddenColumns: list[str] | None = None
    pinnedColumns: list[str] | None = None
    tags: FreeMap | None = None
    allowSorting: bool | None = None
    context: FreeMap | None = None
    contextKey: str | None = None
    defaultColumns: list[str] | None = None
    expandable: bool | None = None
    propertiesViaUrl: bool | None = None
    showAbsoluteTime: bool | None = None
    showActions: bool | None = None
    showColumnConfigurator: bool | None = None
    showCount: bool | None = None
    showDateRange: bool | None = None
    showElapsedTime: bool | None = None
    showEventFilter: bool | None = None
    showEventsFilter: bool | None = None
    showExport: bool | None = None
    showHogQLEditor: bool | None = None
    showOpenEditorButton: bool | None = None
    showPersistentColumnConfigurator: bool | None = None
    showPropertyFilter: bool | list[str] | None = None
    showRecordingColumn: bool | None = None
    showReload: bool | None = None
    showResultsTable: bool | None = None
    showSavedFilters: bool | None = None
    showSavedQueries: bool | None = None
    showSearch: bool | None = None
    showSourceQueryOptions: bool | None = None
    showTableViews: bool | None = None
    showTestAccountFilters: bool | None = None
    showTimings: bool | None = None
