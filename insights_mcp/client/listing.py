"""List filters as the API wants them, quirks and all (facts/rest-api.md 4.1)."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights_mcp.client.accounts import Users
from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, read_as
from insights_mcp.client.exchange import Params
from insights_mcp.client.models.insights import Insight
from insights_mcp.client.numbering import Numbering
from insights_mcp.client.paging import Page, read_page
from insights_mcp.client.waiting import Deadline

if TYPE_CHECKING:
    from insights_mcp.schema.insights import InsightFilters

# Given as they are; None is left out.
_TEXTS = (
    "search",
    "insight",
    "date_from",
    "date_to",
    "created_date_from",
    "created_date_to",
    "last_viewed_date_from",
    "last_viewed_date_to",
    "short_id",
    "feature_flag",
)
# JSON arrays as text; anything malformed is a 500 upstream.
_ARRAYS = ("created_by", "dashboards", "events")
# Without an order the API's is arbitrary, and pages may overlap (facts/rest-api.md 4.1).
DEFAULT_ORDER = "-last_modified_at"
# The basic form is small: most projects fit one request.
WALK_SIZE = 500


def list_params(filters: "InsightFilters | None", order: str | None) -> list[tuple[str, str]]:
    """Return the query parameters of an insight list, always in basic form.

    `favorited` and `user` are sent only when true: upstream their mere presence, with any value, means true.
    """
    given: Mapping[str, object] = {} if filters is None else filters.model_dump(exclude_none=True)
    params = [("basic", "true")]
    params += [(name, str(given[name])) for name in _TEXTS if given.get(name)]
    params += [(name, _array(given[name])) for name in _ARRAYS if given.get(name)]
    params += [(name, "true") for name in ("favorited", "user", "hide_feature_flag_insights") if given.get(name)]
    if "saved" in given:
        params.append(("saved", "true" if given["saved"] else "false"))
    tags = given.get("tags")
    if isinstance(tags, list) and tags:
        # Stored trimmed and in lower case since long, as written before that; any of the listed tags fits.
        params.append(("tags", _array(list(dict.fromkeys([*tags, *(str(tag).strip().lower() for tag in tags)])))))
    chosen = order or (None if given.get("search") else DEFAULT_ORDER)
    if chosen:
        params.append(("order", chosen))
    return params


def _array(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Exclusion:
    """What the API cannot leave out, so that we do: favorites, and the key's owner's own."""

    favorites: bool
    owner_id: int | None

    def keeps(self, insight: Insight) -> bool:
        """Return whether an insight stays in the list."""
        if self.favorites and insight.favorited:
            return False
        return self.owner_id is None or insight.created_by is None or insight.created_by.id != self.owner_id


class InsightLists:
    """Lists of insights, whole and in pages."""

    def __init__(self, caller: Caller, address: ProjectAddress, numbering: Numbering, users: Users) -> None:
        self._caller = caller
        self._address = address
        self._numbering = numbering
        self._users = users

    async def page(
        self, filters: "InsightFilters | None", *, limit: int, offset: int, order: str | None
    ) -> Page[Insight]:
        """Return one page; what the API cannot leave out is left out here, with offsets and count to match."""
        params = list_params(filters, order)
        exclusion = await self._exclusion(filters)
        if exclusion is None:
            return await self._raw_page(params, limit, offset)
        limit, offset = max(1, limit), max(0, offset)
        kept: list[Insight] = []
        async with aclosing(self._walk(params)) as insights:
            async for insight in insights:
                if exclusion.keeps(insight):
                    kept.append(insight)
                    if len(kept) > offset + limit:
                        break
        more = len(kept) > offset + limit
        count = await self._count_without(params, exclusion) if more else len(kept)
        return Page(kept[offset : offset + limit], count, offset, offset + limit if more else None)

    async def iterate(self, filters: "InsightFilters | None", order: str | None) -> AsyncIterator[Insight]:
        """Yield every insight that fits, none twice."""
        exclusion = await self._exclusion(filters)
        async for insight in self._walk(list_params(filters, order)):
            if exclusion is None or exclusion.keeps(insight):
                yield insight

    async def newest_of_mine(self, deadline: Deadline) -> Sequence[Insight]:
        """Return what the key's owner created last, newest first."""
        params = [("basic", "true"), ("user", "true"), ("order", "-created_at")]
        return (await self._raw_page(params, 20, 0, deadline)).results

    async def _walk(self, params: Params) -> AsyncGenerator[Insight]:
        seen: set[int] = set()
        offset: int | None = 0
        while offset is not None:
            page = await self._raw_page(params, WALK_SIZE, offset)
            for insight in page.results:
                # Ties in the order may come again on the next page.
                if insight.id not in seen:
                    seen.add(insight.id)
                    yield insight
            offset = page.next_offset

    async def _raw_page(
        self, params: Params, limit: int, offset: int, deadline: Deadline | None = None
    ) -> Page[Insight]:
        path = await self._address.path("insights")
        return await read_page(self._caller, path, params, self._read, limit=limit, offset=offset, deadline=deadline)

    def _read(self, item: object) -> Insight:
        return self._numbering.note(read_as(Insight, item))

    async def _exclusion(self, filters: "InsightFilters | None") -> Exclusion | None:
        if filters is None or (filters.favorited is not False and filters.user is not False):
            return None
        owner = (await self._users.me()).id if filters.user is False else None
        return Exclusion(favorites=filters.favorited is False, owner_id=owner)

    async def _count_without(self, params: Params, exclusion: Exclusion) -> int | None:
        """Return how many there are without the excluded: all, less each kind, plus what both kinds share."""
        favorites, owned = ("favorited", "true"), ("user", "true")
        terms: list[tuple[int, list[tuple[str, str]]]] = [(1, [])]
        if exclusion.favorites:
            terms.append((-1, [favorites]))
        if exclusion.owner_id is not None:
            terms.append((-1, [owned]))
        if len(terms) == 3:
            terms.append((1, [favorites, owned]))
        total = 0
        for sign, more in terms:
            count = (await self._raw_page([*params, *more], 1, 0)).count
            if count is None:
                return None
            total += sign * count
        return total
