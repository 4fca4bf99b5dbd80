"""Dashboards (facts/rest-api.md 12)."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.creating import Likeness, create_once
from insights_mcp.client.deleting import delete_once
from insights_mcp.client.exchange import Answer, Call, Repeat
from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.paging import Page, read_page
from insights_mcp.client.running import OnProgress, QueryRunner
from insights_mcp.client.waiting import Deadline
from insights_mcp.errors import InputError

if TYPE_CHECKING:
    from insights_mcp.schema.insights import DashboardPatch, DashboardWrite

WALK_SIZE = 500


class Dashboards:
    """The dashboards of the project. Insights are put on one through the insight (`InsightPatch.dashboards`)."""

    def __init__(self, caller: Caller, address: ProjectAddress, runner: QueryRunner) -> None:
        self._caller = caller
        self._address = address
        self._runner = runner
        self._own: set[int] = set()

    async def list(
        self,
        *,
        tags: Sequence[str] = (),
        creation_mode: str | None = None,
        exclude_generated: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Dashboard]:
        """Return dashboards without tiles, pinned first, then by name."""
        params = [("tags", tag) for tag in tags]
        if creation_mode is not None:
            params.append(("creation_mode", creation_mode))
        if exclude_generated:
            params.append(("exclude_generated", "true"))
        path = await self._address.path("dashboards")
        return await read_page(self._caller, path, params, _read, limit=limit, offset=offset)

    async def get(
        self,
        dashboard_id: int,
        *,
        refresh: str | None = None,
        filters_override: Mapping[str, object] | None = None,
        variables_override: Mapping[str, object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Dashboard:
        """Return one dashboard with its tiles. Its insights' results are those in the cache unless `refresh` is set."""
        params = [] if refresh is None else [("refresh", refresh)]
        for name, override in (("filters_override", filters_override), ("variables_override", variables_override)):
            if override:
                params.append((name, json.dumps(override, ensure_ascii=False, separators=(",", ":"))))
        call = Call(
            "GET", await self._address.path("dashboards", dashboard_id), params, subject=f"dashboard {dashboard_id}"
        )
        if refresh is None:
            return _read_answer(await self._caller.read(call))

        async def work(deadline: Deadline) -> Dashboard:
            return _read_answer(await self._caller.read(call, deadline))

        # All tiles are computed within one answer.
        return await self._runner.run(str(uuid4()), work, on_progress)

    async def create(self, dashboard: "DashboardWrite") -> Dashboard:
        """Create a dashboard once, with the same care as insights.

        Raises OutcomeUnknown when neither creation nor its absence could be made sure.
        """
        path = await self._address.path("dashboards")

        def likeness(found: Dashboard) -> Likeness:
            if found.name != dashboard.name:
                return Likeness.OTHER
            same = dashboard.description is None or found.description == dashboard.description
            return Likeness.SAME if same else Likeness.DOUBTFUL

        return await create_once(
            self._caller,
            Call("POST", path, body=dashboard.body(), repeat=Repeat.NEVER, subject="dashboard"),
            read=_read,
            newest=self._all,
            likeness=likeness,
            own=self._own,
        )

    async def update(self, dashboard_id: int, patch: "DashboardPatch") -> Dashboard:
        """Change the given fields; `deleted=True` is the soft delete.

        Raises NotFound; InputError when nothing is given.
        """
        body = patch.body()
        if not body:
            raise InputError("There is nothing to change.", advice="Give at least one field.")
        path, subject = await self._address.path("dashboards", dashboard_id), f"dashboard {dashboard_id}"
        if body.get("deleted") is True:
            call = Call("PATCH", path, body=body, repeat=Repeat.NEVER, subject=subject)
            gone = Dashboard(id=dashboard_id, deleted=True)
            return await delete_once(self._caller, call, read=_read_answer, gone=gone)
        return _read_answer(await self._caller.write(Call("PATCH", path, body=body, subject=subject)))

    async def _all(self, deadline: Deadline) -> Sequence[Dashboard]:
        """Return every dashboard: the list knows no order by creation."""
        path = await self._address.path("dashboards")
        found: list[Dashboard] = []
        offset: int | None = 0
        while offset is not None:
            page = await read_page(self._caller, path, (), _read, limit=WALK_SIZE, offset=offset, deadline=deadline)
            found += page.results
            offset = page.next_offset
        return found


def _read(item: object) -> Dashboard:
    return read_as(Dashboard, item)


def _read_answer(answer: Answer) -> Dashboard:
    return read_as(Dashboard, object_of(answer))
