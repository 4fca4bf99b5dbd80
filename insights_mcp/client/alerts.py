"""Alerts and thresholds of insights, read only (facts/rest-api.md 10)."""

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.alerts import Alert, Threshold
from insights_mcp.client.numbering import Numbering
from insights_mcp.client.paging import Page, read_page


class Alerts:
    """The alerts of the project."""

    def __init__(self, caller: Caller, address: ProjectAddress, numbering: Numbering) -> None:
        self._caller = caller
        self._address = address
        self._numbering = numbering

    async def list(self, insight_id: int | str | None = None, *, limit: int = 100, offset: int = 0) -> Page[Alert]:
        """Return the alerts of an insight, or of all, newest first."""
        params = []
        if insight_id is not None:
            params.append(("insight_id", str(await self._numbering.number(insight_id))))
        path = await self._address.path("alerts")
        return await read_page(
            self._caller, path, params, lambda item: read_as(Alert, item), limit=limit, offset=offset
        )

    async def thresholds(self, insight_id: int | str, *, limit: int = 100, offset: int = 0) -> Page[Threshold]:
        """Return the thresholds of an insight."""
        path = await self._address.path("insights", await self._numbering.number(insight_id), "thresholds")
        return await read_page(
            self._caller, path, (), lambda item: read_as(Threshold, item), limit=limit, offset=offset
        )

    async def threshold(self, insight_id: int | str, threshold_id: str) -> Threshold:
        """Return one threshold of an insight."""
        number = await self._numbering.number(insight_id)
        path = await self._address.path("insights", number, "thresholds", threshold_id)
        call = Call("GET", path, subject=f"threshold {threshold_id}")
        return read_as(Threshold, object_of(await self._caller.read(call)))
