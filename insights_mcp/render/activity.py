"""The activity log as lines that people read: `10-03 Ada changed "Weekly signups": date range -30d -> -90d`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from insights_mcp.render.diffs import describe_field
from insights_mcp.render.marking import quote
from insights_mcp.render.tables import word

_MAX_NAME = 60
_MAX_CHANGES = 6
# Activities that are an update whose one change says nothing more (facts/rest-api.md 7).
_PLAIN = {"created", "deleted", "restored", "exported", "sharing enabled", "sharing disabled", "access token refreshed"}


class ChangeLike(Protocol):
    """One changed field."""

    @property
    def field(self) -> str | None:
        """The field's name."""

    @property
    def before(self) -> object:
        """Its former value."""

    @property
    def after(self) -> object:
        """Its present value."""


class DetailLike(Protocol):
    """What changed on which insight."""

    @property
    def name(self) -> str | None:
        """The insight's name then."""

    @property
    def short_id(self) -> str | None:
        """The insight's short_id."""

    @property
    def changes(self) -> Sequence[ChangeLike]:
        """The fields that changed."""


class PersonLike(Protocol):
    """Who did it."""

    @property
    def name(self) -> str:
        """Their name."""


class EntryLike(Protocol):
    """One entry of the log."""

    @property
    def activity(self) -> str:
        """What was done: created, updated, deleted, ..."""

    @property
    def user(self) -> PersonLike | None:
        """Who did it, if known."""

    @property
    def created_at(self) -> datetime | None:
        """When."""

    @property
    def detail(self) -> DetailLike:
        """On what."""


def describe_entry(entry: EntryLike, *, with_insight: bool) -> str:
    """Return one line for one entry. `with_insight` names the insight, for a log of more than one."""
    when = f"{entry.created_at:%Y-%m-%d %H:%M} " if entry.created_at else ""
    who = word(entry.user.name) if entry.user and entry.user.name else "Somebody"
    what = ""
    if with_insight:
        name = entry.detail.name or entry.detail.short_id or "an insight"
        what = f" {quote(name, _MAX_NAME)}" + (f" {entry.detail.short_id}" if entry.detail.short_id else "")
    if entry.activity in _PLAIN:
        return f"{when}{who} {_verb(entry.activity)}{what}".strip()
    phrases = [
        phrase
        for change in entry.detail.changes
        for phrase in describe_field(change.field or "something", change.before, change.after)
    ]
    more = f"; and {len(phrases) - _MAX_CHANGES} more" if len(phrases) > _MAX_CHANGES else ""
    verb = "changed" if entry.activity == "updated" else entry.activity.replace("_", " ")
    told = f": {'; '.join(phrases[:_MAX_CHANGES])}{more}" if phrases else ""
    return f"{when}{who} {verb}{what}{told}" if with_insight or not told else f"{when}{who} {verb} {told[2:]}"


def _verb(activity: str) -> str:
    return {
        "sharing enabled": "shared",
        "sharing disabled": "stopped sharing",
        "access token refreshed": "renewed the share link of",
    }.get(activity, activity)
