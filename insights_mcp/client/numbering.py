"""Short ids on servers that know only numbers (facts/rest-api.md 4.2)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from insights_mcp.client.addresses import ProjectAddress, as_number, segment
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import NotFound, ValidationFailed

T = TypeVar("T")
MOST_KNOWN = 5000


class Numbering:
    """Turns short ids into numbers, remembering what was seen: neither ever changes."""

    def __init__(self, caller: Caller, address: ProjectAddress) -> None:
        self._caller = caller
        self._address = address
        self._numbers: dict[str, int] = {}
        self._paths_take_short_ids = True

    def note(self, insight: Insight) -> Insight:
        """Remember an insight's two ids."""
        if insight.short_id:
            if len(self._numbers) >= MOST_KNOWN:
                self._numbers.clear()
            self._numbers[insight.short_id] = insight.id
        return insight

    async def number(self, insight_id: int | str) -> int:
        """Return an insight's number.

        Raises NotFound for an unknown short id; InputError for what is no id at all.
        """
        number = as_number(insight_id)
        if number is not None:
            return number
        short_id = str(insight_id).strip()
        if short_id not in self._numbers:
            await self._look_up(short_id)
        return self._numbers[short_id]

    async def try_both(self, insight_id: int | str, request: Callable[[int | str], Awaitable[T]]) -> T:
        """Make a request with the id as given; when an old server does not know it, with its number.

        Raises what the request raises.
        """
        if as_number(insight_id) is not None:
            return await request(insight_id)
        segment(insight_id)
        if not self._paths_take_short_ids:
            return await request(await self.number(insight_id))
        try:
            return await request(insight_id)
        except (NotFound, ValidationFailed) as refused:
            if not _may_be_old(refused):
                raise
            try:
                number = await self.number(insight_id)
            except (NotFound, ValidationFailed):
                raise refused from None
        result = await request(number)
        self._paths_take_short_ids = False
        return result

    async def _look_up(self, short_id: str) -> None:
        segment(short_id)
        path = await self._address.path("insights")
        params = (("short_id", short_id), ("basic", "true"))
        body: Mapping[str, object] = object_of(await self._caller.read(Call("GET", path, params)))
        results = body.get("results")
        for item in results if isinstance(results, list) else []:
            self.note(read_as(Insight, item))
        if short_id not in self._numbers:
            raise NotFound(
                f"There is no insight {short_id} in this project, or it is deleted.",
                status=404,
                code="not_found",
                advice="List what there is, and check that the project is the right one.",
            )


def _may_be_old(refused: NotFound | ValidationFailed) -> bool:
    return isinstance(refused, NotFound) or (refused.attr is None and refused.code != "parse_error")
