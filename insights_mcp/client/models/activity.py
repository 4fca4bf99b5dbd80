"""The activity log of insights (facts/rest-api.md 7)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


def _objects_only(value: object) -> object:
    """Return the objects of a list; a log holds what servers of all ages wrote, and one odd entry must not hide it."""
    return [item for item in value if isinstance(item, Mapping | ReadModel)] if isinstance(value, list | tuple) else ()


def _object_or_nothing(value: object) -> object:
    return value if isinstance(value, Mapping | ReadModel) else {}


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
    changes: Annotated[tuple[Change, ...], BeforeValidator(_objects_only)] = ()


class ActivityEntry(ReadModel):
    """One thing somebody did. `id` is missing on servers before 2026; `item_id` is the insight's number as text."""

    id: str | None = None
    activity: str = ""
    scope: str = "Insight"
    item_id: str | None = None
    user: User | None = None
    created_at: Moment = None
    detail: Annotated[ActivityDetail, BeforeValidator(_object_or_nothing)] = ActivityDetail()


class ActivityPage(ReadModel):
    """One page of the log, newest first. `next_page` is None on the last one."""

    results: Annotated[tuple[ActivityEntry, ...], BeforeValidator(_objects_only)] = ()
    total_count: int | None = None
    page: int = 1
    next_page: int | None = None
