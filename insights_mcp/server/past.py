"""The activity log as a second journal: it keeps what every change was before and after (facts/rest-api.md 7)."""

from collections.abc import AsyncIterator, Sequence

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.activity import ActivityEntry, Change
from insights_mcp.errors import InputError, NotFound
from insights_mcp.render.activity import describe_entry
from insights_mcp.render.reading import mapping, mappings_of, rows_of
from insights_mcp.server.journal import DONE, Entry, Step
from insights_mcp.server.tool import Call

# The log of a deleted insight is found only in that of the whole project; so far back it is looked for.
_PAGES, _PAGE = 3, 100
_PLAIN = frozenset({"name", "description", "query", "favorited", "deleted"})


class ChangedSince(InputError):
    """What is to be undone was changed by somebody else, or changed again."""


class NothingToUndo(InputError):
    """There is no such write, or it is undone already."""


async def read_log(api: PostHogClient, number: int, *, limit: int = 10) -> Sequence[ActivityEntry]:
    """Return the latest entries about an insight, newest first, also when it is deleted."""
    try:
        return (await api.insights.activity(number, limit=limit)).results
    except NotFound:
        return [entry async for entry in _project_log(api) if entry.item_id == str(number)][:limit]


async def find_deleted(api: PostHogClient, short_id: str) -> int | None:
    """Return the number of an insight that only the log still knows by its short_id."""
    async for entry in _project_log(api):
        if entry.detail.short_id == short_id and entry.item_id and entry.item_id.isdecimal():
            return int(entry.item_id)
    return None


async def entry_from_log(call: Call, number: int) -> Entry:
    """Return the last change of an insight as a journal entry that can be undone.

    Raises NothingToUndo when the log does not say what was before, ChangedSince when it was somebody else's change.
    """
    log = await read_log(call.api, number, limit=1)
    if not log:
        raise NothingToUndo(f"The history tells of no change of insight {number}.")
    last = log[0]
    me = await call.api.users.me()
    if last.user is None or (last.user.email or None) != me.email:
        raise ChangedSince(
            f"Not undone: the last change of insight {number} is not yours: "
            f"{describe_entry(last, with_insight=False)}.",
            advice="Ask them, or set it as it should be with insight-update.",
        )
    step = _step_of(last, number)
    if step is None:
        told = describe_entry(last, with_insight=False)
        raise NothingToUndo(f"The last change of insight {number} cannot be undone: {told}.")
    title = last.detail.name or last.detail.short_id or f"insight {number}"
    at = f"{last.created_at:%Y-%m-%d %H:%M}" if last.created_at else ""
    return Entry("", f"the change {at}".strip(), title, at, 0, DONE, (step,))


async def _project_log(api: PostHogClient) -> AsyncIterator[ActivityEntry]:
    for page in range(1, _PAGES + 1):
        found = await api.insights.activity(None, limit=_PAGE, page=page)
        for entry in found.results:
            yield entry
        if found.next_page is None:
            return


def _step_of(entry: ActivityEntry, number: int) -> Step | None:
    if entry.activity == "created":
        return Step("insight", number, {"deleted": True}, {"deleted": False})
    sharing = next((change for change in entry.detail.changes if change.field == "sharing"), None)
    if sharing is not None:
        return Step("sharing", number, {"enabled": sharing.before is True}, {"enabled": sharing.after is True})
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for change in entry.detail.changes:
        name = change.field or ""
        if name in _PLAIN or name in ("tags", "dashboards"):
            before[name], after[name] = _value(change, change.before), _value(change, change.after)
    if after.get("deleted") is False and before.get("deleted") is None:
        before["deleted"] = True
    return Step("insight", number, before, after) if before else None


def _value(change: Change, value: object) -> object:
    if change.field == "dashboards":
        numbers = [one.get("id") for one in mappings_of(value)]
        return sorted(number for number in numbers if isinstance(number, int))
    if change.field == "tags":
        return sorted(str(one) for one in rows_of(value))
    if change.field == "query":
        return dict(mapping(value)) or None
    return value
