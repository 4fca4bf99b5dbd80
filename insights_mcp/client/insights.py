"""Insights: list, read, write, activity, views (facts/rest-api.md 3 to 7 and 9)."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.creating import Likeness, create_once, holds
from insights_mcp.client.deleting import delete_once
from insights_mcp.client.exchange import Answer, Call, Params, Repeat, Topic
from insights_mcp.client.listing import InsightLists
from insights_mcp.client.models.activity import ActivityPage
from insights_mcp.client.models.insights import GeneratedMetadata, Insight, Suggestion, TrendingInsight
from insights_mcp.client.numbering import Numbering
from insights_mcp.client.paging import Page
from insights_mcp.client.queries import CLIENT_HEADER
from insights_mcp.client.results import InsightResults
from insights_mcp.client.running import OnProgress, QueryRunner
from insights_mcp.client.views import Views, rows_of
from insights_mcp.client.waiting import Deadline
from insights_mcp.errors import InputError, PermissionDenied

if TYPE_CHECKING:
    from insights_mcp.schema.insights import InsightFilters, InsightPatch, InsightWrite


class Insights:
    """The insights of the project. Every `insight_id` is a number or a short_id, on old servers too."""

    def __init__(
        self, caller: Caller, address: ProjectAddress, lists: InsightLists, numbering: Numbering, runner: QueryRunner
    ) -> None:
        self._caller = caller
        self._address = address
        self._lists = lists
        self._numbering = numbering
        self._runner = runner
        self._results = InsightResults(caller, runner)
        self._views = Views(caller, address, numbering)
        self._own: set[int] = set()

    async def list(
        self,
        filters: "InsightFilters | None" = None,
        *,
        limit: int = 100,
        offset: int = 0,
        order: str | None = None,
    ) -> Page[Insight]:
        """Return a page of insights in basic form. `favorited=False` means those that are no favorites."""
        return await self._lists.page(filters, limit=limit, offset=offset, order=order)

    def iterate(self, filters: "InsightFilters | None" = None, *, order: str | None = None) -> AsyncIterator[Insight]:
        """Return every insight that fits, page by page, none twice."""
        return self._lists.iterate(filters, order)

    async def get(
        self,
        insight_id: int | str,
        *,
        refresh: str | None = None,
        basic: bool = False,
        from_dashboard: int | None = None,
        filters_override: Mapping[str, object] | None = None,
        variables_override: Mapping[str, object] | None = None,
        client_query_id: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Insight:
        """Return one insight. With `refresh` (blocking, force_blocking, async, ...) its result is waited for.

        Raises NotFound; QueryFailed when a result was asked for and computing it failed.
        """
        params = [("basic", "true")] if basic else []
        if from_dashboard is not None:
            params.append(("from_dashboard", str(from_dashboard)))
        for name, override in (("filters_override", filters_override), ("variables_override", variables_override)):
            if override:
                params.append((name, json.dumps(override, ensure_ascii=False, separators=(",", ":"))))
        if refresh is None:
            return await self._read(insight_id, params)
        query_id = client_query_id or str(uuid4())
        params.append(("client_query_id", query_id))

        async def read(mode: str, deadline: Deadline) -> Insight:
            return await self._read(insight_id, [*params, ("refresh", mode)], deadline, Topic.QUERY)

        return await self._results.wait(read, refresh, query_id, on_progress)

    async def number(self, insight_id: int | str) -> int:
        """Return the number of an insight given by number or short_id."""
        return await self._numbering.number(insight_id)

    async def create(self, insight: "InsightWrite") -> Insight:
        """Create an insight once: when the answer is lost it is looked for before it is sent again.

        Raises OutcomeUnknown when neither creation nor its absence could be made sure.
        """
        path = await self._address.path("insights")
        body = insight.body()

        def likeness(found: Insight) -> Likeness:
            if (found.name or None) != (insight.name or None):
                return Likeness.OTHER
            return Likeness.SAME if holds(found.query, insight.query) else Likeness.DOUBTFUL

        return await create_once(
            self._caller,
            Call("POST", path, body=body, headers=CLIENT_HEADER, repeat=Repeat.NEVER, subject="insight"),
            read=lambda data: self._numbering.note(read_as(Insight, data)),
            newest=self._lists.newest_of_mine,
            likeness=likeness,
            own=self._own,
        )

    async def update(self, insight_id: int | str, patch: "InsightPatch") -> Insight:
        """Change the given fields of an insight; `deleted=True` is the soft delete, `deleted=False` restores.

        Raises NotFound; InputError when nothing is given (an empty change upstream still marks it saved).
        """
        body = patch.body()
        if not body:
            raise InputError("There is nothing to change.", advice="Give at least one field.")
        if body.get("deleted") is True:
            number = await self.number(insight_id)
            call = await self._patch(number, body, Repeat.NEVER)
            return await delete_once(self._caller, call, read=self._insight, gone=Insight(id=number, deleted=True))

        async def send(given: int | str) -> Insight:
            return self._insight(await self._caller.write(await self._patch(given, body, Repeat.ALWAYS)))

        return await self._numbering.try_both(insight_id, send)

    async def activity(self, insight_id: int | str | None = None, *, limit: int = 10, page: int = 1) -> ActivityPage:
        """Return the activity log of one insight, or of all of the project, newest first."""
        return await self._views.activity(insight_id, limit=limit, page=page)

    async def viewed(self, insight_ids: Sequence[int]) -> None:
        """Record that the key's owner looked at these insights now."""
        await self._views.viewed(insight_ids)

    async def trending(self, days: int = 7, limit: int = 10) -> Sequence[TrendingInsight]:
        """Return the insights most people looked at lately."""
        return await self._views.trending(days, limit)

    async def my_last_viewed(self) -> Sequence[Insight]:
        """Return the last five insights the person looked at. PostHog refuses this to API keys: PermissionDenied."""
        return await self._views.my_last_viewed()

    async def cancel(self, client_query_id: str) -> None:
        """Cancel a running query by the id the client gave it; the way open to API keys is taken when need be."""
        path = await self._address.path("insights", "cancel")
        call = Call("POST", path, body={"client_query_id": client_query_id}, may_be_empty=True)
        try:
            await self._caller.write(call, self._caller.deadline(self._caller.deadlines.cancel))
        except PermissionDenied:
            await self._runner.cancel(client_query_id)

    async def analyze(self, insight_id: int | str) -> str:
        """Return PostHog's own reading of an insight. PostHog refuses this to API keys: PermissionDenied."""
        path = await self._address.path("insights", await self.number(insight_id), "analyze")
        answer = await self._caller.read(Call("GET", path, subject=f"insight {insight_id}"), self._slow())
        return str(object_of(answer).get("result") or "")

    async def suggestions(self, insight_id: int | str, context: str | None = None) -> Sequence[Suggestion]:
        """Return follow-ups for an insight. PostHog refuses this to API keys: PermissionDenied."""
        path = await self._address.path("insights", await self.number(insight_id), "suggestions")
        call = Call("GET", path, subject=f"insight {insight_id}")
        if context is not None:
            call = Call("POST", path, body={"context": context}, repeat=Repeat.NEVER, subject=call.subject)
        answer = await self._caller.read(call, self._slow())
        return [read_as(Suggestion, item) for item in rows_of(answer.data)]

    async def generate_metadata(self, query: Mapping[str, object]) -> GeneratedMetadata:
        """Let PostHog's model name a query (not SQL); nothing is saved."""
        path = await self._address.path("insights", "generate_metadata")
        call = Call("POST", path, body={"query": dict(query)}, repeat=Repeat.NEVER)
        return read_as(GeneratedMetadata, object_of(await self._caller.read(call, self._slow())))

    def _slow(self) -> Deadline:
        # A model answers: it takes as long as a query.
        return self._caller.deadline(self._caller.deadlines.query)

    async def _read(
        self,
        insight_id: int | str,
        params: Params,
        deadline: Deadline | None = None,
        topic: Topic = Topic.OBJECT,
    ) -> Insight:
        async def read(given: int | str) -> Insight:
            path = await self._address.path("insights", given)
            call = Call("GET", path, params, topic=topic, subject=f"insight {given}")
            return self._insight(await self._caller.read(call, deadline))

        return await self._numbering.try_both(insight_id, read)

    def _insight(self, answer: Answer) -> Insight:
        return self._numbering.note(read_as(Insight, object_of(answer)))

    async def _patch(self, insight_id: int | str, body: Mapping[str, object], repeat: Repeat) -> Call:
        path = await self._address.path("insights", insight_id)
        subject = f"insight {insight_id}"
        return Call("PATCH", path, body=body, headers=CLIENT_HEADER, repeat=repeat, subject=subject)
