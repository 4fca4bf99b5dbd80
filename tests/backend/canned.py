"""Stand-ins for the parts that other tests exercise: a query service with canned answers, no engine, no intake."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from insights_mcp.local.problems import Problem
from insights_mcp.local.store.projects import Team

KEY = "phx_the_key_of_this_test_backend"
COMPUTED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESULTS: list[object] = [{"label": "signed_up", "data": [1, 2, 3], "days": ["2026-02-27", "2026-02-28", "2026-03-01"]}]


class NoEngine:
    """No engine: nothing in these tests reads events."""


class NoIntake:
    """No intake: nothing in these tests writes events."""


@dataclass(frozen=True)
class CannedAnswer:
    """The answer of a query, with the attributes endpoints read."""

    results: object = None
    columns: list[str] | None = None
    types: list[object] | None = None
    hogql: str | None = None
    has_more: bool | None = None
    limit: int | None = None
    offset: int | None = None
    is_cached: bool = False
    cache_key: str | None = None
    last_refresh: datetime | None = None
    cache_target_age: datetime | None = None
    next_allowed_client_refresh: datetime | None = None
    timezone: str | None = None
    query_status: Mapping[str, object] | None = None
    resolved_date_range: Mapping[str, object] | None = None
    warnings: list[object] | None = None
    error: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


class CannedQueries:
    """Answers every query with the same results and remembers what it computed, as the real cache does."""

    def __init__(self) -> None:
        self.results: object = RESULTS
        self.cache: dict[str, CannedAnswer] = {}
        self.asked: list[Mapping[str, object]] = []
        self.cancelled: list[str] = []
        self.problem: Problem | None = None

    def answer(self, team: Team, query: Mapping[str, object], *, refresh: str, **_: object) -> CannedAnswer:
        key = json.dumps(query, sort_keys=True)
        if key in self.cache and refresh != "force_blocking":
            return replace(self.cache[key], is_cached=True)
        if refresh == "force_cache":
            return CannedAnswer(cache_key=f"cache_{len(key)}")
        if self.problem:
            raise self.problem
        self.asked.append(query)
        self.cache[key] = CannedAnswer(
            results=self.results,
            cache_key=f"cache_{len(key)}",
            last_refresh=COMPUTED_AT,
            cache_target_age=COMPUTED_AT + timedelta(hours=6),
            next_allowed_client_refresh=COMPUTED_AT + timedelta(minutes=1),
            timezone=team.timezone,
            resolved_date_range={"date_from": COMPUTED_AT - timedelta(days=7), "date_to": COMPUTED_AT},
        )
        return self.cache[key]

    def cancel(self, team: Team, query_id: str, dequeue_only: bool = False) -> str:
        self.cancelled.append(query_id)
        return "Cancelled query on clickhouse"
