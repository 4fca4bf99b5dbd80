"""Queries: run, follow, cancel (facts/rest-api.md 8)."""

from collections.abc import Awaitable, Callable, Mapping

from insights_mcp.client.models.queries import QueryAnswer, QueryProgress, QueryStatus

OnProgress = Callable[[QueryProgress], Awaitable[None]]
"""Told every second or two how far a query is; `seconds` is always set, the rest when the server says it."""


class Queries:
    """The query endpoint: at most three at once per client, each cancelled upstream when its caller gives up."""

    async def run(
        self,
        query: Mapping[str, object],
        *,
        refresh: str = "blocking",
        client_query_id: str | None = None,
        variables_override: Mapping[str, object] | None = None,
        filters_override: Mapping[str, object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> QueryAnswer:
        """Run a query and wait for its results.

        Raises QueryFailed, Throttled, DeadlineExceeded.
        """
        raise NotImplementedError

    async def status(self, query_id: str) -> QueryStatus:
        """Return how a background query does."""
        raise NotImplementedError

    async def cancel(self, query_id: str) -> None:
        """Cancel a query by its id or client_query_id; an unknown one is no error."""
        raise NotImplementedError
