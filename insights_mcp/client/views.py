"""Who looked at insights and who changed them (facts/rest-api.md 7 and 9)."""

from collections.abc import Mapping, Sequence

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.activity import ActivityPage
from insights_mcp.client.models.insights import Insight, TrendingInsight
from insights_mcp.client.numbering import Numbering
from insights_mcp.errors import ApiError, NotFound, UnexpectedAnswer

MOST_AT_ONCE = 2500


class Views:
    """Activity and views of insights."""

    def __init__(self, caller: Caller, address: ProjectAddress, numbering: Numbering) -> None:
        self._caller = caller
        self._address = address
        self._numbering = numbering

    async def activity(self, insight_id: int | str | None, *, limit: int, page: int) -> ActivityPage:
        """Return one page of the log, of one insight or of all."""
        if insight_id is not None:
            return await self._numbering.try_both(
                insight_id, lambda given: self._activity(("insights", given, "activity"), limit, page)
            )
        try:
            return await self._activity(("insights", "activity"), limit, page)
        except NotFound:
            if page <= 1:
                raise
            return ActivityPage(page=page)

    async def _activity(self, parts: Sequence[int | str], limit: int, page: int) -> ActivityPage:
        path = await self._address.path(*parts)
        params = (("limit", str(max(1, limit))), ("page", str(max(1, page))))
        subject = f"insight {parts[1]}" if len(parts) > 2 else "activity"
        body = object_of(await self._caller.read(Call("GET", path, params, subject=subject)))
        return read_as(ActivityPage, {**body, "page": page, "next_page": page + 1 if body.get("next") else None})

    async def viewed(self, insight_ids: Sequence[int]) -> None:
        """Record a view of each; recording twice is the same as once, only later."""
        path = await self._address.path("insights", "viewed")
        for start in range(0, len(insight_ids), MOST_AT_ONCE):
            some = list(insight_ids[start : start + MOST_AT_ONCE])
            try:
                await self._caller.write(Call("POST", path, body={"insight_ids": some}, may_be_empty=True))
            except ApiError as error:
                if not isinstance(error, NotFound) and error.status != 405:
                    raise
                await self._viewed_one_by_one(some)

    async def _viewed_one_by_one(self, insight_ids: Sequence[int]) -> None:
        # Servers before late 2025 (facts/rest-api.md 9).
        for insight_id in insight_ids:
            path = await self._address.path("insights", insight_id, "viewed")
            await self._caller.write(Call("POST", path, may_be_empty=True, subject=f"insight {insight_id}"))

    async def trending(self, days: int, limit: int) -> Sequence[TrendingInsight]:
        """Return what most people looked at."""
        path = await self._address.path("insights", "trending")
        params = (("days", str(days)), ("limit", str(limit)))
        answer = await self._caller.read(Call("GET", path, params))
        return [read_as(TrendingInsight, item) for item in rows_of(answer.data)][:limit]

    async def my_last_viewed(self) -> Sequence[Insight]:
        """Return what the key's owner looked at last."""
        path = await self._address.path("insights", "my_last_viewed")
        answer = await self._caller.read(Call("GET", path))
        return [self._numbering.note(read_as(Insight, item)) for item in rows_of(answer.data)]


def rows_of(data: object) -> Sequence[object]:
    """Return the rows of an answer that is an envelope on some servers and a bare array on others.

    Raises UnexpectedAnswer when it is neither.
    """
    rows = data.get("results") if isinstance(data, Mapping) else data
    if not isinstance(rows, list):
        raise UnexpectedAnswer("The answer is JSON, but not a list of the API.", status=200)
    return rows
