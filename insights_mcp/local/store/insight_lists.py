"""Lists of insights: which, in what order, how many (facts/rest-api.md 4.1)."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from insights_mcp.local.store.trigrams import WEAKEST_MATCH, resemblance

LAST_VIEWED = "(SELECT max(last_viewed_at) FROM insight_views WHERE insight_views.insight_id = insights.id)"
VIZ_SOURCES = {
    "TRENDS": "TrendsQuery",
    "FUNNELS": "FunnelsQuery",
    "RETENTION": "RetentionQuery",
    "PATHS": "PathsQuery",
    "STICKINESS": "StickinessQuery",
    "LIFECYCLE": "LifecycleQuery",
}
FEATURE_FLAG_NAMES = ("Feature Flag Called Total Volume", "Feature Flag calls made by unique users per variant")
# Field of `order`: its SQL. Text is compared without regard to case, as PostgreSQL's collation does.
ORDERS = {
    "id": "id",
    "short_id": "short_id",
    "name": "name COLLATE NOCASE",
    "derived_name": "derived_name COLLATE NOCASE",
    "description": "description COLLATE NOCASE",
    "order": '"order"',
    "created_at": "created_at",
    "created_by": "created_by",
    "last_modified_at": "last_modified_at",
    "last_modified_by": "last_modified_by",
    "updated_at": "updated_at",
    "favorited": "favorited",
    "saved": "saved",
    "is_sample": "is_sample",
    "deleted": "deleted",
    "last_viewed_at": LAST_VIEWED,
}
_ON_A_DASHBOARD = """EXISTS (
    SELECT 1 FROM dashboard_tiles JOIN dashboards ON dashboards.id = dashboard_tiles.dashboard_id
    WHERE dashboard_tiles.insight_id = insights.id AND coalesce(dashboard_tiles.deleted, 0) = 0
    AND dashboards.deleted = 0 AND {condition})"""


@dataclass(frozen=True)
class InsightFilter:
    """What to list. Every part that is not None or empty must hold; times are in stored form."""

    search: str | None = None
    created_by: Sequence[int] = ()
    favorited: bool = False
    saved: bool | None = None
    insight: str | None = None
    modified_after: str | None = None
    modified_before: str | None = None
    created_after: str | None = None
    created_before: str | None = None
    viewed_after: str | None = None
    viewed_before: str | None = None
    dashboards: Sequence[int] = ()
    tags: Sequence[str] = ()
    events: Sequence[str] = ()
    short_id: str | None = None
    feature_flag: str | None = None
    hide_feature_flag_insights: bool = False
    only_insight: int | None = None
    only_dashboard: int | None = None
    order: str | None = None


@dataclass(frozen=True)
class Listed:
    """A page of insight numbers, the number of all, and how each matched the search (exact or similar)."""

    ids: list[int]
    count: int
    matches: dict[int, str]


def list_insights(db: sqlite3.Connection, team_id: int, wanted: InsightFilter, limit: int, offset: int) -> Listed:
    """Return one page of the insights that fit. Raises ValueError for an unknown order."""
    conditions, values = _conditions(wanted)
    where = " AND ".join(("team_id = ?", "deleted = 0", *conditions))
    order = _order_by(wanted.order)
    if wanted.search:
        return _search(db, where, (team_id, *values), wanted, order, limit, offset)
    count = db.execute(f"SELECT count(*) FROM insights WHERE {where}", (team_id, *values)).fetchone()[0]
    sql = f"SELECT id FROM insights WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
    rows = db.execute(sql, (team_id, *values, limit, offset))
    return Listed([row["id"] for row in rows], count, {})


def _search(
    db: sqlite3.Connection,
    where: str,
    values: Sequence[object],
    wanted: InsightFilter,
    order: str,
    limit: int,
    offset: int,
) -> Listed:
    """Match by substring, then by resemblance; by relevance unless an order was asked for."""
    names = (
        "(SELECT json_group_array(tags.name) FROM tagged JOIN tags ON tags.id = tagged.tag_id"
        " WHERE tagged.subject = 'insight' AND tagged.subject_id = CAST(insights.id AS TEXT))"
    )
    sql = f"SELECT id, name, derived_name, description, {names} AS tags FROM insights WHERE {where} ORDER BY {order}"
    ranked = []
    for row in db.execute(sql, values):
        is_exact, score = _relevance(wanted.search or "", row)
        if is_exact or score >= WEAKEST_MATCH:
            ranked.append((row["id"], is_exact, score))
    if wanted.order is None:
        ranked.sort(key=lambda match: (not match[1], -match[2]))
    page = ranked[offset : offset + limit]
    matches = {insight_id: "exact" if is_exact else "similar" for insight_id, is_exact, _ in page}
    return Listed([insight_id for insight_id, _, _ in page], len(ranked), matches)


def _relevance(search: str, row: sqlite3.Row) -> tuple[bool, float]:
    """Return whether a field holds the search as a substring, and the best score; a description weighs half."""
    titles = [row["name"], row["derived_name"], *json.loads(row["tags"])]
    weighed = [(text, 1.0) for text in titles if text] + [(row["description"] or "", 0.5)]
    is_exact = any(search.casefold() in text.casefold() for text, _ in weighed)
    return is_exact, max(weight * resemblance(search, text) for text, weight in weighed)


def _order_by(order: str | None) -> str:
    if order is None:
        return '"order" IS NULL, "order", id'
    field, is_descending = order.removeprefix("-"), order.startswith("-")
    if field not in ORDERS:
        raise ValueError(field)
    direction = "DESC" if is_descending else "ASC"
    # PostgreSQL puts nulls last going up and first going down; views are the exception (facts/rest-api.md 4.1).
    nulls = "LAST" if is_descending == (field == "last_viewed_at") else "FIRST"
    return f"{ORDERS[field]} {direction} NULLS {nulls}, id {direction}"


def _conditions(wanted: InsightFilter) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, *bound: object) -> None:
        conditions.append(condition)
        values.extend(bound)

    if wanted.created_by:
        add("created_by IN (SELECT value FROM json_each(?))", json.dumps(list(wanted.created_by)))
    if wanted.favorited:
        add("favorited = 1")
    if wanted.saved is not None:
        listed = _ON_A_DASHBOARD.format(condition="dashboards.creation_mode != 'unlisted'")
        add(f"(saved = 1 OR {listed})" if wanted.saved else "saved = 0")
    if wanted.short_id is not None:
        add("short_id = ?", wanted.short_id)
    if wanted.insight is not None:
        add(*_kind_condition(wanted.insight))
    for column, sign, moment in _times(wanted):
        if moment is not None:
            add(f"{column} {sign} ?", moment)
    for dashboard_id in wanted.dashboards:
        add(_ON_A_DASHBOARD.format(condition="dashboards.id = ?"), dashboard_id)
    if wanted.tags:
        add(_TAGGED, json.dumps(list(wanted.tags)))
    for event in wanted.events:
        add("EXISTS (SELECT 1 FROM json_each(query_events) WHERE value = ?)", event)
    _add_rarer(wanted, add)
    return conditions, values


_TAGGED = (
    "EXISTS (SELECT 1 FROM tagged JOIN tags ON tags.id = tagged.tag_id WHERE tagged.subject = 'insight'"
    " AND tagged.subject_id = CAST(insights.id AS TEXT) AND tags.name IN (SELECT value FROM json_each(?)))"
)


def _add_rarer(wanted: InsightFilter, add: Callable[..., None]) -> None:
    if wanted.feature_flag is not None:
        add("instr(query, ?) > 0", json.dumps(f"$feature/{wanted.feature_flag}", ensure_ascii=False))
    if wanted.hide_feature_flag_insights:
        add("coalesce(name, '') NOT IN (?, ?)", *FEATURE_FLAG_NAMES)
    if wanted.only_insight is not None:
        add("id = ?", wanted.only_insight)
    if wanted.only_dashboard is not None:
        add(_ON_A_DASHBOARD.format(condition="dashboards.id = ?"), wanted.only_dashboard)


def _times(wanted: InsightFilter) -> list[tuple[str, str, str | None]]:
    return [
        ("last_modified_at", ">", wanted.modified_after),
        ("last_modified_at", "<", wanted.modified_before),
        ("created_at", ">", wanted.created_after),
        ("created_at", "<", wanted.created_before),
        (LAST_VIEWED, ">", wanted.viewed_after),
        (LAST_VIEWED, "<", wanted.viewed_before),
    ]


def _kind_condition(insight: str) -> tuple[str, ...]:
    legacy = "(query IS NULL AND json_extract(filters, '$.insight') = ?)"
    is_sql = (
        "(query_kind IN ('DataVisualizationNode', 'DataTableNode', 'InsightVizNode') AND source_kind = 'HogQLQuery')"
    )
    if insight in VIZ_SOURCES:
        return (f"((query_kind = 'InsightVizNode' AND source_kind = ?) OR {legacy})", VIZ_SOURCES[insight], insight)
    if insight == "SQL":
        return (is_sql,)
    if insight == "JSON":
        kinds = ", ".join(f"'{kind}'" for kind in VIZ_SOURCES.values())
        is_viz = f"(query_kind = 'InsightVizNode' AND coalesce(source_kind, '') IN ({kinds}))"
        return (f"(query IS NOT NULL AND NOT {is_sql} AND NOT {is_viz})",)
    return (legacy, insight)
