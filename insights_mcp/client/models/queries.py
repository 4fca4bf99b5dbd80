"""Answers of the query endpoint, and the state of a running query."""

from collections.abc import Mapping

from pydantic import Field

from insights_mcp.client.models.reading import Moment, ReadModel


class QueryProgress(ReadModel):
    """How far a running query is. `seconds` is the time since the request began, measured here."""

    bytes_read: int | None = None
    rows_read: int | None = None
    estimated_rows_total: int | None = None
    time_elapsed: float | None = None
    seconds: float = 0.0


class QueryStatus(ReadModel):
    """A background query: running until `complete`; failed when `error`."""

    id: str = ""
    complete: bool = False
    error: bool = False
    error_message: str | None = None
    results: object = None
    query_progress: QueryProgress | None = None
    start_time: Moment = None
    end_time: Moment = None
    expiration_time: Moment = None
    insight_id: int | None = None
    dashboard_id: int | None = None


class ResolvedDateRange(ReadModel):
    """The dates a query really covered."""

    date_from: Moment = None
    date_to: Moment = None


class QueryAnswer(ReadModel):
    """The answer of a query. `results` has the shape of the query's kind."""

    results: object = None
    columns: tuple[object, ...] = ()
    types: tuple[object, ...] = ()
    hogql: str | None = None
    has_more: bool = Field(default=False, alias="hasMore")
    limit: int | None = None
    offset: int | None = None
    is_cached: bool = False
    cache_key: str | None = None
    cache_target_age: Moment = None
    last_refresh: Moment = None
    next_allowed_client_refresh: Moment = None
    timezone: str | None = None
    query_status: QueryStatus | None = None
    resolved_date_range: ResolvedDateRange | None = None
    warnings: tuple[object, ...] = ()
    error: str | None = None
    formatted_results: str | None = None
    client_query_id: str | None = None

    @property
    def extra(self) -> Mapping[str, object]:
        """Return the keys that only some query kinds answer with."""
        return self.model_extra or {}
