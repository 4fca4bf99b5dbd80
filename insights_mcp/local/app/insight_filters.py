"""What a request lists insights by, read from its query string (facts/rest-api.md 4.1)."""

import json

from insights_mcp.local.app.http import MAX_ID, Call
from insights_mcp.local.app.moments import read_moment
from insights_mcp.local.app.params import is_truthy
from insights_mcp.local.problems import invalid
from insights_mcp.local.store.insight_lists import ORDERS, InsightFilter
from insights_mcp.local.store.times import print_time

MAX_SEARCH = 200


def read_filter(call: Call) -> InsightFilter:
    """Return the filters of a list request. Raises Problem for malformed JSON, a bad date or an unknown order."""
    query = call.query
    saved = query.get("saved")
    share = call.login.share if call.login else None
    return InsightFilter(
        search=_search(call),
        created_by=_created_by(call),
        favorited="favorited" in query,  # presence alone, as upstream
        saved=None if saved is None else is_truthy(saved),
        insight=query.get("insight") or None,
        modified_after=_time(call, "date_from"),
        modified_before=_time(call, "date_to"),
        created_after=_time(call, "created_date_from"),
        created_before=_time(call, "created_date_to"),
        viewed_after=_time(call, "last_viewed_date_from"),
        viewed_before=_time(call, "last_viewed_date_to"),
        dashboards=_numbers(call, "dashboards"),
        tags=_texts(call, "tags"),
        events=_texts(call, "events"),
        short_id=query.get("short_id") or None,
        feature_flag=query.get("feature_flag") or None,
        hide_feature_flag_insights=query.flag("hide_feature_flag_insights"),
        only_insight=share.insight_id if share else None,
        only_dashboard=share.dashboard_id if share else None,
        order=_order(call),
    )


def _search(call: Call) -> str | None:
    text = (call.query.get("search") or "").replace("\0", "").strip()
    if len(text) > MAX_SEARCH:
        detail = f"Search query must be {MAX_SEARCH} characters or fewer."
        raise invalid(detail, attr="search")
    return text or None


def _order(call: Call) -> str | None:
    order = call.query.get("order") or None
    if order is not None and order.removeprefix("-") not in ORDERS:
        detail = f"Cannot order by {order.removeprefix('-')[:60]!r}. Choices are: {', '.join(sorted(ORDERS))}."
        raise invalid(detail, attr="order")
    return order


def _created_by(call: Call) -> list[int]:
    if "user" in call.query and call.login and call.login.user:
        mine = call.login.user.id
        given = _numbers(call, "created_by")
        return [mine] if not given or mine in given else [0]  # nobody is user 0
    return _numbers(call, "created_by")


def _time(call: Call, name: str) -> str | None:
    moment = read_moment(call, name)
    return None if moment is None else print_time(moment)


def _numbers(call: Call, name: str) -> list[int]:
    values = _json_list(call, name)
    if not all(isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_ID for value in values):
        raise invalid(f"{name} must be a JSON array of numbers, for example [1, 2].", attr=name)
    return [value for value in values if isinstance(value, int)]


def _texts(call: Call, name: str) -> list[str]:
    values = _json_list(call, name)
    if not all(isinstance(value, str) for value in values):
        raise invalid(f'{name} must be a JSON array of strings, for example ["a", "b"].', attr=name)
    return [value for value in values if isinstance(value, str)]


def _json_list(call: Call, name: str) -> list[object]:
    text = (call.query.get(name) or "").strip()
    if not text:
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid(f"{name} must be a JSON array.", attr=name) from None
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]  # older clients sent a single number
    if not isinstance(value, list):
        raise invalid(f"{name} must be a JSON array.", attr=name)
    return value
