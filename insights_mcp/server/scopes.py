"""Which journal a write belongs to: one for each backend and project."""

from contextlib import suppress
from urllib.parse import urlsplit

from insights_mcp.client import PostHogClient
from insights_mcp.errors import NotFound, PermissionDenied


async def find_scope(api: PostHogClient) -> str:
    """Return backend and project as one name. A key that may not say its project has one journal for it."""
    if api.project_id is None:
        with suppress(PermissionDenied, NotFound):
            await api.project()
    host = urlsplit(api.base_url).netloc if api.has_pages else "local"
    return f"{host}-{api.project_id or 'current'}"
