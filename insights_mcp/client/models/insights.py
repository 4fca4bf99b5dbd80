"""Insights as the API answers them: basic, full, old and new (facts/rest-api.md 3)."""

from collections.abc import Mapping

from pydantic import Field, field_validator

from insights_mcp.client.models.alerts import Alert
from insights_mcp.client.models.queries import QueryStatus, ResolvedDateRange
from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


class DashboardTileRef(ReadModel):
    """Which dashboard an insight is on. `deleted` is null for a tile that never was deleted."""

    id: int | None = None
    dashboard_id: int
    deleted: bool = False


class Insight(ReadModel):
    """A saved insight. Results are there only when they were asked for.

    `query` is None only on old servers, where `filters` holds the definition.
    """

    id: int
    short_id: str = ""
    name: str | None = None
    derived_name: str | None = None
    description: str | None = None
    query: Mapping[str, object] | None = None
    filters: Mapping[str, object] = {}
    tags: tuple[str, ...] = ()
    favorited: bool = False
    saved: bool = False
    deleted: bool = False
    dashboards: tuple[int, ...] = ()
    dashboard_tiles: tuple[DashboardTileRef, ...] = ()
    created_at: Moment = None
    created_by: User | None = None
    updated_at: Moment = None
    last_modified_at: Moment = None
    last_modified_by: User | None = None
    last_viewed_at: Moment = None
    user_access_level: str | None = None
    effective_restriction_level: int | None = None
    effective_privilege_level: int | None = None
    search_match_type: str | None = None

    result: object = None
    columns: tuple[object, ...] = ()
    types: tuple[object, ...] = ()
    hogql: str | None = None
    has_more: bool = Field(default=False, alias="hasMore")
    is_cached: bool = False
    last_refresh: Moment = None
    cache_target_age: Moment = None
    next_allowed_client_refresh: Moment = None
    timezone: str | None = None
    query_status: QueryStatus | None = None
    resolved_date_range: ResolvedDateRange | None = None
    alerts: tuple[Alert, ...] = ()

    @field_validator("result", mode="before")
    @classmethod
    def _unwrap_old_result(cls, value: object) -> object:
        # Old servers keep the whole computed answer here (facts/rest-api.md 11).
        return value["result"] if isinstance(value, Mapping) and "result" in value and "events" not in value else value

    @property
    def title(self) -> str:
        """Return the name people see: given, else derived, else the short id."""
        return self.name or self.derived_name or self.short_id or str(self.id)

    @property
    def dashboard_ids(self) -> tuple[int, ...]:
        """Return the dashboards it is on; tiles first, as `dashboards` is on its way out (facts/rest-api.md 1)."""
        if self.dashboard_tiles:
            return tuple(tile.dashboard_id for tile in self.dashboard_tiles if not tile.deleted)
        return self.dashboards


class TrendingInsight(Insight):
    """An insight many people looked at lately; `viewers` are the latest three."""

    view_count: int = 0
    viewers: tuple[User, ...] = ()


class Suggestion(ReadModel):
    """A follow-up that PostHog suggests for an insight."""

    title: str = ""
    description: str = ""
    target_query: Mapping[str, object] = Field(default={}, alias="targetQuery")


class GeneratedMetadata(ReadModel):
    """A name and a description that PostHog's own model wrote."""

    name: str = ""
    description: str = ""
