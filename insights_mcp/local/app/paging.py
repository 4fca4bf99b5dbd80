"""Limit and offset paging: {count, next, previous, results} (facts/rest-api.md 2.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from insights_mcp.local.app.http import MAX_ID, Call

DEFAULT_LIMIT = 100


@dataclass(frozen=True)
class Page:
    """Which rows a list request asks for."""

    limit: int
    offset: int


def read_page(call: Call, default_limit: int = DEFAULT_LIMIT) -> Page:
    """Return the asked page; what is not a positive limit or an offset falls back to the default."""
    limit = _whole_number(call.query.get("limit"))
    offset = _whole_number(call.query.get("offset"))
    return Page(limit=limit or default_limit, offset=offset or 0)


def envelope(call: Call, page: Page, count: int, results: Sequence[object]) -> dict[str, object]:
    """Return one page of a list with the addresses of its neighbours."""
    following = page.offset + page.limit
    preceding = page.offset - page.limit
    return {
        "count": count,
        "next": change_query(call.url, limit=page.limit, offset=following) if following < count else None,
        "previous": _previous(call, page, preceding) if page.offset > 0 else None,
        "results": list(results),
    }


def change_query(url: str, **changes: int | str | None) -> str:
    """Return a URL with query parameters set, or removed where None."""
    parts = urlsplit(url)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in changes]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(sorted(pairs))))


def _previous(call: Call, page: Page, preceding: int) -> str:
    return change_query(call.url, limit=page.limit, offset=preceding if preceding > 0 else None)


def _whole_number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 18:
        return None
    return min(int(text), MAX_ID)
