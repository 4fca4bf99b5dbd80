"""The HTTP face of the local backend: routes, auth, paging, the one error body."""

from insights_mcp.local.app.application import create_app

__all__ = ["create_app"]
