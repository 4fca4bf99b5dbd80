"""Where things are: the project's name in an answer, the address of an insight."""

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import NotFound, PermissionDenied
from insights_mcp.render.marking import quote

_MAX_NAME = 40


async def name_project(api: PostHogClient) -> str:
    """Return `project "Acme"`. A key that may not read projects still lists insights: then just `the project`."""
    try:
        project = await api.project()
    except (PermissionDenied, NotFound):
        return "the project"
    return f"project {quote(project.name, _MAX_NAME)}" if project.name else f"project {project.id}"


def name_insight(api: PostHogClient, insight: Insight) -> str:
    """Return name, number, short_id and address of an insight in one phrase."""
    address = api.insight_url(insight.short_id) if insight.short_id else None
    return (
        f"{quote(insight.title, 80)} (id {insight.id}, short_id {insight.short_id}{f', {address}' if address else ''})"
    )
