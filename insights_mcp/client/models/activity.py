"""The activity log of insights (facts/rest-api.md 7)."""

from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


class Change(ReadModel):
    """One changed field; `action` is created, changed, deleted or exported."""

    type: str | None = None
    action: str = ""
    field: str | None = None
    before: object = None
    after: object = None


class ActivityDetail(ReadModel):
    """What changed on which insight."""

    name: str | None = None
    short_id: str | None = None
    changes: tuple[Change, ...] = ()


class ActivityEntry(ReadModel):
    """One thing somebody did. `id` is missing on servers before 2026; `item_id` is the insight's number as text."""

    id: str | None = None
    activity: str = ""
    scope: str = "Insight"
    item_id: str | None = None
    user: User | None = None
    created_at: Moment = None
    detail: ActivityDetail = ActivityDetail()


class ActivityPage(ReadModel):
    """One page of the log, newest first. `next_page` is None on the last one."""

    results: tuple[ActivityEntry, ...] = ()
    total_count: int | None = None
    page: int = 1
    next_page: int | None = None
