"""Dashboards: list, read with tiles, create, copy, change (facts/rest-api.md 12)."""

import json

from insights_mcp.local.app.dashboard_shapes import basic_dashboard, full_dashboard, load_board
from insights_mcp.local.app.dashboard_writes import copy_tiles, find_source, read_dashboard, store_dashboard
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_context import QueryView, read_override
from insights_mcp.local.app.insight_results import read_refresh
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.app.params import is_truthy
from insights_mcp.local.overrides import keep_named_variables
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import (
    Dashboard,
    DashboardFilter,
    create_dashboard,
    get_dashboard,
    list_dashboards,
    update_dashboard,
)
from insights_mcp.local.store.sharing import shared_ids
from insights_mcp.local.store.tags import get_tags
from insights_mcp.local.store.times import print_time
from insights_mcp.local.store.users import get_users

NOTHING_LAID_OVER = QueryView()
CREATION_MODES = ("default", "template", "duplicate", "unlisted")


@endpoint("GET", "/dashboards/", scope="dashboard:read")
def list_all(call: Call) -> Answer:
    """List dashboards without tiles, pinned ones first, then by name."""
    page, pinned = read_page(call), call.query.get("pinned")
    wanted = DashboardFilter(
        search=(call.query.get("search") or "").strip() or None,
        tags=_read_tags(call),
        creation_mode=call.query.get("creation_mode") or None,
        exclude_generated=call.query.flag("exclude_generated"),
        pinned=is_truthy(pinned) if pinned else None,
    )
    with call.backend.store.read() as db:
        found, count = list_dashboards(db, call.team.id, wanted, page.limit, page.offset)
        ids = [dashboard.id for dashboard in found]
        tags, shared = get_tags(db, "dashboard", ids), shared_ids(db, "dashboard", ids)
        users = get_users(db, [dashboard.created_by for dashboard in found])
    results = [
        basic_dashboard(
            dashboard,
            tags=tags.get(str(dashboard.id), []),
            is_shared=dashboard.id in shared,
            author=users.get(dashboard.created_by or 0),
        )
        for dashboard in found
    ]
    return Answer(envelope(call, page, count, results))


@endpoint("GET", "/dashboards/{id}/", scope="dashboard:read", allows_share=True)
def retrieve(call: Call) -> Answer:
    """Answer one dashboard with its tiles."""
    number = call.number("id")
    share = call.login.share if call.login else None
    if share is not None and share.dashboard_id != number:
        raise not_found()
    view = NOTHING_LAID_OVER
    if share is None:
        variables = keep_named_variables(read_override(call, "variables_override"))
        view = QueryView(read_override(call, "filters_override"), variables)
    with call.backend.store.write() as db:
        _need_dashboard(db, call, number)
        dashboard = update_dashboard(db, number, {"last_accessed_at": print_time(call.now)})
        board = load_board(db, dashboard)
    return Answer(full_dashboard(call, board, read_refresh(call), view))


@endpoint("POST", "/dashboards/", scope="dashboard:write")
def create(call: Call) -> Answer:
    """Create a dashboard: empty, or with the tiles of another one."""
    fields = call.fields
    given = read_dashboard(fields)
    template, source_id = fields.get("use_template"), fields.get("use_dashboard")
    if template and source_id:
        raise invalid("`use_dashboard` and `use_template` cannot be used together")
    if template:
        raise invalid(f"Invalid template provided: {template}", attr="use_template")
    with call.backend.store.write() as db:
        source = find_source(db, call.team.id, source_id) if source_id else None
        mode = "duplicate" if source else _creation_mode(fields.get("creation_mode"))
        new = create_dashboard(db, call.team.id, call.user.id, {"creation_mode": mode}, call.now)
        if source:
            duplicate = fields.get("duplicate_tiles") is True
            copy_tiles(db, source, new, call.user.id, call.now, duplicate=duplicate)
        board = load_board(db, store_dashboard(db, new, call.user.id, given, call.now))
    return Answer(full_dashboard(call, board, read_refresh(call), NOTHING_LAID_OVER), 201)


@endpoint("PATCH PUT", "/dashboards/{id}/", scope="dashboard:write")
def update(call: Call) -> Answer:
    """Change a dashboard and its tiles; `{"deleted": false}` brings a deleted one back."""
    fields = call.fields
    given, number = read_dashboard(fields), call.number("id")
    with call.backend.store.write() as db:
        dashboard = _need_dashboard(db, call, number, include_deleted=fields.get("deleted") is False)
        board = load_board(db, store_dashboard(db, dashboard, call.user.id, given, call.now))
    return Answer(full_dashboard(call, board, read_refresh(call), NOTHING_LAID_OVER))


@endpoint("DELETE", "/dashboards/{id}/", scope="dashboard:write")
def destroy(_: Call) -> Answer:
    """Refuse: dashboards are deleted by PATCH. The body is empty, as upstream."""
    return empty(405)


def _need_dashboard(db: Connection, call: Call, number: int, *, include_deleted: bool = False) -> Dashboard:
    dashboard = get_dashboard(db, call.team.id, number, include_deleted=include_deleted)
    if dashboard is None:
        raise not_found()
    return dashboard


def _creation_mode(value: object) -> str:
    return value if isinstance(value, str) and value in CREATION_MODES else "default"


def _read_tags(call: Call) -> list[str]:
    """Return tag names, given one per parameter or as a JSON array."""
    names: list[str] = []
    for text in call.query.get_all("tags"):
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        names += [str(name) for name in value] if isinstance(value, list) else [text]
    return names


ROUTES = (list_all, retrieve, create, update, destroy)
