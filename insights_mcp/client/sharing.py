"""Public sharing of insights (facts/rest-api.md 9, Sharing)."""

from collections.abc import Mapping

from insights_mcp.client.models.sharing import NewSharePassword, Sharing


class InsightSharing:
    """Sharing of one insight at a time, by number or short_id."""

    async def get(self, insight_id: int | str) -> Sharing:
        """Return whether an insight is public, and under which token."""
        raise NotImplementedError

    async def update(
        self,
        insight_id: int | str,
        *,
        enabled: bool | None = None,
        password_required: bool | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Sharing:
        """Make an insight public or private."""
        raise NotImplementedError

    async def refresh(self, insight_id: int | str) -> Sharing:
        """Give the share a new token; the old address stops working."""
        raise NotImplementedError

    async def create_password(
        self, insight_id: int | str, *, raw_password: str | None = None, note: str | None = None
    ) -> NewSharePassword:
        """Add a password; the answer shows it this once. A paid feature of PostHog."""
        raise NotImplementedError

    async def delete_password(self, insight_id: int | str, password_id: str) -> None:
        """Remove a password."""
        raise NotImplementedError

    def page_url(self, sharing: Sharing) -> str | None:
        """Return the public address, None while it is not shared."""
        raise NotImplementedError
