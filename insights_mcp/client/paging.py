"""Pages of a list, and how to go on to the next without trusting the address the server prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

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


def next_params(next_url: object, base_url: str) -> Mapping[str, str] | None:
    """Return the query parameters of a `next` address, or None unless it is on our own scheme and host.

    Only the parameters are ever used: path and host stay ours (facts/rest-api.md 2.5).
    """
    if not isinstance(next_url, str):
        return None
    theirs, ours = urlsplit(next_url), urlsplit(base_url)
    if theirs.scheme and (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
        return None
    return dict(parse_qsl(theirs.query))
