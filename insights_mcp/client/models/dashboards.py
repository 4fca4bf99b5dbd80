"""Dashboards and their tiles (facts/rest-api.md 12)."""

from collections.abc import Mapping

from insights_mcp.client.models.insights import Insight
from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


class Tile(ReadModel):
    """A tile of a dashboard: an insight, or a text card."""

    id: int
    order: int | None = None
    color: str | None = None
    layouts: Mapping[str, object] = {}
    insight: Insight | None = None
    text: Mapping[str, object] | None = None
    filters_overrides: Mapping[str, object] | None = None
    last_refresh: Moment = None
    is_cached: bool = False
    error: object = None


class Dashboard(ReadModel):
    """A dashboard. Lists come without `tiles` and `filters`."""

    id: int
    name: str | None = None
    description: str = ""
    pinned: bool = False
    deleted: bool = False
    is_shared: bool = False
    creation_mode: str = "default"
    tags: tuple[str, ...] = ()
    filters: Mapping[str, object] = {}
    variables: Mapping[str, object] = {}
    tiles: tuple[Tile, ...] = ()
    created_at: Moment = None
    created_by: User | None = None
    last_accessed_at: Moment = None
    last_viewed_at: Moment = None
    last_refresh: Moment = None
    user_access_level: str | None = None
    restriction_level: int | None = None
