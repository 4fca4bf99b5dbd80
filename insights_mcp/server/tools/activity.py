"""`insights-activity-retrieve`: who changed what, on one insight or in the whole project."""

from typing import Annotated

from pydantic import Field

from insights_mcp.render.activity import describe_entry
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool


class ActivityArguments(Arguments):
    """Whose history, and how much of it."""

    id: InsightId | None = None
    limit: Annotated[int, Field(ge=1, le=100, description="10 unless given")] = 10
    page: Annotated[int, Field(ge=1)] = 1


async def tell_activity(arguments: ActivityArguments, call: Call) -> str:
    """Return the log, newest first, a line per entry."""
    key = await find_insight(call, arguments.id) if arguments.id else None
    page = await call.api.insights.activity(key, limit=arguments.limit, page=arguments.page)
    where = f"insight {key}" if key is not None else await name_project(call.api)
    if not page.results:
        return f"No activity recorded for {where}{' on this page' if arguments.page > 1 else ''}."
    lines = [describe_entry(entry, with_insight=key is None) for entry in page.results]
    total = f" of {page.total_count}" if page.total_count not in (None, len(lines)) else ""
    more = f" Older: page={page.next_page}." if page.next_page else ""
    return "\n".join([f"{len(lines)}{total} changes of {where}, newest first, times in UTC.{more}", *lines])


TOOL = Tool(
    "insights-activity-retrieve",
    "Read the history of insights",
    ActivityArguments,
    tell_activity,
    aliases={
        "activity": {},
        "insight-activity": {},
        "insights-activity": {},
        "insight-activity-retrieve": {},
        "insights-all-activity-retrieve": {},
    },
)
