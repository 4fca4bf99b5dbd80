"""The activity log as lines that people read: `10-03 Ada changed "Weekly signups": date range -30d -> -90d`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from insights_mcp.render.diffs import describe_field
from insights_mcp.render.marking import mark, quote
from insights_mcp.render.tables import word

_MAX_NAME = 60
_MAX_CHANGES = 6
# Activities that are an update whose one change says nothing more (facts/rest-api.md 7).
_VERBS = {
    "created": "created",
    "deleted": "deleted",
    "restored": "restored",
    "exported": "exported",
    "sharing enabled": "shared",
    "sharing disabled": "stopped sharing",
    "access token refreshed": "renewed the share link of",
    "share_login_success": "opened the shared page of",
    "share_login_failed": "gave a wrong password for the shared page of",
}


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
        named = [quote(entry.detail.name, _MAX_NAME)] if entry.detail.name else []
        named += [mark(entry.detail.short_id[:_MAX_NAME])] if entry.detail.short_id else []
        what = f" {' '.join(named) or 'an insight'}"
    if entry.activity in _VERBS:
        return f"{when}{who} {_verb(entry.activity, what)}{what}"
    phrases = [
        phrase
        for change in entry.detail.changes
        for phrase in describe_field(mark((change.field or "something")[:_MAX_NAME]), change.before, change.after)
    ]
    more = f"; and {len(phrases) - _MAX_CHANGES} more" if len(phrases) > _MAX_CHANGES else ""
    verb = "changed" if entry.activity == "updated" else mark(entry.activity.replace("_", " ")[:_MAX_NAME]) or "touched"
    told = f": {'; '.join(phrases[:_MAX_CHANGES])}{more}" if phrases else ""
    return f"{when}{who} {verb}{what}{told}" if with_insight or not told else f"{when}{who} {verb} {told[2:]}"


def _verb(activity: str, what: str) -> str:
    """Return what was done in words that end where the insight's name follows, if one does."""
    verb = _VERBS[activity]
    return verb if what or not verb.endswith(" of") else f"{verb} it"
