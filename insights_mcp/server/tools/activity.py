"""`insights-activity-retrieve`: who changed what, on one insight or in the whole project."""

from typing import Annotated

from pydantic import Field

from insights_mcp.render.activity import describe_entry
from insights_mcp.render.numbers import plural
from insights_mcp.render.tables import cut_lines
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool

# What the line above the entries may cost.
_HEADLINE = 60


class ActivityArguments(Arguments):
    """Whose history, and how much of it."""

    id: InsightId | None = None
    limit: Annotated[int, Field(ge=1, le=100, description="10 unless given")] = 10
    page: Annotated[int, Field(ge=1)] = 1
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def tell_activity(arguments: ActivityArguments, call: Call) -> str:
    """Return the log, newest first, a line per entry."""
    key = await find_insight(call, arguments.id) if arguments.id else None
    page = await call.api.insights.activity(key, limit=arguments.limit, page=arguments.page)
    where = f"insight {key}" if key is not None else await name_project(call.api)
    if not page.results:
        return f"No activity recorded for {where}{' on this page' if arguments.page > 1 else ''}."
    lines = [describe_entry(entry, with_insight=key is None) for entry in page.results]
    kept = cut_lines(lines, arguments.max_tokens - _HEADLINE)
    total = page.total_count if page.total_count is not None else len(lines)
    counted = plural(total, "change") if len(kept) == total else f"{len(kept)} of {plural(total, 'change')}"
    more = f" Older: page={page.next_page}." if page.next_page else ""
    if len(kept) < len(lines):
        more = f" Older{_next_call(arguments, len(kept))} (max_tokens={arguments.max_tokens} is reached)."
    return "\n".join([f"{counted} of {where}, newest first, times in UTC.{more}", *kept])


def _next_call(arguments: ActivityArguments, kept: int) -> str:
    """Return how to ask for what follows: pages are counted in `limit`, so one that begins right there is sought."""
    seen = (arguments.page - 1) * arguments.limit + kept
    limit = next(size for size in range(kept, 0, -1) if seen % size == 0)
    return f": limit={limit}, page={seen // limit + 1}"


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
