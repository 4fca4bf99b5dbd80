"""Autocaptured elements (seed 003)."""

from collections.abc import Sequence

from insights_mcp.client.models.elements import ElementStats
from insights_mcp.client.paging import Page


class Elements:
    """What people clicked, as autocapture saw it."""

    async def stats(
        self,
        *,
        include: Sequence[str] = (),
        date_from: str | None = None,
        date_to: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[ElementStats]:
        """Return element chains by clicks. `include`: $autocapture, $rageclick, $dead_click."""
        raise NotImplementedError
