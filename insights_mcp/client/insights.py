"""Insights: list, read, write, activity, views (facts/rest-api.md 3 to 7 and 9)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from insights_mcp.client.models.activity import ActivityPage
from insights_mcp.client.models.insights import GeneratedMetadata, Insight, Suggestion, TrendingInsight
from insights_mcp.client.paging import Page
from insights_mcp.client.queries import OnProgress

if TYPE_CHECKING:
    from insights_mcp.schema.insights import InsightFilters, InsightPatch, InsightWrite


class Insights:
    """The insights of the project. Every `insight_id` is a number or a short_id, on old servers too."""

    async def list(
        self,
        filters: "InsightFilters | None" = None,
        *,
        limit: int = 100,
        offset: int = 0,
        order: str | None = None,
    ) -> Page[Insight]:
        """Return a page of insights in basic form. `favorited=False` means those that are no favorites."""
        raise NotImplementedError

    def iterate(self, filters: "InsightFilters | None" = None, *, order: str | None = None) -> AsyncIterator[Insight]:
        """Return every insight that fits, page by page, none twice."""
        raise NotImplementedError

    async def get(
        self,
        insight_id: int | str,
        *,
        refresh: str | None = None,
        basic: bool = False,
        from_dashboard: int | None = None,
        filters_override: Mapping[str, object] | None = None,
        variables_override: Mapping[str, object] | None = None,
        client_query_id: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Insight:
        """Return one insight. With `refresh` (blocking, force_blocking, async, ...) its result is waited for.

        Raises NotFound; QueryFailed when a result was asked for and computing it failed.
        """
        raise NotImplementedError

    async def number(self, insight_id: int | str) -> int:
        """Return the number of an insight given by number or short_id."""
        raise NotImplementedError

    async def create(self, insight: "InsightWrite") -> Insight:
        """Create an insight once: when the answer is lost it is looked for before it is sent again.

        Raises OutcomeUnknown when neither creation nor its absence could be made sure.
        """
        raise NotImplementedError

    async def update(self, insight_id: int | str, patch: "InsightPatch") -> Insight:
        """Change the given fields of an insight; `deleted=True` is the soft delete, `deleted=False` restores."""
        raise NotImplementedError

    async def activity(
        self,
        insight_id: int | str | None = None,
        *,
        limit: int = 10,
        page: int = 1,
    ) -> ActivityPage:
        """Return the activity log of one insight, or of all of the project, newest first."""
        raise NotImplementedError

    async def viewed(self, ids: Sequence[int]) -> None:
        """Record that the key's owner looked at these insights now."""
        raise NotImplementedError

    async def trending(self, days: int = 7, limit: int = 10) -> Sequence[TrendingInsight]:
        """Return the insights most people looked at lately."""
        raise NotImplementedError

    async def my_last_viewed(self) -> Sequence[Insight]:
        """Return the last five insights the person looked at. PostHog refuses this to API keys: PermissionDenied."""
        raise NotImplementedError

    async def cancel(self, client_query_id: str) -> None:
        """Cancel a running query by the id the client gave it."""
        raise NotImplementedError

    async def analyze(self, insight_id: int | str) -> str:
        """Return PostHog's own reading of an insight. PostHog refuses this to API keys: PermissionDenied."""
        raise NotImplementedError

    async def suggestions(
        self,
        insight_id: int | str,
        context: str | None = None,
    ) -> Sequence[Suggestion]:
        """Return follow-ups for an insight. PostHog refuses this to API keys: PermissionDenied."""
        raise NotImplementedError

    async def generate_metadata(self, query: Mapping[str, object]) -> GeneratedMetadata:
        """Let PostHog's model name a query (not SQL); nothing is saved."""
        raise NotImplementedError
