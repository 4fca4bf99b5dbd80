"""`PostHogClient`: one API, one key, one project, one connection pool."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from insights_mcp.client.accounts import Organizations, Projects, Users
from insights_mcp.client.alerts import Alerts
from insights_mcp.client.dashboards import Dashboards
from insights_mcp.client.deadlines import Deadlines
from insights_mcp.client.definitions import Definitions
from insights_mcp.client.elements import Elements
from insights_mcp.client.insights import Insights
from insights_mcp.client.models.projects import Project
from insights_mcp.client.queries import Queries
from insights_mcp.client.sharing import InsightSharing

if TYPE_CHECKING:
    from insights_mcp.client.transport import AsyncTransport


def _read_clock() -> datetime:
    return datetime.now(UTC)


class PostHogClient:
    """PostHog's REST API for one key. Nothing touches the network before the first call.

    `project_id` None means the key's current project, found at the first call. `has_pages` is False for the local
    backend, which has no web pages to link to. `sleep`, `monotonic` and `now` are there for tests.
    """

    insights: Insights
    sharing: InsightSharing
    alerts: Alerts
    queries: Queries
    dashboards: Dashboards
    definitions: Definitions
    users: Users
    projects: Projects
    organizations: Organizations
    elements: Elements

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
        self._has_pages = has_pages
        self._parts = (api_key, project_id, transport, deadlines, sleep, monotonic, now)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        raise NotImplementedError

    async def project(self) -> Project:
        """Return the project all calls are about: the one given, else the key's current one. Asked for once."""
        raise NotImplementedError

    def insight_url(self, short_id: str) -> str | None:
        """Return the web address of an insight; None when the backend has no pages."""
        raise NotImplementedError

    def dashboard_url(self, dashboard_id: int) -> str | None:
        """Return the web address of a dashboard; None when the backend has no pages."""
        raise NotImplementedError
