"""From settings to a client: PostHog over the network, or the local backend, started when it is first needed."""

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.errors import BackendFailed, ExtraMissing

if TYPE_CHECKING:
    from insights_mcp.client import PostHogClient
    from insights_mcp.client.endpoint import Endpoint
    from insights_mcp.settings import Settings

# What the local extra installs and the backend cannot do without.
_LOCAL_MODULES = ("chdb", "clickhouse_connect", "pyarrow", "dateutil")
# The first start opens the engine and writes the demo project.
START_SECONDS = 180.0
# The transport fills in address and key of whichever backend process answers. No word of any text, since the client
# hides its key wherever it shows.
_NO_KEY = "phx_of_the_local_backend"


def make_client(settings: "Settings") -> "PostHogClient":
    """Return a client for the backend that the settings name. It touches nothing before its first call."""
    from insights_mcp.client import PostHogClient

    if settings.api_key is not None:
        return PostHogClient(settings.host, settings.api_key, project_id=settings.project_id)
    return make_local_client(settings.data_dir, project_id=settings.project_id, seed_demo=True)


def make_local_client(data_dir: Path, *, project_id: int | None = None, seed_demo: bool = False) -> "PostHogClient":
    """Return a client for the local backend of a data directory; its first call starts the backend."""
    from insights_mcp.client import PostHogClient
    from insights_mcp.client.transport import local_transport

    async def locate() -> "Endpoint":
        return await locate_backend(data_dir, seed_demo=seed_demo)

    return PostHogClient(
        "http://localhost", _NO_KEY, project_id=project_id, transport=local_transport(locate), has_pages=False
    )


async def locate_backend(data_dir: Path, *, seed_demo: bool = False) -> "Endpoint":
    """Return where the local backend listens, starting it when it does not run.

    Raises ExtraMissing without the local extra, BackendFailed where it cannot run or did not start.
    """
    require_local()
    from insights_mcp.client.endpoint import Endpoint
    from insights_mcp.local import launcher

    # -P: the directory the client happens to stand in must not be able to lend the backend its modules.
    command = [sys.executable, "-P", "-m", "insights_mcp", "backend", "--data-dir", str(data_dir)]
    if seed_demo:
        command.append("--seed-demo")
    found = await launcher.locate(data_dir, command, deadline_seconds=START_SECONDS)
    return Endpoint(socket_path=found.socket_path, api_key=found.api_key)


async def stop_backend(data_dir: Path) -> None:
    """End the local backend of a data directory, if one runs."""
    from insights_mcp.local import launcher

    await launcher.stop(data_dir)


def require_local() -> None:
    """Raise ExtraMissing or BackendFailed when the local backend cannot run here; import nothing heavy."""
    if sys.platform == "win32":
        raise BackendFailed(
            "The local backend runs on Linux, macOS, and Windows through WSL.",
            advice="Set POSTHOG_API_KEY to use PostHog, or run insights-mcp inside WSL.",
        )
    if any(importlib.util.find_spec(name) is None for name in _LOCAL_MODULES):
        error = ExtraMissing("local", "The local backend")
        error.advice = f"{error.advice}, or set POSTHOG_API_KEY to use PostHog."
        raise error
