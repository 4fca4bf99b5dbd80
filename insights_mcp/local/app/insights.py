"""Insights: list, read, create, change (facts/rest-api.md 4, 5, 6)."""

from collections.abc import Mapping

from insights_mcp.local.answers.freshness import RefreshMode
from insights_mcp.local.app.csv import print_csv
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_context import QueryView, read_view
from insights_mcp.local.app.insight_filters import read_filter
from insights_mcp.local.app.insight_input import read_changes, read_new_insight
from insights_mcp.local.app.insight_queries import shown_query
from insights_mcp.local.app.insight_results import compute, read_refresh
from insights_mcp.local.app.insight_shapes import Around, basic_insight, full_insight, load_around
from insights_mcp.local.app.insight_writes import store_changes, store_new
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.problems import not_found
from insights_mcp.local.store.insight_lists import list_insights
from insights_mcp.local.store.insights import Insight, find_insight, get_insights

HIDDEN_DETAILS = ("created_by", "created_at", "last_modified_at", "last_modified_by")


@endpoint("GET", "/insights/", scope="insight:read", auth_failure=403, allows_share=True)
def list_all(call: Call) -> Answer:
    """List insights; results come from the cache unless a refresh is asked for."""
    wanted, page = read_filter(call), read_page(call)
    with call.backend.store.read() as db:
        listed = list_insights(db, call.team.id, wanted, page.limit, page.offset)
        insights = get_insights(db, listed.ids)
        around = load_around(db, insights)
    is_basic, refresh = call.query.flag("basic"), read_refresh(call)
    results = []
    for insight in insights:
        shown = basic_insight(insight, around) if is_basic else _show(call, insight, around, refresh, QueryView())
        if insight.id in listed.matches:
            shown["search_match_type"] = listed.matches[insight.id]
        results.append(_as_shared(call, shown))
    return _formatted(call, envelope(call, page, listed.count, results))


@endpoint("GET", "/insights/{id}/", scope="insight:read", auth_failure=403, allows_share=True)
def retrieve(call: Call) -> Answer:
    """Answer one insight by number or short_id."""
    with call.backend.store.read() as db:
        insight = need_insight(call, find_insight(db, call.team.id, call.path["id"]))
        around = load_around(db, [insight])
        if call.login and call.login.share and not _is_shared(call, insight, around):
            raise not_found()
        view = read_view(call, db, insight)
    if call.query.flag("basic"):
        return _formatted(call, _as_shared(call, basic_insight(insight, around)))
    shown = {**_show(call, insight, around, read_refresh(call), view), **view.tile_fields}
    return _formatted(call, _as_shared(call, shown))


@endpoint("POST", "/insights/", scope="insight:write", auth_failure=403)
def create(call: Call) -> Answer:
    """Create an insight."""
    given, refresh = read_new_insight(call), read_refresh(call)
    with call.backend.store.write() as db:
        insight = store_new(db, call.team.id, call.user.id, given, call.now)
        around = load_around(db, [insight])
    return Answer(_show(call, insight, around, refresh, QueryView()), 201)


@endpoint("PATCH PUT", "/insights/{id}/", scope="insight:write", auth_failure=403)
def update(call: Call) -> Answer:
    """Change an insight; `{"deleted": false}` also finds a deleted one and brings it back."""
    body = call.body.value()
    is_restoring = isinstance(body, dict) and body.get("deleted") is False
    with call.backend.store.read() as db:
        found = need_insight(call, find_insight(db, call.team.id, call.path["id"], include_deleted=is_restoring))
    given, refresh = read_changes(call, has_query=found.query is not None), read_refresh(call)
    with call.backend.store.write() as db:
        current = find_insight(db, call.team.id, str(found.id), include_deleted=is_restoring)
        insight = store_changes(db, need_insight(call, current), call.user.id, given, call.now)
        around = load_around(db, [insight])
    return Answer(_show(call, insight, around, refresh, QueryView()))


@endpoint("DELETE", "/insights/{id}/", scope="insight:write", auth_failure=403)
def destroy(_: Call) -> Answer:
    """Refuse: insights are deleted by PATCH (facts/rest-api.md 6). The body is empty, as upstream."""
    return empty(405)


def need_insight(call: Call, insight: Insight | None) -> Insight:
    """Return an insight that must exist. Raises Problem 404."""
    if insight is None or insight.team_id != call.team.id:
        raise not_found()
    return insight


def _show(call: Call, insight: Insight, around: Around, refresh: RefreshMode, view: QueryView) -> dict[str, object]:
    query = view.lay_over(shown_query(insight))
    return full_insight(insight, around, query, compute(call, insight.id, query, refresh))


def _is_shared(call: Call, insight: Insight, around: Around) -> bool:
    share = call.login.share if call.login else None
    if share is None:
        return False
    on_dashboards = {tile.dashboard_id for tile in around.tiles.get(insight.id, [])}
    return share.insight_id == insight.id or share.dashboard_id in on_dashboards


def _as_shared(call: Call, shown: dict[str, object]) -> dict[str, object]:
    """Leave out who made an insight and when, where its share hides such details."""
    share = call.login.share if call.login else None
    if share is None or not (share.settings or {}).get("hideExtraDetails"):
        return shown
    return {key: value for key, value in shown.items() if key not in HIDDEN_DETAILS}


def _formatted(call: Call, body: Mapping[str, object]) -> Answer:
    wanted = call.query.get("format") or "json"
    if wanted == "csv":
        return Answer(print_csv(body), media_type="text/csv")
    if wanted != "json":
        raise not_found()
    return Answer(body)


ROUTES = (list_all, retrieve, create, update, destroy)
