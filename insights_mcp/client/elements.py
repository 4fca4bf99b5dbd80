"""Autocaptured elements (seed 003)."""

from collections.abc import Sequence

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, read_as
from insights_mcp.client.models.elements import ElementStats
from insights_mcp.client.paging import Page, read_page


class Elements:
    """What people clicked, as autocapture saw it."""

    def __init__(self, caller: Caller, address: ProjectAddress) -> None:
        self._caller = caller
        self._address = address

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
        params = [("include", kind) for kind in include]
        params += [(name, value) for name, value in (("date_from", date_from), ("date_to", date_to)) if value]
        path = await self._address.path("elements", "stats")
        return await read_page(
            self._caller, path, params, lambda item: read_as(ElementStats, item), limit=limit, offset=offset
        )
