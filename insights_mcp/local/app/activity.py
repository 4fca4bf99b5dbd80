"""The activity log of one insight or of all (facts/rest-api.md 7)."""

from collections.abc import Mapping

from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.paging import change_query
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.activity import Entry, list_activity
from insights_mcp.local.store.insights import find_insight
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import User, get_users

DEFAULT_LIMIT = 10
# A page number beyond this is a mistake, and limit times page must stay a number SQLite knows.
MAX_NUMBER = (1 << 31) - 1
SYSTEM = {"first_name": "System", "email": None, "is_system": True}


@endpoint("GET", "/insights/activity/", scope="activity_log:read", auth_failure=403)
def list_every_activity(call: Call) -> Answer:
    """List what happened to the project's insights, newest first."""
    return _list(call, None)


@endpoint("GET", "/insights/{id}/activity/", scope="activity_log:read", auth_failure=403)
def list_insight_activity(call: Call) -> Answer:
    """List what happened to one insight, newest first; also to a deleted one."""
    with call.backend.store.read() as db:
        insight = find_insight(db, call.team.id, call.path["id"], include_deleted=True)
    if insight is None:
        raise not_found()
    return _list(call, insight.id)


def _list(call: Call, item_id: int | None) -> Answer:
    limit, page = _read_number(call, "limit", DEFAULT_LIMIT), _read_number(call, "page", 1)
    with call.backend.store.read() as db:
        entries, count = list_activity(db, call.team.id, "Insight", item_id, limit, (page - 1) * limit)
        users = get_users(db, [entry.user_id for entry in entries])
    return Answer(
        {
            "results": [show_entry(entry, users) for entry in entries],
            "next": change_query(call.url, limit=limit, page=page + 1) if page * limit < count else None,
            "previous": change_query(call.url, limit=limit, page=page - 1) if page > 1 else None,
            "total_count": count,
        }
    )


def show_entry(entry: Entry, users: Mapping[int, User]) -> dict[str, object]:
    """Return an entry of the log."""
    user = users.get(entry.user_id) if entry.user_id is not None else None
    return {
        "id": entry.id,
        "user": {"first_name": user.first_name, "email": user.email} if user else SYSTEM,
        "activity": entry.activity,
        "scope": entry.scope,
        "item_id": entry.item_id,
        "detail": entry.detail,
        "created_at": show_time(entry.created_at),
    }


def _read_number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if text is None or text == "":
        return default
    is_number = text.strip().lstrip("-").isdecimal() and text.isascii() and len(text) < 12
    if not is_number:
        raise invalid("A valid integer is required.", attr=name)
    number = int(text)
    if number < 1:
        raise invalid("Ensure this value is greater than or equal to 1.", attr=name, code="min_value")
    if number > MAX_NUMBER:
        raise invalid(f"Ensure this value is less than or equal to {MAX_NUMBER}.", attr=name, code="max_value")
    return number


ROUTES = (list_every_activity, list_insight_activity)
