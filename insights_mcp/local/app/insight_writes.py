"""Creating and changing insights inside one transaction, with what the activity log says of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from insights_mcp.local.app.fields import unknown_key
from insights_mcp.local.app.insight_input import InsightInput
from insights_mcp.local.app.insight_queries import carries_alerts, describe_facts
from insights_mcp.local.store.activity import Change, log_activity
from insights_mcp.local.store.alerts import delete_alerts_of_insight
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import get_dashboard, get_dashboard_names
from insights_mcp.local.store.insights import Insight, create_insight, update_insight
from insights_mcp.local.store.tags import get_tags, set_tags
from insights_mcp.local.store.tiles import put_insight, remove_tile, remove_tiles_of_insight, tiles_of_insights
from insights_mcp.local.store.times import print_time
from insights_mcp.local.store.views import record_views

# Setting one of these says who modified the insight last (facts/rest-api.md 6; the query since 2026-09).
MATERIAL = frozenset({"name", "description", "query"})
TRACKED = ("name", "derived_name", "description", "filters", "query", "deleted", "favorited")


def store_new(db: Connection, team_id: int, user_id: int, given: InsightInput, now: datetime) -> Insight:
    """Create an insight with its tags and tiles, looked at once by its author. Raises Problem before it writes."""
    check_dashboards(db, team_id, given.dashboards or [])
    insight = create_insight(db, team_id, user_id, {**given.columns, **query_columns(given.query)}, now)
    set_tags(db, team_id, "insight", insight.id, given.tags or [])
    for dashboard_id in given.dashboards or []:
        put_insight(db, dashboard_id, insight.id)
    record_views(db, team_id, user_id, [insight.id], now)
    log_insight(db, insight, user_id, "created", None, now)
    return insight


def store_changes(db: Connection, insight: Insight, user_id: int, given: InsightInput, now: datetime) -> Insight:
    """Change an insight; what was not sent stays. Raises Problem before it writes."""
    is_deleting = given.columns.get("deleted") is True
    dashboards = None if is_deleting else given.dashboards
    check_dashboards(db, insight.team_id, dashboards or [])
    before = _snapshot(db, insight)
    columns = {"saved": True, **given.columns, "is_sample": False}
    if given.query is not None:
        columns |= query_columns(given.query)
    if MATERIAL & set(columns):
        columns |= {"last_modified_at": print_time(now), "last_modified_by": user_id}
    changed = update_insight(db, insight.id, columns, now)
    if given.tags is not None:
        set_tags(db, insight.team_id, "insight", insight.id, given.tags)
    if dashboards is not None:
        _replace_dashboards(db, insight.id, dashboards)
    if is_deleting:
        remove_tiles_of_insight(db, insight.id)
    if is_deleting or not carries_alerts(changed.query):
        delete_alerts_of_insight(db, insight.id)
    _log_changes(db, changed, user_id, before, now)
    return changed


def check_dashboards(db: Connection, team_id: int, dashboard_ids: Sequence[int]) -> None:
    """Raise Problem unless every dashboard exists in the project."""
    for dashboard_id in dashboard_ids:
        if get_dashboard(db, team_id, dashboard_id) is None:
            raise unknown_key(dashboard_id, "dashboards")


def query_columns(query: Mapping[str, object] | None) -> dict[str, object]:
    """Return the columns that hold a query and what lists filter by."""
    if query is None:
        return {}
    facts = describe_facts(query)
    return {
        "query": query,
        "query_kind": facts.kind,
        "source_kind": facts.source_kind,
        "query_events": facts.events,
    }


def _replace_dashboards(db: Connection, insight_id: int, wanted: Sequence[int]) -> None:
    standing = {tile.dashboard_id for tile in tiles_of_insights(db, [insight_id]).get(insight_id, [])}
    for dashboard_id in standing - set(wanted):
        remove_tile(db, dashboard_id, insight_id)
    for dashboard_id in wanted:
        put_insight(db, dashboard_id, insight_id)


def _snapshot(db: Connection, insight: Insight) -> dict[str, object]:
    """Return the tracked fields as the activity log compares them."""
    dashboard_ids = sorted(tile.dashboard_id for tile in tiles_of_insights(db, [insight.id]).get(insight.id, []))
    names = get_dashboard_names(db, dashboard_ids)
    return {
        **{name: getattr(insight, name) for name in TRACKED},
        "tags": get_tags(db, "insight", [insight.id]).get(str(insight.id), []),
        "dashboards": [{"id": dashboard_id, "name": names.get(dashboard_id)} for dashboard_id in dashboard_ids],
    }


def _log_changes(db: Connection, insight: Insight, user_id: int, before: Mapping[str, object], now: datetime) -> None:
    after = _snapshot(db, insight)
    changes = [Change(name, before[name], after[name]) for name in before if before[name] != after[name]]
    if not changes:
        return
    activity = "updated"
    if insight.deleted != before["deleted"]:
        activity = "deleted" if insight.deleted else "restored"
    log_insight(db, insight, user_id, activity, changes, now)


def log_insight(
    db: Connection, insight: Insight, user_id: int, activity: str, changes: Sequence[Change] | None, now: datetime
) -> None:
    """Log something done to an insight; insights without any name are not logged (facts/rest-api.md 7)."""
    if insight.title:
        log_activity(
            db,
            insight.team_id,
            user_id,
            activity,
            scope="Insight",
            item_id=insight.id,
            name=insight.title,
            short_id=insight.short_id,
            changes=changes,
            now=now,
        )
