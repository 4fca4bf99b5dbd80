"""Waiting for the result of a saved insight (facts/rest-api.md 4.3 and 4.4)."""

from collections.abc import Awaitable, Callable, Mapping

from insights_mcp.client.caller import Caller, read_as
from insights_mcp.client.models.insights import Insight
from insights_mcp.client.models.queries import QueryAnswer
from insights_mcp.client.running import OnProgress, QueryRunner, raise_if_failed
from insights_mcp.client.waiting import Deadline, backoff
from insights_mcp.errors import Throttled

ReadInsight = Callable[[str, Deadline], Awaitable[Insight]]
"""Reads the insight in a refresh mode."""

MOST_WAITS_FOR_A_PLACE = 3
_BLOCKING = frozenset({"blocking", "force_blocking"})


class InsightResults:
    """Reads insights with a result, in one of the client's query slots."""

    def __init__(self, caller: Caller, runner: QueryRunner) -> None:
        self._caller = caller
        self._runner = runner

    async def wait(self, read: ReadInsight, mode: str, query_id: str, on_progress: OnProgress | None) -> Insight:
        """Read an insight in the given refresh mode and wait for its result.

        Raises QueryFailed, Throttled, DeadlineExceeded.
        """

        async def work(deadline: Deadline) -> Insight:
            insight = await self._read_in_turn(read, mode, deadline)
            status = insight.query_status
            if insight.result is None and status is not None and not status.complete:
                done = await self._runner.follow(status, query_id, deadline, on_progress)
                if isinstance(done.results, Mapping) and done.results.keys() & {"results", "result"}:
                    return with_results(insight, read_as(QueryAnswer, done.results))
                # The result is in the cache now.
                return await self._read_in_turn(read, "force_cache", deadline)
            if insight.result is None and status is None and mode in _BLOCKING:
                # Servers before the refresh modes know only true (facts/rest-api.md 4.2, 4.3).
                return await self._read_in_turn(read, "true", deadline)
            return insight

        return await self._runner.run(query_id, work, on_progress)

    async def _read_in_turn(self, read: ReadInsight, mode: str, deadline: Deadline) -> Insight:
        """Read; when too many queries run at once, which comes as a 200 here, wait and read again."""
        for attempt in range(MOST_WAITS_FOR_A_PLACE + 1):
            insight = await read(mode, deadline)
            try:
                raise_if_failed(insight.query_status)
            except Throttled:
                pause = backoff(attempt + 1)
                if attempt == MOST_WAITS_FOR_A_PLACE or pause >= deadline.remaining():
                    raise
                await self._caller.sleep(pause)
            else:
                break
        return insight


def with_results(insight: Insight, answer: QueryAnswer) -> Insight:
    """Return the insight with the results of its finished query."""
    return insight.model_copy(
        update={
            "result": answer.results,
            "columns": answer.columns,
            "types": answer.types,
            "hogql": answer.hogql,
            "has_more": answer.has_more,
            "is_cached": answer.is_cached,
            "last_refresh": answer.last_refresh,
            "cache_target_age": answer.cache_target_age,
            "next_allowed_client_refresh": answer.next_allowed_client_refresh,
            "timezone": answer.timezone or insight.timezone,
            "resolved_date_range": answer.resolved_date_range,
            "query_status": None,
        }
    )
