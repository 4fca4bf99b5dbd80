"""`insight-sharing`: whether an insight is public, and making it so."""

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.client.models.sharing import Sharing
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.journal import Step
from insights_mcp.server.tool import Call, Hints, Tool


class SharingArguments(Arguments):
    """Which insight, and what to do."""

    id: InsightId
    action: Annotated[
        Literal["get", "enable", "disable", "refresh"], Field(description="refresh: a new link, the old one dies")
    ] = "get"


async def share_insight(arguments: SharingArguments, call: Call) -> str:
    """Tell or change whether an insight is public."""
    key = await find_insight(call, arguments.id, is_write=arguments.action != "get")
    if arguments.action == "get":
        return _tell(key, await call.api.sharing.get(key), call)
    if arguments.action == "refresh":
        told = _tell(key, await call.api.sharing.refresh(key), call)
        return f"{told}\nThe old link is dead; that cannot be undone."
    before = await call.api.sharing.get(key)
    sharing = await call.api.sharing.update(key, enabled=arguments.action == "enable")
    if before.enabled == sharing.enabled:
        return f"{_tell(key, sharing, call)} It was so already."
    number = await call.api.insights.number(key)
    step = Step("sharing", number, {"enabled": before.enabled}, {"enabled": sharing.enabled})
    await call.record(TOOL.name, f"insight {number}", [step])
    return _tell(key, sharing, call)


def _tell(key: int | str, sharing: Sharing, call: Call) -> str:
    if not sharing.enabled:
        return f"Insight {key} is not shared. action=enable makes a public link."
    address = call.api.sharing.page_url(sharing)
    guarded = " A password is asked for." if sharing.password_required else " Anybody with the link can see it."
    return f"Insight {key} is public{f' at {address}' if address else ''}.{guarded}"


TOOL = Tool(
    "insight-sharing",
    "Share an insight",
    SharingArguments,
    share_insight,
    hints=Hints(destructive=True),
    aliases={
        "insights-sharing-retrieve": {},
        "insights-sharing-list": {},
        "insights-sharing-refresh-create": {"action": "refresh"},
    },
    writes=lambda arguments: arguments.action != "get",
)
