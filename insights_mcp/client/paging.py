"""Pages of a list. The address a server prints in `next` is never followed: only whether there is one counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from insights_mcp.client.caller import Caller, object_of
from insights_mcp.client.exchange import Call, Params
from insights_mcp.client.waiting import Deadline
from insights_mcp.errors import UnexpectedAnswer

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Part of a list. `count` is the whole number, None when the API does not say; `next_offset` None at the end."""

    results: Sequence[T]
    count: int | None
    offset: int
    next_offset: int | None
    count_is_capped: bool = False

    @property
    def has_more(self) -> bool:
        """Return whether something follows this page."""
        return self.next_offset is not None


async def read_page(
    caller: Caller,
    path: str,
    params: Params,
    read: Callable[[object], T],
    *,
    limit: int,
    offset: int,
    deadline: Deadline | None = None,
) -> Page[T]:
    """Read one page by limit and offset.

    Hosts behind a proxy print a `next` of another scheme or host, and it would be given the key; counting on from our
    own offset needs none of it (facts/rest-api.md 2.5).
    """
    # A limit below 1 would mean 100 upstream.
    limit, offset = max(1, limit), max(0, offset)
    asked = [*params, ("limit", str(limit)), ("offset", str(offset))]
    answer = await caller.read(Call("GET", path, asked), deadline)
    if isinstance(answer.data, list):  # older servers answer some lists bare
        rows = [read(item) for item in answer.data]
        return Page(rows, len(rows), 0, None)
    body: Mapping[str, object] = object_of(answer)
    items = body.get("results")
    if not isinstance(items, list):
        raise UnexpectedAnswer(
            "The answer is JSON, but not a list of the API.", status=answer.status, advice="Check POSTHOG_HOST."
        )
    results = [read(item) for item in items]
    count = body.get("count")
    total = count if isinstance(count, int) else None
    end = offset + len(results)
    more = bool(results) and (bool(body.get("next")) or (total is not None and end < total))
    return Page(results, total, offset, end if more else None, bool(body.get("count_is_capped")))
