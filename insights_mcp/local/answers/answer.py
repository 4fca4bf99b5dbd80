"""What a query is answered with (facts/rest-api.md 4.3, 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

JsonMap = Mapping[str, object]


@dataclass(frozen=True)
class Calculated:
    """The part of an answer that is computed and cached. Everything in it is ready for JSON."""

    results: object = None
    columns: Sequence[str] | None = None
    types: Sequence[Sequence[str]] | None = None
    hogql: str | None = None
    has_more: bool | None = None
    limit: int | None = None
    offset: int | None = None
    resolved_date_range: JsonMap | None = None
    resolved_compare_date_range: JsonMap | None = None
    warnings: Sequence[object] | None = None
    extra: JsonMap = field(default_factory=dict)


@dataclass(frozen=True)
class QueryAnswer:
    """The answer of a query, or of its job when it runs in the background and nothing is cached."""

    results: object = None
    columns: Sequence[str] | None = None
    types: Sequence[Sequence[str]] | None = None
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
    query_status: JsonMap | None = None
    resolved_date_range: JsonMap | None = None
    resolved_compare_date_range: JsonMap | None = None
    warnings: Sequence[object] | None = None
    error: str | None = None
    extra: JsonMap = field(default_factory=dict)
