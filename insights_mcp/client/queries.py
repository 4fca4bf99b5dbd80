"""Queries: run, follow, cancel (facts/rest-api.md 8)."""

from collections.abc import Mapping
from uuid import uuid4

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call, Repeat, Topic
from insights_mcp.client.models.queries import QueryAnswer, QueryStatus
from insights_mcp.client.refusals import query_failed
from insights_mcp.client.running import OnProgress, QueryRunner, raise_if_failed
from insights_mcp.client.waiting import Deadline

# Asks for formatted_results (facts/rest-api.md 2.8).
CLIENT_HEADER = {"X-PostHog-Client": "mcp"}


class Queries:
    """The query endpoint: at most three at once per client, each cancelled upstream when its caller gives up."""

    def __init__(self, caller: Caller, address: ProjectAddress, runner: QueryRunner) -> None:
        self._caller = caller
        self._address = address
        self._runner = runner

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

        Raises QueryFailed, Throttled, ValidationFailed, DeadlineExceeded.
        """
        query_id = client_query_id or str(uuid4())
        body: dict[str, object] = {"query": dict(query), "refresh": refresh, "client_query_id": query_id}
        if variables_override:
            body["variables_override"] = dict(variables_override)
        if filters_override:
            body["filters_override"] = dict(filters_override)

        async def work(deadline: Deadline) -> QueryAnswer:
            answer = await self._post(body, deadline)
            if answer.query_status is not None and not answer.query_status.complete:
                answer = await self._finish(answer.query_status, body, deadline, on_progress)
            return answer

        answer = await self._runner.run(query_id, work, on_progress)
        return answer.model_copy(update={"client_query_id": query_id})

    async def status(self, query_id: str) -> QueryStatus:
        """Return how a background query does."""
        return await self._runner.status(query_id)

    async def cancel(self, query_id: str) -> None:
        """Cancel a query by its id or client_query_id; an unknown one is no error."""
        await self._runner.cancel(query_id)

    async def _post(self, body: Mapping[str, object], deadline: Deadline) -> QueryAnswer:
        path = await self._address.path("query")
        # Never sent twice: a lost query may still run, and one that kills its server would kill it again.
        call = Call("POST", path, body=body, headers=CLIENT_HEADER, repeat=Repeat.NEVER, topic=Topic.QUERY)
        return _read_answer(object_of(await self._caller.read(call, deadline)))

    async def _finish(
        self, status: QueryStatus, body: Mapping[str, object], deadline: Deadline, on_progress: OnProgress | None
    ) -> QueryAnswer:
        done = await self._runner.follow(status, str(body["client_query_id"]), deadline, on_progress)
        if isinstance(done.results, Mapping) and done.results.keys() & {"results", "result"}:
            return _read_answer({**done.results, "query_status": None})
        if done.results is not None:
            return QueryAnswer(results=done.results)
        # Complete, but the status came without results: they are in the cache now.
        return await self._post({**body, "refresh": "blocking"}, deadline)


def _read_answer(data: Mapping[str, object]) -> QueryAnswer:
    # Servers before /query answered `result` (facts/rest-api.md 11).
    answer = read_as(QueryAnswer, {"results": data.get("result"), **data})
    raise_if_failed(answer.query_status)
    if answer.error:
        raise query_failed(answer.error, status=200)
    return answer
