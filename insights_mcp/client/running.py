"""What every running query needs: a free slot, a deadline, news of its progress, and an end upstream when given up."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TypeVar

import anyio

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call, Topic
from insights_mcp.client.models.queries import QueryProgress, QueryStatus
from insights_mcp.client.refusals import query_failed
from insights_mcp.client.waiting import Deadline
from insights_mcp.errors import DeadlineExceeded, InsightsError

T = TypeVar("T")

OnProgress = Callable[[QueryProgress], Awaitable[None]]
"""Told every second or two how far a query is; `seconds` is always set, the rest when the server says it.

It must not raise.
"""

# PostHog runs three API queries of a project at once and lets the others wait (facts/rest-api.md 2.6).
SLOTS = 3
FIRST_POLL = 0.2
LONGEST_POLL = 2.0


class QueryRunner:
    """Runs queries under the client's own limit and ends them upstream when their caller gives up."""

    def __init__(self, caller: Caller, address: ProjectAddress) -> None:
        self._caller = caller
        self._address = address
        self._slots = anyio.CapacityLimiter(SLOTS)

    async def run(self, query_id: str, work: Callable[[Deadline], Awaitable[T]], on_progress: OnProgress | None) -> T:
        """Do a query's work in a slot, within the query deadline, telling its progress.

        Raises what the work raises; DeadlineExceeded also when no slot came free.
        """
        deadline = self._caller.deadline(self._caller.deadlines.query)
        async with self._slot(deadline), self._ended_upstream(query_id):
            if on_progress is None:
                return await work(deadline)
            return await self._tell_while(work, deadline, on_progress)

    async def follow(
        self, status: QueryStatus, query_id: str, deadline: Deadline, on_progress: OnProgress | None
    ) -> QueryStatus:
        """Wait until a background query is complete. `query_id` is the one its caller ends when giving up.

        Raises QueryFailed, Throttled, DeadlineExceeded.
        """
        if not status.id:
            status = status.model_copy(update={"id": query_id})
        # An insight's query runs under an id of the server's own.
        async with nullcontext() if status.id == query_id else self._ended_upstream(status.id):
            pause = FIRST_POLL
            while not status.complete:
                if pause >= deadline.remaining():
                    raise DeadlineExceeded(
                        f"The query did not end within {deadline.seconds:.0f} seconds and was cancelled.",
                        advice="Shorten its period or add filters.",
                    )
                await self._caller.sleep(pause)
                pause = min(pause * 1.5, LONGEST_POLL)
                status = await self.status(status.id, deadline)
                if on_progress is not None and not status.complete:
                    known = status.query_progress or QueryProgress()
                    await on_progress(known.model_copy(update={"seconds": deadline.elapsed()}))
        raise_if_failed(status)
        return status

    async def status(self, query_id: str, deadline: Deadline | None = None) -> QueryStatus:
        """Return how a background query does."""
        path = await self._address.path("query", query_id)
        call = Call("GET", path, (("show_progress", "true"),), topic=Topic.QUERY, subject=f"query {query_id}")
        body = object_of(await self._caller.read(call, deadline))
        return read_as(QueryStatus, body.get("query_status", body))

    async def cancel(self, query_id: str) -> None:
        """Cancel a query; an unknown one is no error upstream (facts/rest-api.md 8.3)."""
        path = await self._address.path("query", query_id)
        call = Call("DELETE", path, topic=Topic.QUERY, subject=f"query {query_id}", may_be_empty=True)
        await self._caller.write(call, self._caller.deadline(self._caller.deadlines.cancel))

    @asynccontextmanager
    async def _slot(self, deadline: Deadline) -> AsyncIterator[None]:
        borrower = object()
        with anyio.move_on_after(deadline.remaining()) as scope:
            await self._slots.acquire_on_behalf_of(borrower)
        if scope.cancelled_caught:
            raise DeadlineExceeded(
                f"{SLOTS} other queries ran for all of {deadline.seconds:.0f} seconds, so this one was never sent.",
                advice="Run fewer queries at a time.",
            )
        try:
            yield
        finally:
            self._slots.release_on_behalf_of(borrower)

    @asynccontextmanager
    async def _ended_upstream(self, query_id: str) -> AsyncIterator[None]:
        try:
            yield
        except (anyio.get_cancelled_exc_class(), DeadlineExceeded):
            with anyio.move_on_after(self._caller.deadlines.cancel, shield=True), suppress(InsightsError):
                await self.cancel(query_id)
            raise

    async def _tell_while(
        self, work: Callable[[Deadline], Awaitable[T]], deadline: Deadline, on_progress: OnProgress
    ) -> T:
        """Do the work while a second task tells that time passes: a blocking request says nothing itself."""
        outcome: list[T] = []
        failure: InsightsError | None = None

        async def tell() -> None:
            while True:
                await anyio.sleep(self._caller.deadlines.progress)
                await on_progress(QueryProgress(seconds=deadline.elapsed()))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tell)
            try:
                outcome.append(await work(deadline))
            except InsightsError as error:
                # Raised after the group: inside, it would arrive as an ExceptionGroup.
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return outcome[0]


def raise_if_failed(status: QueryStatus | None) -> None:
    """Raise when a query status tells of a failure: a 200 may carry one (facts/rest-api.md 2.6, 4.4).

    Raises QueryFailed, Throttled.
    """
    if status is not None and status.error:
        raise query_failed(status.error_message, status=200)
