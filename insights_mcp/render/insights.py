"""Saved insights as rows of a list, and one insight in full."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from insights_mcp.render.activity import PersonLike
from insights_mcp.render.days import short_moment
from insights_mcp.render.marking import mark, quote
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.tables import Plain, Table, dense_table, word

_MAX_NAME = 80
_WORDS = {
    "TrendsQuery": "trends",
    "FunnelsQuery": "funnel",
    "RetentionQuery": "retention",
    "PathsQuery": "paths",
    "StickinessQuery": "stickiness",
    "LifecycleQuery": "lifecycle",
    "FunnelCorrelationQuery": "correlation",
    "HogQLQuery": "sql",
    "EventsQuery": "events",
}


class InsightLike(Protocol):
    """A saved insight as the client reads it."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def short_id(self) -> str:
        """Its short id."""

    @property
    def title(self) -> str:
        """The name people see."""

    @property
    def description(self) -> str | None:
        """Its description."""

    @property
    def query(self) -> Mapping[str, object] | None:
        """Its definition."""

    @property
    def tags(self) -> Sequence[str]:
        """Its tags."""

    @property
    def favorited(self) -> bool:
        """Whether it is a favorite."""

    @property
    def dashboard_ids(self) -> Sequence[int]:
        """The dashboards it is on."""

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""

    @property
    def created_by(self) -> PersonLike | None:
        """Who made it."""

    @property
    def last_modified_at(self) -> datetime | None:
        """When it was changed last."""

    @property
    def last_modified_by(self) -> PersonLike | None:
        """Who changed it last."""

    @property
    def last_viewed_at(self) -> datetime | None:
        """When anybody looked at it last."""


def kind_word(query: Mapping[str, object] | None) -> str:
    """Return what sort of insight a definition makes: trends, funnel, sql, ..."""
    if query is None:
        return "legacy"
    source = mapping(query.get("source")) or query
    kind = text_of(source.get("kind"))
    return _WORDS.get(kind, kind or "unknown")


def table_of_insights(insights: Sequence[InsightLike], *, with_views: bool = False) -> Table:
    """Return a row per insight; a column that would be empty in every row is left out."""
    columns: list[tuple[str, list[object]]] = [
        ("id", [one.id for one in insights]),
        ("short_id", [Plain(one.short_id) for one in insights]),
        ("name", [Plain(quote(one.title, _MAX_NAME)) for one in insights]),
        ("type", [Plain(kind_word(one.query)) for one in insights]),
        ("dashboards", [Plain(" ".join(map(str, one.dashboard_ids))) for one in insights]),
        ("tags", [_tags(one.tags) for one in insights]),
        ("changed", [Plain(short_moment(one.last_modified_at) or "") for one in insights]),
        ("creator", [one.created_by.name.split(" ")[0] if one.created_by else None for one in insights]),
        ("favorite", [Plain("yes") if one.favorited else None for one in insights]),
    ]
    if with_views:
        columns.append(("viewed", [Plain(short_moment(one.last_viewed_at) or "never") for one in insights]))
    rows = list(zip(*(values for _, values in columns), strict=True))
    return dense_table([name for name, _ in columns], rows)


def describe_insight(insight: InsightLike) -> list[str]:
    """Return what is known of one insight, line by line, definition last."""
    lines = [f"{quote(insight.title)}: {kind_word(insight.query)}, id {insight.id}, short_id {insight.short_id}"]
    if insight.description:
        lines.append(f"description: {quote(insight.description)}")
    facts = []
    if insight.tags:
        facts.append(f"tags {_tags(insight.tags)}")
    if insight.dashboard_ids:
        facts.append(f"on dashboards {' '.join(map(str, insight.dashboard_ids))}")
    if insight.favorited:
        facts.append("a favorite")
    facts.append(f"created {_when_and_who(insight.created_at, insight.created_by)}")
    facts.append(f"changed {_when_and_who(insight.last_modified_at, insight.last_modified_by)}")
    if insight.last_viewed_at:
        facts.append(f"viewed {short_moment(insight.last_viewed_at)}")
    lines.append("; ".join(facts))
    if insight.query is not None:
        lines.append(f"query: {compact_json(insight.query)}")
    return lines


def compact_json(value: object) -> str:
    """Return JSON without blanks and nulls, everything in it visible."""
    return mark(json.dumps(_prune(value), ensure_ascii=False, separators=(",", ":"), default=str))


def _prune(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _prune(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_prune(item) for item in value]
    return value


def _tags(tags: Sequence[str]) -> Plain:
    return Plain(" ".join(word(tag) for tag in tags))


def _when_and_who(moment: datetime | None, person: PersonLike | None) -> str:
    when = short_moment(moment) or "at some time"
    return f"{when} by {word(person.name)}" if person and person.name else when
