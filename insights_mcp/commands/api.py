"""`insights-mcp api`: the local backend's REST API on TCP, for curl, PostHog's SDKs and other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.commands.backend import make_served, with_data_dir
from insights_mcp.commands.connect import require_local

if TYPE_CHECKING:
    from insights_mcp.local.owner_directory import Endpoint
    from insights_mcp.settings import Settings


def serve_api(settings: "Settings", host: str, port: int, api_key: str | None, data_dir: Path | None) -> int:
    """Serve until interrupted. Return the exit code.

    Raises ExtraMissing, BackendFailed when the address or the data directory is taken, InputError for an address that
    other machines reach without a key of the caller's own.
    """
    require_local()
    from insights_mcp.local.process import TcpAddress, serve

    settings = with_data_dir(settings, data_dir)

    def announce(endpoint: "Endpoint") -> None:
        key = api_key or endpoint.api_key
        sys.stdout.write(
            f"Serving PostHog's insights API at {endpoint.url} from {settings.data_dir}\n"
            f"Try: curl -H 'Authorization: Bearer {key}' {endpoint.url}/api/projects/1/insights/\n"
            f"Send events: Posthog('phc_local', host='{endpoint.url}')\n"
            "Ctrl-C ends it.\n"
        )
        sys.stdout.flush()

    serve(
        lambda key: make_served(settings, key, extra_key=api_key),
        data_dir=settings.data_dir,
        idle_seconds=0,
        tcp=TcpAddress(host, port, has_key=api_key is not None),
        on_ready=announce,
    )
    return 0
