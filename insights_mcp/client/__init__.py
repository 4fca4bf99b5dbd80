"""The REST client of PostHog's API: transport, one module per resource, lenient read models."""

from insights_mcp.client.client import PostHogClient
from insights_mcp.client.deadlines import Deadlines
from insights_mcp.client.endpoint import Endpoint
from insights_mcp.client.paging import Page

__all__ = ["Deadlines", "Endpoint", "Page", "PostHogClient"]
