"""Who looks at insights: recording it, my last ones, the trending ones (facts/rest-api.md 9)."""

from datetime import timedelta

from insights_mcp.local.app.fields import Fields, read_list
from insights_mcp.local.app.http import MAX_ID, Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_shapes import basic_insight, load_around
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.insights import existing_ids, find_insight, get_insights
from insights_mcp.local.store.users import get_users
from insights_mcp.local.store.views import find_trending, record_views, viewed_by

MAX_VIEWED = 2500
LAST_VIEWED = 5
TRENDING_DAYS = 7
TRENDING_LIMIT = 10
TRENDING_CAP = 100


@endpoint("POST", "/insights/viewed/", scope="insight:read", auth_failure=403)
def record_many(call: Call) -> Answer:
    """Record that the caller looked at insights; unknown numbers are dropped without a word."""
    ids = _read_ids(call.fields)
    with call.backend.store.write() as db:
        record_views(db, call.team.id, call.user.id, existing_ids(db, call.team.id, ids), call.now)
    return empty(201)


@endpoint("POST", "/insights/{id}/viewed/", scope="insight:read", auth_failure=403)
def record_one(call: Call) -> Answer:
    """Record one view, as clients did until 2025."""
    with call.backend.store.write() as db:
        insight = find_insight(db, call.team.id, call.path["id"])
        if insight is None:
            raise not_found()
        record_views(db, call.team.id, call.user.id, [insight.id], call.now)
    return empty(201)


@endpoint("GET", "/insights/my_last_viewed/", auth_failure=403)
def list_mine(call: Call) -> Answer:
    """List the insights the caller looked at last: a bare array, at most five."""
    with call.backend.store.read() as db:
        insights = get_insights(db, viewed_by(db, call.team.id, call.user.id, LAST_VIEWED))
        around = load_around(db, insights)
    return Answer([basic_insight(insight, around) for insight in insights])


@endpoint("GET", "/insights/trending/", scope="insight:read", auth_failure=403)
def list_trending(call: Call) -> Answer:
    """List the insights most people looked at lately."""
    days = _read_positive(call, "days", TRENDING_DAYS)
    limit = min(_read_positive(call, "limit", TRENDING_LIMIT), TRENDING_CAP)
    with call.backend.store.read() as db:
        found = find_trending(db, call.team.id, call.now - timedelta(days=min(days, 36_500)), limit)
        insights = get_insights(db, [each.insight_id for each in found])
        around = load_around(db, insights)
        users = get_users(db, [viewer for each in found for viewer in each.viewers])
    results = [
        {
            **basic_insight(insight, around),
            "view_count": each.view_count,
            "viewers": [basic_user(users.get(viewer)) for viewer in each.viewers],
            "last_modified_by": around.user(insight.last_modified_by),
        }
        for each, insight in zip(found, insights, strict=True)
    ]
    return Answer({"count": len(results), "next": None, "previous": None, "results": results})


def _read_ids(fields: Fields) -> list[int]:
    if "insight_ids" not in fields:
        raise invalid("This field is required.", attr="insight_ids", code="required")
    values = read_list(fields, "insight_ids")
    if not values:
        raise invalid("This list may not be empty.", attr="insight_ids", code="empty")
    if len(values) > MAX_VIEWED:
        detail = f"Ensure this field has no more than {MAX_VIEWED} elements."
        raise invalid(detail, attr="insight_ids", code="max_length")
    ids = []
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid("A valid integer is required.", attr=f"insight_ids__{index}")
        if 0 <= value <= MAX_ID:
            ids.append(value)
    return ids


def _read_positive(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text) > 0):
        raise invalid("days and limit must be valid integers")
    return int(text)


ROUTES = (record_many, record_one, list_mine, list_trending)
