"""PathsQuery (facts/queries.md 1.5)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from insights_mcp.schema.base import Model
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.insight_query import InsightQuery

PathType = Literal["$pageview", "$screen", "custom_event", "hogql"]
FunnelPathType = Literal["funnel_path_before_step", "funnel_path_between_steps", "funnel_path_after_step"]


class PathCleaning(Model):
    """Replace what `regex` matches in a path by `alias`."""

    regex: str | None = None
    alias: str | None = None
    order: int | float | None = None


class PathsFilter(Model):
    """Which steps a path has, where it starts and ends, and how much is shown."""

    includeEventTypes: list[PathType] | None = None
    pathsHogQLExpression: str | None = None
    startPoint: str | None = None
    endPoint: str | None = None
    excludeEvents: list[str] | None = None
    pathGroupings: list[str] | None = None
    pathReplacements: bool | None = None
    localPathCleaningFilters: list[PathCleaning] | None = None
    stepLimit: int = 5
    edgeLimit: int = 50
    minEdgeWeight: int | None = None
    maxEdgeWeight: int | None = None
    pathStartKey: str | None = None
    pathEndKey: str | None = None
    pathDropoffKey: str | None = None

    showFullUrls: bool | None = None


class FunnelPathsFilter(Model):
    """Only paths before, between or after steps of a funnel."""

    funnelPathType: FunnelPathType | None = None
    funnelSource: FunnelsQuery
    funnelStep: int | None = None


class PathsQuery(InsightQuery):
    """Which way people go."""

    kind: Literal["PathsQuery"] = "PathsQuery"
    pathsFilter: PathsFilter
    funnelPathsFilter: FunnelPathsFilter | None = None
