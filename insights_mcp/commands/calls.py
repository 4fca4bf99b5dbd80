"""A call of the tools' own code by a command: no client asks, nobody watches the progress."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from insights_mcp.server.journal import Journal
from insights_mcp.server.tool import Call, Services

if TYPE_CHECKING:
    from insights_mcp.client import PostHogClient
    from insights_mcp.settings import Settings

    MakeClient = Callable[[Settings], PostHogClient]


@asynccontextmanager
async def open_call(settings: "Settings", make_client: "MakeClient") -> AsyncIterator[Call]:
    """Open the project that the settings name, with the journal that `undo` of the server reads too."""

    async def report(done: float, total: float | None, what: str | None) -> None:
        """Nobody asked for progress."""

    async with make_client(settings) as api:
        yield Call(Services(api, None, journal=Journal(settings.data_dir / "journal")), report)
