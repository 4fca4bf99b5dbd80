"""Alerts and thresholds of insights, read only (facts/rest-api.md 10)."""

from insights_mcp.client.models.alerts import Alert, Threshold
from insights_mcp.client.paging import Page


class Alerts:
    """The alerts of the project."""

    async def list(self, insight_id: int | str | None = None, *, limit: int = 100, offset: int = 0) -> Page[Alert]:
        """Return the alerts of an insight, or of all, newest first."""
        raise NotImplementedError

    async def thresholds(self, insight_id: int | str, *, limit: int = 100, offset: int = 0) -> Page[Threshold]:
        """Return the thresholds of an insight."""
        raise NotImplementedError

    async def threshold(self, insight_id: int | str, threshold_id: str) -> Threshold:
        """Return one threshold of an insight."""
        raise NotImplementedError
