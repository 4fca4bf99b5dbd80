"""Deleting what others use: who would miss it, and whether the person agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight, TrendingInsight
from insights_mcp.errors import ApiError, InputError
from insights_mcp.render.marking import quote
from insights_mcp.server.confirming import Verdict
from insights_mcp.server.tool import Call

_DAYS = 30
_LOOKED_THROUGH = 100
_MOST_DASHBOARDS = 500
_NAMED = 3
_MAX_NAME = 60


Confirm = Annotated[bool, Field(description="Only after the user agreed")]


class NeedsConsent(InputError):
    """Others use what is to be deleted, and the client cannot ask the person."""


@dataclass(frozen=True)
class Loss:
    """A thing that is to be deleted, and who would miss it. `comforts` say what stays or can be restored."""

    thing: str
    reasons: Sequence[str]
    comfort: str = "It can be restored."

    @property
    def told(self) -> str:
        """Return the reasons as one clause: it is on ..., and ..."""
        *some, last = self.reasons
        return f"it {', '.join(some)} and {last}" if some else f"it {last}"


async def find_loss_of_insight(call: Call, insight: Insight) -> Loss:
    """Return who would miss an insight: dashboards, holders of its link, people who looked at it, its alerts."""
    reasons = []
    if insight.dashboard_ids:
        reasons.append(f"is on {await _name_boards(call, insight.dashboard_ids)}")
    if await _is_public(call, insight):
        reasons.append("is open to anybody with its public link")
    if (others := await _count_others(call, insight)) > 0:
        people = "somebody else" if others == 1 else f"{others} other people"
        reasons.append(f"was viewed by {people} in the last {_DAYS} days")
    if insight.alerts:
        count = len(insight.alerts)
        reasons.append(f"has {count} alert{'s' if count > 1 else ''} that cannot be restored")
    return Loss(f"insight {quote(insight.title, _MAX_NAME)}", reasons)


def find_loss_of_dashboard(board: Dashboard) -> Loss:
    """Return who would miss a dashboard; one without tiles that is neither pinned nor public misses nobody."""
    tiles = len(board.tiles)
    reasons = [f"has {tiles} tile{'s' if tiles > 1 else ''}"] if tiles else []
    reasons += ["is pinned"] if board.pinned else []
    reasons += ["is open to anybody with its public link"] if board.is_shared else []
    name = quote(board.name or "", _MAX_NAME)
    return Loss(f"dashboard {name}", reasons, "Its insights stay, and it can be restored.")


def needs_asking(call: Call, *, confirmed: bool) -> bool:
    """Return whether it matters who would miss the thing; a yes in the call counts only where nobody can be asked."""
    return call.person.can_be_asked or not confirmed


async def refuse_without_consent(call: Call, tool: str, loss: Loss, *, confirmed: bool) -> str | None:
    """Ask the person if anybody would miss the thing. Return a calm answer when it stays, None to go on.

    Raises NeedsConsent when nobody can be asked and the call is not confirmed.
    """
    if not loss.reasons:
        return None
    verdict = await call.person.ask(f"Delete the {loss.thing}? {_capital(loss.told)}. {loss.comfort}")
    if verdict is Verdict.AGREED or (verdict is Verdict.NOBODY and confirmed):
        return None
    if verdict is Verdict.NOBODY:
        raise NeedsConsent(
            f"{tool}: the {loss.thing} is not deleted yet: {loss.told}.",
            advice="Tell the user and ask; if they agree, repeat the call with confirm=true.",
        )
    why = "the user said no" if verdict is Verdict.DECLINED else "the user did not answer in time"
    return f"Kept the {loss.thing}: {why}. Nothing was changed; do not try again unless they ask for it."


async def _name_boards(call: Call, numbers: Sequence[int]) -> str:
    try:
        page = await call.api.dashboards.list(limit=_MOST_DASHBOARDS)
    except ApiError:  # a key that may not list them: numbers will do
        names = {}
    else:
        names = {board.id: quote(board.name, _MAX_NAME) for board in page.results if board.name}
    told = [names.get(number, str(number)) for number in numbers[:_NAMED]]
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"{'the dashboard' if len(numbers) == 1 else 'the dashboards'} {', '.join(told)}{more}"


async def _is_public(call: Call, insight: Insight) -> bool:
    try:
        return (await call.api.sharing.get(insight.id)).enabled
    except ApiError:  # a key that may not see it; deleting ends the link, restoring brings it back
        return False


async def _count_others(call: Call, insight: Insight) -> int:
    """Return how many other people looked at an insight lately, as far as the API tells."""
    try:
        looked_at = await call.api.insights.trending(_DAYS, _LOOKED_THROUGH)
        found = next((one for one in looked_at if one.id == insight.id), None)
        if found is None or found.view_count < 1:
            return 0
        return found.view_count - (1 if await _looked_myself(call, found) else 0)
    except ApiError:  # older servers do not tell
        return 0


async def _looked_myself(call: Call, found: TrendingInsight) -> bool:
    """Return whether the key's owner is among the viewers; of many only the latest three are named."""
    me = (await call.api.users.me()).id
    return found.view_count > len(found.viewers) or any(viewer.id == me for viewer in found.viewers)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
