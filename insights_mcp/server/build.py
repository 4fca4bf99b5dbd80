"""`build_server`: the one place where tools, prompts, client and settings become a server."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp import __version__
from insights_mcp.server.confirming import PATIENCE_SECONDS
from insights_mcp.server.face import InsightsServer, OpenClient
from insights_mcp.server.journal import Journal
from insights_mcp.server.tools import TOOLS
from insights_mcp.server.workflows import WORKFLOWS

if TYPE_CHECKING:
    from insights_mcp.naming import Namer


def build_server(
    open_client: OpenClient,
    *,
    model: "Namer | None" = None,
    read_only: bool = False,
    tools: Sequence[str] = (),
    journal_dir: Path | None = None,
    version: str = __version__,
    patience: float = PATIENCE_SECONDS,
) -> InsightsServer:
    """Return a server over the client that `open_client` opens once per session.

    `tools` are the names to list and answer; none means all. `read_only` hides every tool that always writes and
    refuses the writes of the others. `journal_dir` is where writes are kept for `undo`; without it they are kept in
    memory. `patience` is how many seconds a person may think about a question. Nothing here touches the network, nor
    does listing tools.
    """
    chosen = [tool for tool in TOOLS if (not tools or tool.name in tools) and not (read_only and tool.is_always_write)]
    return InsightsServer(
        open_client,
        tools=chosen,
        workflows=WORKFLOWS,
        model=model,
        read_only=read_only,
        journal=Journal(journal_dir),
        version=version,
        patience=patience,
    )
