"""Dashboards (facts/rest-api.md 12)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.paging import Page

if TYPE_CHECKING:
    from insights_mcp.schema.insights import DashboardPatch, DashboardWrite


class Dashboards:
    """The dashboards of the project. Insights are put on one through the insight (`InsightPatch.dashboards`)."""

    async def list(
        self,
        *,
        tags: Sequence[str] = (),
        creation_mode: str | None = None,
        exclude_generated: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Dashboard]:
        """Return dashboards without tiles, pinned first, then by name."""
        raise NotImplementedError

    async def get(
        self,
        dashboard_id: int,
        *,
        refresh: str | None = None,
        filters_override: Mapping[str, object] | None = None,
        variables_override: Mapping[str, object] | None = None,
    ) -> Dashboard:
        """Return one dashboard with its tiles."""
        raise NotImplementedError

    async def create(self, dashboard: "DashboardWrite") -> Dashboard:
        """Create a dashboard once, with the same care as insights."""
        raise NotImplementedError

    async def update(self, dashboard_id: int, patch: "DashboardPatch") -> Dashboard:
        """Change the given fields; `deleted=True` is the soft delete."""
        raise NotImplementedError
