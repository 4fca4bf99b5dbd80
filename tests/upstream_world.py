"""The state of a fake PostHog, and the answers it is made of. `tests.upstream` is its door."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

ALL_SCOPES = frozenset({"*"})
START = datetime(2026, 9, 14, 12, 0, 0, tzinfo=UTC)

Record = dict[str, Any]


class Refused(Exception):
    """An error answer in the API's envelope (facts/rest-api.md 2.2)."""

    def __init__(
        self, status: int, type_: str, code: str, detail: str, attr: str | None = None, extra: object = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"type": type_, "code": code, "detail": detail, "attr": attr}
        if extra is not None:
            self.body["extra"] = extra


def invalid(detail: str, attr: str | None = None, code: str = "invalid_input") -> Refused:
    return Refused(400, "validation_error", code, detail, attr)


def unparsable(detail: str) -> Refused:
    return Refused(400, "invalid_request", "parse_error", detail)


def missing(detail: str = "Not found.") -> Refused:
    return Refused(404, "invalid_request", "not_found", detail)


def forbidden(detail: str) -> Refused:
    return Refused(403, "authentication_error", "permission_denied", detail)


@dataclass
class Key:
    """A personal API key: what it may do, and whose it is."""

    scopes: frozenset[str] = ALL_SCOPES
    user_id: int = 1

    def allows(self, scope: str) -> bool:
        kind, _, action = scope.partition(":")
        return bool(self.scopes & {"*", scope} or (action == "read" and f"{kind}:write" in self.scopes))


@dataclass
class Asked:
    """A request as a route handler sees it."""

    method: str
    params: httpx.QueryParams
    body: Any
    headers: httpx.Headers
    key: Key
    parts: Mapping[str, str]
    project_id: int
    url: httpx.URL

    def flag(self, name: str) -> bool:
        return self.params.get(name, "").lower() in ("y", "yes", "t", "true", "on", "1")

    def array(self, name: str) -> list[Any]:
        text = self.params.get(name)
        if not text:
            return []
        try:
            return list(json.loads(text))
        except ValueError:
            # Uncaught upstream (facts/rest-api.md 4.1).
            raise Refused(500, "server_error", "error", "A server error occurred.") from None

    def page(self, rows: list[Any], default: int = 100) -> Record:
        limit, offset = _whole(self.params.get("limit"), default), _whole(self.params.get("offset"), 0)
        limit = limit or default

        def address(start: int) -> str:
            return str(self.url.copy_merge_params({"limit": limit, "offset": start}))

        return {
            "count": len(rows),
            "next": address(offset + limit) if offset + limit < len(rows) else None,
            "previous": address(max(0, offset - limit)) if offset else None,
            "results": rows[offset : offset + limit],
        }


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


@dataclass
class Canned:
    """What a query answers, when `matches` says it is meant."""

    matches: Callable[[Record], bool]
    answer: Record
    refusal: Refused | None = None


@dataclass
class World:
    """Everything the fake PostHog knows. Tests may reach in and change it."""

    now: datetime = START
    users: dict[int, Record] = field(default_factory=dict)
    organization: Record = field(default_factory=dict)
    projects: dict[int, Record] = field(default_factory=dict)
    insights: dict[int, Record] = field(default_factory=dict)
    dashboards: dict[int, Record] = field(default_factory=dict)
    tiles: list[Record] = field(default_factory=list)
    activity: list[Record] = field(default_factory=list)
    views: dict[tuple[int, int], datetime] = field(default_factory=dict)
    sharing: dict[int, Record] = field(default_factory=dict)
    alerts: list[Record] = field(default_factory=list)
    thresholds: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    properties: list[Record] = field(default_factory=list)
    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    elements: list[Record] = field(default_factory=list)
    canned: list[Canned] = field(default_factory=list)
    running: dict[str, Record] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    is_old: bool = False
    # Results by query, where a test lets this server remember them; the same for insights and queries, as upstream.
    cache: dict[str, Record] | None = None
    background_polls: int | None = None
    background_error: str | None = None

    def tick(self) -> datetime:
        """Let a second pass, so that no two things happen at the same time."""
        self.now += timedelta(seconds=1)
        return self.now

    def stamp(self) -> str:
        return iso(self.tick())

    def next_id(self, table: Mapping[int, Record]) -> int:
        return max(table, default=0) + 1


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def moment(text: str, now: datetime) -> datetime:
    """Read an absolute date, or a relative one in days (`-7d`)."""
    if text.startswith("-") and text.endswith("d"):
        return now - timedelta(days=int(text[1:-1]))
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
