"""Insights as JSON: the basic and the full shape (facts/rest-api.md 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.local.app.insight_queries import shown_query
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.store.alerts import Alert, Threshold, alerts_of_insights, get_subscribers, get_thresholds
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.insights import Insight
from insights_mcp.local.store.tags import get_tags
from insights_mcp.local.store.tiles import Tile, tiles_of_insights
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import User, get_users
from insights_mcp.local.store.views import last_views

CAN_EDIT = 37
EVERYONE_CAN_EDIT = 21
JsonObject = dict[str, object]


@dataclass(frozen=True)
class Around:
    """What stands around insights, loaded for all of them at once."""

    tags: Mapping[str, list[str]]
    tiles: Mapping[int, list[Tile]]
    views: Mapping[int, str]
    alerts: Mapping[int, list[Alert]]
    thresholds: Mapping[str, Threshold]
    subscribers: Mapping[str, list[int]]
    users: Mapping[int, User]

    def user(self, user_id: int | None) -> JsonObject | None:
        """Return a user as JSON."""
        return basic_user(self.users.get(user_id)) if user_id is not None else None


def load_around(db: Connection, insights: Sequence[Insight]) -> Around:
    """Read what stands around insights."""
    ids = [insight.id for insight in insights]
    alerts = alerts_of_insights(db, ids)
    every = [alert for group in alerts.values() for alert in group]
    subscribers = get_subscribers(db, [alert.id for alert in every])
    people = [person for insight in insights for person in (insight.created_by, insight.last_modified_by)]
    people += [alert.created_by for alert in every]
    people += [person for group in subscribers.values() for person in group]
    return Around(
        tags=get_tags(db, "insight", ids),
        tiles=tiles_of_insights(db, ids),
        views=last_views(db, ids),
        alerts=alerts,
        thresholds=get_thresholds(db, [alert.threshold_id for alert in every if alert.threshold_id]),
        subscribers=subscribers,
        users=get_users(db, people),
    )


def basic_insight(insight: Insight, around: Around) -> JsonObject:
    """Return the basic shape (facts/rest-api.md 3.1)."""
    tiles = around.tiles.get(insight.id, [])
    return {
        "id": insight.id,
        "short_id": insight.short_id,
        "name": insight.name,
        "derived_name": insight.derived_name,
        "filters": {} if insight.query else dict(insight.filters),
        "query": shown_query(insight),
        "dashboards": [tile.dashboard_id for tile in tiles],
        "dashboard_tiles": show_tiles(tiles),
        "description": insight.description,
        "last_refresh": None,
        "refreshing": False,
        "saved": insight.saved,
        "tags": around.tags.get(str(insight.id), []),
        "updated_at": show_time(insight.updated_at),
        "created_by": around.user(insight.created_by),
        "created_at": show_time(insight.created_at),
        "last_modified_at": show_time(insight.last_modified_at),
        "favorited": insight.favorited,
        "user_access_level": "manager",
        "last_viewed_at": show_time(around.views.get(insight.id)),
    }


def full_insight(
    insight: Insight, around: Around, query: Mapping[str, object] | None, results: Mapping[str, object]
) -> JsonObject:
    """Return the full shape (facts/rest-api.md 3.2): `query` as it was run, `results` as computed."""
    tiles = around.tiles.get(insight.id, [])
    return {
        "id": insight.id,
        "short_id": insight.short_id,
        "name": insight.name,
        "derived_name": insight.derived_name,
        "filters": {} if insight.query else dict(insight.filters),
        "query": query,
        "order": insight.order,
        "deleted": insight.deleted,
        "dashboards": [tile.dashboard_id for tile in tiles],
        "dashboard_tiles": show_tiles(tiles),
        **results,
        "created_at": show_time(insight.created_at),
        "created_by": around.user(insight.created_by),
        "description": insight.description,
        "updated_at": show_time(insight.updated_at),
        "tags": around.tags.get(str(insight.id), []),
        "favorited": insight.favorited,
        "saved": insight.saved,
        "last_modified_at": show_time(insight.last_modified_at),
        "last_modified_by": around.user(insight.last_modified_by),
        "is_sample": insight.is_sample,
        "effective_restriction_level": EVERYONE_CAN_EDIT,
        "effective_privilege_level": CAN_EDIT,
        "user_access_level": "manager",
        "alerts": [full_alert(alert, insight, around) for alert in around.alerts.get(insight.id, [])],
        "last_viewed_at": show_time(around.views.get(insight.id)),
    }


def show_tiles(tiles: Sequence[Tile]) -> list[JsonObject]:
    """Return the tiles of an insight as it lists them."""
    return [{"id": tile.id, "dashboard_id": tile.dashboard_id, "deleted": tile.deleted} for tile in tiles]


def full_alert(alert: Alert, insight: Insight, around: Around) -> JsonObject:
    """Return an alert (facts/rest-api.md 10). Nothing checks it here, so it never fires."""
    threshold = around.thresholds.get(alert.threshold_id or "")
    return {
        "id": alert.id,
        "created_by": around.user(alert.created_by),
        "created_at": show_time(alert.created_at),
        "insight": basic_insight(insight, around),
        "name": alert.name,
        "subscribed_users": [around.user(person) for person in around.subscribers.get(alert.id, [])],
        "threshold": show_threshold(threshold) if threshold else None,
        "condition": alert.condition,
        "state": "Not firing",
        "enabled": alert.enabled,
        "last_notified_at": None,
        "last_checked_at": None,
        "next_check_at": None,
        "checks": [],
        "config": alert.config,
        "detector_config": alert.detector_config,
        "calculation_interval": alert.calculation_interval,
        "snoozed_until": alert.snoozed_until,
        "skip_weekend": alert.skip_weekend,
        "schedule_restriction": alert.schedule_restriction,
        "last_value": None,
        "investigation_agent_enabled": False,
        "investigation_gates_notifications": False,
        "investigation_inconclusive_action": "notify",
    }


def show_threshold(threshold: Threshold) -> JsonObject:
    """Return a threshold as it stands inside an alert."""
    return {
        "id": threshold.id,
        "created_at": show_time(threshold.created_at),
        "name": threshold.name,
        "configuration": threshold.configuration,
    }
