"""The MCP server over stdio. The client's first message is answered before anything heavy is imported."""

from typing import TYPE_CHECKING

from insights_mcp.errors import SettingsError
from insights_mcp.prompts import list_prompts

if TYPE_CHECKING:
    from insights_mcp.server.face import InsightsServer
    from insights_mcp.settings import Settings


def serve_stdio(settings: "Settings") -> int:
    """Serve one session on stdin and stdout and return the exit code.

    Raises SettingsError when INSIGHTS_MCP_TOOLS names a tool that does not exist.
    """
    _check_tools(settings.tools)
    from insights_mcp.server.handshake import open_session

    opening = open_session()
    if opening is None:
        return 0
    from insights_mcp.server.stdio import leave, serve

    return leave(serve(opening, lambda: _make_server(settings)))


def _check_tools(names: tuple[str, ...]) -> None:
    known = list_prompts("tools")  # one description each, readable without importing the tools
    for name in names:
        if name not in known:
            raise SettingsError(
                "INSIGHTS_MCP_TOOLS", f"there is no tool {name!r}.", advice=f"Known: {', '.join(known)}."
            )


def _make_server(settings: "Settings") -> "InsightsServer":
    from insights_mcp.commands.connect import make_client
    from insights_mcp.commands.models import make_model
    from insights_mcp.server.build import build_server

    return build_server(
        lambda: make_client(settings),
        model=make_model(settings),
        read_only=settings.read_only,
        tools=settings.tools,
        journal_dir=settings.data_dir / "journal",
    )
