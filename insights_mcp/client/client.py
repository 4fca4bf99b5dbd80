"""`PostHogClient`: one API, one key, one project, one connection pool."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import anyio

from insights_mcp.client.accounts import Organizations, Projects, Users
from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.alerts import Alerts
from insights_mcp.client.caller import Caller
from insights_mcp.client.dashboards import Dashboards
from insights_mcp.client.deadlines import Deadlines
from insights_mcp.client.definitions import Definitions
from insights_mcp.client.elements import Elements
from insights_mcp.client.insights import Insights
from insights_mcp.client.listing import InsightLists
from insights_mcp.client.models.projects import Project
from insights_mcp.client.numbering import Numbering
from insights_mcp.client.queries import Queries
from insights_mcp.client.running import QueryRunner
from insights_mcp.client.sharing import InsightSharing

if TYPE_CHECKING:
    from insights_mcp.client.transport import AsyncTransport


def _read_clock() -> datetime:
    return datetime.now(UTC)


class PostHogClient:
    """PostHog's REST API for one key. Nothing touches the network before the first call.

    `project_id` None means the key's current project, found at the first call. `has_pages` is False for the local
    backend: there are no web pages to link to, and errors name it. `sleep`, `monotonic` and `now` are there for tests.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        project_id: int | None = None,
        transport: "AsyncTransport | None" = None,
        deadlines: Deadlines | None = None,
        has_pages: bool = True,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _read_clock,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.has_pages = has_pages
        self._caller = Caller(
            self.base_url,
            api_key,
            transport=transport,
            deadlines=deadlines or Deadlines(),
            is_local=not has_pages,
            sleep=sleep,
            monotonic=monotonic,
            now=now,
        )
        caller, address = self._caller, ProjectAddress(self._caller, project_id)
        numbering, runner = Numbering(caller, address), QueryRunner(caller, address)
        self._address = address
        self.users = Users(caller)
        self.projects = Projects(caller)
        self.organizations = Organizations(caller)
        self.queries = Queries(caller, address, runner)
        self.insights = Insights(
            caller, address, InsightLists(caller, address, numbering, self.users), numbering, runner
        )
        self.sharing = InsightSharing(caller, address, numbering)
        self.alerts = Alerts(caller, address, numbering)
        self.dashboards = Dashboards(caller, address, runner)
        self.definitions = Definitions(caller, address, self.queries)
        self.elements = Elements(caller, address)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._caller.aclose()

    async def project(self) -> Project:
        """Return the project all calls are about: the one given, else the key's current one. Asked for once."""
        return await self._address.project()

    @property
    def project_id(self) -> int | None:
        """The project's number, if it was given or found already."""
        return self._address.known_id

    def our_now(self) -> datetime:
        """Return the time by our own clock; the server's is `clock_skew` ahead."""
        return self._caller.our_now()

    @property
    def clock_skew(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, by its last answer; None before one told the time."""
        return self._caller.skew

    def insight_url(self, short_id: str) -> str | None:
        """Return the web address of an insight; None when the backend has no pages."""
        return self._page("insights", short_id)

    def dashboard_url(self, dashboard_id: int) -> str | None:
        """Return the web address of a dashboard; None when the backend has no pages."""
        return self._page("dashboard", str(dashboard_id))

    def _page(self, kind: str, key: str) -> str | None:
        if not self.has_pages:
            return None
        project = self._address.known_id
        # Without a project in it PostHog's pages take the person's current one.
        within = f"/project/{project}" if project is not None else ""
        return f"{self.base_url}{within}/{kind}/{quote(key, safe='')}"
