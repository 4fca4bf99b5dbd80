"""Alerts and thresholds: kept and shown; nothing checks them on a schedule here (facts/rest-api.md 10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from insights_mcp.local.app.fields import (
    Fields,
    read_choice,
    read_flag,
    read_key,
    read_keys,
    read_object,
    read_text,
    unknown_key,
)
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_queries import carries_alerts
from insights_mcp.local.app.insight_shapes import Around, full_alert, load_around, show_threshold
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.alerts import (
    Alert,
    Threshold,
    create_alert,
    delete_alert,
    get_alert,
    list_alerts,
    list_thresholds,
    put_threshold,
    set_subscribers,
    update_alert,
)
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.insights import Insight, find_insight, get_insights
from insights_mcp.local.store.users import get_users

INTERVALS = ("every_15_minutes", "hourly", "daily", "weekly", "monthly")
CONDITIONS = ("absolute_value", "relative_increase", "relative_decrease")
MAX_NAME = 255


@dataclass(frozen=True)
class AlertInput:
    """The fields a request sent; None elsewhere than in columns means that nothing was sent."""

    columns: Mapping[str, object]
    insight_id: int | None = None
    subscribers: list[int] | None = None
    threshold: Mapping[str, object] | None = None


@endpoint("GET", "/alerts/", scope="alert:read")
def list_all(call: Call) -> Answer:
    """List alerts, newest first, of one insight if asked for."""
    text = call.query.get("insight_id") or call.query.get("insight")
    insight_id = read_key(text, "insight_id") if text else None
    page = read_page(call)
    with call.backend.store.read() as db:
        alerts, count = list_alerts(db, call.team.id, insight_id, page.limit, page.offset)
        results = _show_all(db, alerts)
    return Answer(envelope(call, page, count, results))


@endpoint("GET", "/alerts/{alert_id}/", scope="alert:read")
def retrieve(call: Call) -> Answer:
    """Answer one alert with the number of its checks, which is none here."""
    with call.backend.store.read() as db:
        (shown,) = _show_all(db, [_need_alert(call, db)])
    return Answer({**shown, "checks_total": 0})


@endpoint("POST", "/alerts/", scope="alert:write")
def create(call: Call) -> Answer:
    """Create an alert on an insight of trends."""
    given = _read_alert(call.fields)
    if given.insight_id is None:
        raise invalid("This field is required.", attr="insight", code="required")
    with call.backend.store.write() as db:
        insight = _need_insight(call, db, given.insight_id)
        alert = create_alert(db, call.team.id, call.user.id, {**given.columns, "insight_id": insight.id}, call.now)
        alert = _store_parts(call, db, alert, given)
        set_subscribers(db, alert.id, _known_users(db, given.subscribers or []))
        (shown,) = _show_all(db, [alert])
    return Answer(shown, 201)


@endpoint("PATCH PUT", "/alerts/{alert_id}/", scope="alert:write")
def update(call: Call) -> Answer:
    """Change an alert."""
    given = _read_alert(call.fields)
    with call.backend.store.write() as db:
        alert = _need_alert(call, db)
        columns = dict(given.columns)
        if given.insight_id is not None:
            columns["insight_id"] = _need_insight(call, db, given.insight_id).id
        alert = _store_parts(call, db, update_alert(db, alert.id, columns), given)
        if given.subscribers is not None:
            set_subscribers(db, alert.id, _known_users(db, given.subscribers))
        (shown,) = _show_all(db, [alert])
    return Answer(shown)


@endpoint("DELETE", "/alerts/{alert_id}/", scope="alert:write")
def destroy(call: Call) -> Answer:
    """Delete an alert with its threshold."""
    with call.backend.store.write() as db:
        delete_alert(db, _need_alert(call, db))
    return empty(204)


@endpoint("GET", "/insights/{id}/thresholds/", scope="alert:read")
def list_insight_thresholds(call: Call) -> Answer:
    """List the thresholds of an insight with the alerts that use them."""
    page = read_page(call)
    with call.backend.store.read() as db:
        insight = _insight_of_path(call, db)
        thresholds, count = list_thresholds(db, insight.id, page.limit, page.offset)
        around = load_around(db, [insight])
    results = [_with_alerts(threshold, insight, around) for threshold in thresholds]
    return Answer(envelope(call, page, count, results))


@endpoint("GET", "/insights/{id}/thresholds/{threshold_id}/", scope="alert:read")
def retrieve_threshold(call: Call) -> Answer:
    """Answer one threshold."""
    wanted = _uuid(call.path["threshold_id"])
    with call.backend.store.read() as db:
        insight = _insight_of_path(call, db)
        thresholds, _ = list_thresholds(db, insight.id, -1, 0)
        around = load_around(db, [insight])
    found = next((threshold for threshold in thresholds if threshold.id == wanted), None)
    if found is None:
        raise not_found()
    return Answer(_with_alerts(found, insight, around))


def _with_alerts(threshold: Threshold, insight: Insight, around: Around) -> dict[str, object]:
    alerts = [alert for alert in around.alerts.get(insight.id, []) if alert.threshold_id == threshold.id]
    return {**show_threshold(threshold), "alerts": [full_alert(alert, insight, around) for alert in alerts]}


def _show_all(db: Connection, alerts: list[Alert]) -> list[dict[str, object]]:
    insights = {insight.id: insight for insight in get_insights(db, sorted({alert.insight_id for alert in alerts}))}
    around = load_around(db, list(insights.values()))
    return [full_alert(alert, insights[alert.insight_id], around) for alert in alerts]


def _need_alert(call: Call, db: Connection) -> Alert:
    alert = get_alert(db, call.team.id, _uuid(call.path["alert_id"]))
    if alert is None:
        raise not_found()
    return alert


def _insight_of_path(call: Call, db: Connection) -> Insight:
    insight = find_insight(db, call.team.id, call.path["id"])
    if insight is None:
        raise not_found("Insight not found.")
    return insight


def _need_insight(call: Call, db: Connection, insight_id: int) -> Insight:
    insight = find_insight(db, call.team.id, str(insight_id))
    if insight is None or insight.id != insight_id:
        raise unknown_key(insight_id, "insight")
    if not carries_alerts(insight.query):
        raise invalid("Alerts are only supported on trends insights.", attr="insight")
    return insight


def _store_parts(call: Call, db: Connection, alert: Alert, given: AlertInput) -> Alert:
    if given.threshold is None:
        return alert
    name = read_text(given.threshold, "name", limit=MAX_NAME) or ""
    configuration = _read_configuration(given.threshold)
    threshold = put_threshold(
        db, call.team.id, alert.insight_id, call.user.id, name, configuration, call.now, alert.threshold_id
    )
    return update_alert(db, alert.id, {"threshold_id": threshold.id})


def _known_users(db: Connection, user_ids: list[int]) -> list[int]:
    unknown = set(user_ids) - set(get_users(db, user_ids))
    if unknown:
        raise unknown_key(min(unknown), "subscribed_users")
    return user_ids


def _read_alert(fields: Fields) -> AlertInput:
    columns: dict[str, object] = {}
    if "name" in fields:
        columns["name"] = read_text(fields, "name", limit=MAX_NAME) or ""
    columns |= {name: read_flag(fields, name) for name in ("enabled", "skip_weekend") if fields.get(name) is not None}
    if "calculation_interval" in fields:
        columns["calculation_interval"] = read_choice(fields, "calculation_interval", INTERVALS)
    if "snoozed_until" in fields:
        columns["snoozed_until"] = read_text(fields, "snoozed_until", limit=MAX_NAME)
    for name in ("config", "detector_config", "schedule_restriction"):
        if name in fields:
            columns[name] = read_object(fields, name, f"{name} must be an object.")
    if "condition" in fields:
        condition = read_object(fields, "condition", "condition must be an object.") or {}
        if condition:
            read_choice(condition, "type", CONDITIONS)
        columns["condition"] = condition
    return AlertInput(
        columns=columns,
        insight_id=read_key(fields["insight"], "insight") if "insight" in fields else None,
        subscribers=read_keys(fields, "subscribed_users") if "subscribed_users" in fields else None,
        threshold=read_object(fields, "threshold", "threshold must be an object."),
    )


def _read_configuration(threshold: Fields) -> Mapping[str, object]:
    configuration = read_object(threshold, "configuration", "configuration must be an object.") or {}
    if configuration:
        read_choice(configuration, "type", ("absolute", "percentage"))
    bounds = read_object(configuration, "bounds", "bounds must be an object.") or {}
    limits = [bounds.get(name) for name in ("lower", "upper")]
    for limit in limits:
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float)):
            raise invalid("A valid number is required.", attr="threshold__configuration__bounds")
    lower, upper = limits
    if isinstance(lower, int | float) and isinstance(upper, int | float) and lower > upper:
        raise invalid("Lower threshold must be less than upper threshold", attr="threshold")
    return configuration


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise not_found() from None


ROUTES = (list_all, retrieve, create, update, destroy, list_insight_thresholds, retrieve_threshold)
