"""Insights, their activity, views, sharing and alerts in the fake PostHog (facts/rest-api.md 3 to 7, 9, 10)."""

import hashlib
from typing import Any

from tests.upstream_queries import answer_query, cache_key, start_background
from tests.upstream_world import Asked, Record, Refused, World, forbidden, invalid, iso, missing, moment, unparsable

VIZ_KINDS = {
    "TRENDS": "TrendsQuery",
    "FUNNELS": "FunnelsQuery",
    "RETENTION": "RetentionQuery",
    "PATHS": "PathsQuery",
    "STICKINESS": "StickinessQuery",
    "LIFECYCLE": "LifecycleQuery",
}
WRITABLE = {"name", "derived_name", "description", "query", "order", "favorited", "saved"}
TRACKED = {"name", "derived_name", "description", "query", "favorited", "deleted", "tags", "dashboards"}
BASIC = (
    "id",
    "short_id",
    "name",
    "derived_name",
    "filters",
    "query",
    "dashboards",
    "dashboard_tiles",
    "description",
    "last_refresh",
    "refreshing",
    "saved",
    "tags",
    "updated_at",
    "created_by",
    "created_at",
    "last_modified_at",
    "favorited",
    "user_access_level",
    "last_viewed_at",
)
SESSION_ONLY = "This action does not support personal API key access"


def new_insight(world: World, user_id: int, fields: Record) -> Record:
    number = world.next_id(world.insights)
    when = world.stamp()
    insight = {
        "id": number,
        "short_id": short_id(number),
        "name": None,
        "derived_name": None,
        "description": None,
        "query": None,
        "filters": {},
        "order": None,
        "deleted": False,
        "favorited": False,
        "saved": True,
        "tags": [],
        "created_at": when,
        "created_by": world.users[user_id],
        "updated_at": when,
        "last_modified_at": when,
        "last_modified_by": world.users[user_id],
        **fields,
    }
    world.insights[number] = insight
    return insight


def short_id(number: int) -> str:
    return "k" + hashlib.sha256(str(number).encode()).hexdigest()[:7]


def shown(world: World, insight: Record, *, basic: bool) -> Record:
    tiles = [tile for tile in world.tiles if tile["insight"] == insight["id"] and not tile["deleted"]]
    viewed = [when for (_, number), when in world.views.items() if number == insight["id"]]
    full = {
        **insight,
        "dashboards": [tile["dashboard_id"] for tile in tiles],
        "dashboard_tiles": [{"id": t["id"], "dashboard_id": t["dashboard_id"], "deleted": t["deleted"]} for t in tiles],
        "last_viewed_at": iso(max(viewed)) if viewed else None,
        "user_access_level": "editor",
        "refreshing": False,
        "last_refresh": None,
    }
    if world.is_old:
        full.pop("dashboard_tiles")
    if basic:
        return {name: full[name] for name in BASIC if name in full}
    full.pop("refreshing")
    nothing = dict.fromkeys(
        ("result", "columns", "types", "hogql", "hasMore", "cache_target_age", "next_allowed_client_refresh"), None
    )
    return {
        **nothing,
        "is_cached": False,
        "query_status": None,
        "timezone": None,
        "resolved_date_range": None,
        "alerts": [alert for alert in world.alerts if alert["insight"] == insight["id"]],
        "effective_restriction_level": 21,
        "effective_privilege_level": 37,
        **full,
        **_remembered(world, insight),
    }


def _remembered(world: World, insight: Record) -> Record:
    source = (insight["query"] or {}).get("source", insight["query"] or {})
    answer = (world.cache or {}).get(cache_key(source))
    if answer is None:
        return {}
    names = ("columns", "types", "hogql", "hasMore", "timezone", "resolved_date_range")
    found = {name: answer.get(name) for name in names}
    return {**found, "result": answer["results"], "is_cached": True, "last_refresh": answer["last_refresh"]}


def list_insights(world: World, asked: Asked) -> Record:
    found = [insight for insight in world.insights.values() if not insight["deleted"] and _fits(world, asked, insight)]
    return asked.page([shown(world, insight, basic=asked.flag("basic")) for insight in _ordered(world, asked, found)])


def _fits(world: World, asked: Asked, insight: Record) -> bool:
    given, boards = asked.params, shown(world, insight, basic=False)["dashboards"]
    search = given.get("search", "").strip().lower()
    if len(search) > 200:
        raise invalid("Search query must be 200 characters or fewer.", "search")
    texts = [insight["name"], insight["derived_name"], insight["description"], *insight["tags"]]
    creators, tags = asked.array("created_by"), asked.array("tags")
    checks = [
        not search or any(search in (text or "").lower() for text in texts),
        not creators or insight["created_by"]["id"] in creators,
        "user" not in given or insight["created_by"]["id"] == asked.key.user_id,
        "favorited" not in given or insight["favorited"],
        "saved" not in given or bool(insight["saved"] or boards) == asked.flag("saved"),
        "insight" not in given or _is_of_type(insight, given["insight"]),
        set(asked.array("dashboards")) <= set(boards),
        not tags or bool(set(tags) & set(insight["tags"])),
        "short_id" not in given or insight["short_id"] == given["short_id"],
    ]
    for name, column in (("date", "last_modified_at"), ("created_date", "created_at")):
        when = moment(insight[column], world.now)
        checks.append(f"{name}_from" not in given or when > moment(given[f"{name}_from"], world.now))
        checks.append(f"{name}_to" not in given or when < moment(given[f"{name}_to"], world.now))
    return all(checks)


def _is_of_type(insight: Record, wanted: str) -> bool:
    query = insight["query"] or {}
    source = query.get("source", {}).get("kind")
    if wanted == "SQL":
        return bool(source == "HogQLQuery")
    if wanted == "JSON":
        return bool(query) and source != "HogQLQuery" and source not in VIZ_KINDS.values()
    if not query:
        return bool(insight["filters"].get("insight") == wanted)
    return bool(source == VIZ_KINDS.get(wanted, "?"))


def _ordered(world: World, asked: Asked, insights: list[Record]) -> list[Record]:
    order = asked.params.get("order")
    if order is None:
        # Arbitrary upstream: here, an order nobody would rely on.
        return sorted(insights, key=lambda insight: insight["short_id"])
    name = order.removeprefix("-")

    def value(insight: Record) -> Any:
        found = shown(world, insight, basic=False).get(name)
        return found["id"] if isinstance(found, dict) else found

    if insights and name not in shown(world, insights[0], basic=False):
        raise Refused(500, "server_error", "error", "A server error occurred.")
    known = [insight for insight in insights if value(insight) is not None]
    unknown = [insight for insight in insights if value(insight) is None]
    ranked = sorted(known, key=value, reverse=order.startswith("-"))
    return ranked + unknown if order.startswith("-") else unknown + ranked


def find(world: World, text: str, *, deleted: bool = False) -> Record:
    for insight in world.insights.values():
        matches = str(insight["id"]) == text or (insight["short_id"] == text and not world.is_old)
        if matches and (deleted or not insight["deleted"]):
            return insight
    raise missing()


def retrieve(world: World, asked: Asked) -> Record:
    insight = find(world, asked.parts["id"])
    body = shown(world, insight, basic=asked.flag("basic"))
    refresh = asked.params.get("refresh", "force_cache")
    if refresh == "force_cache" or asked.flag("basic") or (world.is_old and refresh != "true"):
        return body
    query = insight["query"] or {"kind": "filters", **insight["filters"]}
    source = query.get("source", query)
    if world.background_polls is not None and "async" in refresh:
        status = start_background(world, source, f"cache_{insight['id']}", insight["id"])
        return {**body, "query_status": status}
    return {**body, **_computed(world, source)}


def _computed(world: World, source: Record) -> Record:
    try:
        answer = answer_query(world, source)
    except Refused as refused:
        if refused.status == 400:
            raise
        # Swallowed upstream (facts/rest-api.md 4.4).
        status = {"id": "x", "complete": True, "error": True, "error_message": refused.body["detail"]}
        return {"result": None, "is_cached": False, "last_refresh": None, "query_status": status}
    names = ("columns", "types", "hogql", "hasMore", "timezone", "resolved_date_range")
    return {
        "result": answer["results"],
        "is_cached": False,
        "last_refresh": iso(world.now),
        **{name: answer.get(name) for name in names},
    }


def create(world: World, asked: Asked) -> tuple[int, Record]:
    body = asked.body
    if not isinstance(body, dict):
        raise unparsable("Input should be a valid dictionary")
    if body.get("filters") and not body.get("query"):
        raise forbidden("Creating or updating insights with legacy filters is not available for this user.")
    if not body.get("query"):
        raise invalid("This field is required.", "query", "required")
    fields = _checked(world, asked, body)
    insight = new_insight(world, asked.key.user_id, fields)
    place(world, insight, body.get("dashboards", []))
    world.views[(asked.key.user_id, insight["id"])] = world.now
    if insight["name"] or insight["derived_name"]:
        log(world, asked.key.user_id, insight, "created", None)
    return 201, shown(world, insight, basic=False)


def _checked(world: World, asked: Asked, body: Record) -> Record:
    for name in ("name", "derived_name", "description"):
        if len(body.get(name) or "") > 400:
            raise invalid("Ensure this field has no more than 400 characters.", name, "max_length")
    for number in body.get("dashboards") or []:
        if number not in world.dashboards or world.dashboards[number]["deleted"]:
            raise invalid(f'Invalid pk "{number}" - object does not exist.', "dashboards", "does_not_exist")
    fields = {name: value for name, value in body.items() if name in WRITABLE}
    if "tags" in body:
        fields["tags"] = sorted({str(tag).strip().lower() for tag in body["tags"]})
    if "query" in fields and fields["query"] is not None:
        fields["query"] = _normalized(fields["query"], asked.headers.get("x-posthog-client") == "mcp")
    return fields


def _normalized(query: Any, wraps: bool) -> Record:
    if not isinstance(query, dict) or not isinstance(query.get("kind"), str):
        raise unparsable("1 validation error for QuerySchemaRoot\nkind\n  Field required")
    if wraps and query["kind"] == "HogQLQuery":
        return {"kind": "DataVisualizationNode", "source": without_nulls(query)}
    if wraps and query["kind"] in VIZ_KINDS.values():
        return {"kind": "InsightVizNode", "source": without_nulls(query)}
    return dict(without_nulls(query)) if wraps else dict(query)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def place(world: World, insight: Record, dashboards: list[int]) -> None:
    for tile in world.tiles:
        if tile["insight"] == insight["id"]:
            tile["deleted"] = tile["dashboard_id"] not in dashboards
    placed = {tile["dashboard_id"] for tile in world.tiles if tile["insight"] == insight["id"]}
    for number in dashboards:
        if number not in placed:
            tile_id = len(world.tiles) + 1
            world.tiles.append({"id": tile_id, "dashboard_id": number, "insight": insight["id"], "deleted": None})


def update(world: World, asked: Asked) -> Record:
    body = asked.body
    restores = body.get("deleted") is False
    insight = find(world, asked.parts["id"], deleted=restores)
    before = shown(world, insight, basic=False)
    fields = _checked(world, asked, body)
    insight.update({"saved": True, **fields, "updated_at": world.stamp()})
    if any(name in fields for name in ("name", "description", "query")):
        insight.update(last_modified_at=insight["updated_at"], last_modified_by=world.users[asked.key.user_id])
    if "deleted" in body:
        insight["deleted"] = bool(body["deleted"])
    if insight["deleted"]:
        place(world, insight, [])
    elif body.get("dashboards") is not None:
        place(world, insight, body["dashboards"])
    _log_changes(world, asked.key.user_id, insight, before)
    return shown(world, insight, basic=False)


def _log_changes(world: World, user_id: int, insight: Record, before: Record) -> None:
    after = shown(world, insight, basic=False)
    for state in (before, after):
        state["dashboards"] = [{"id": one, "name": world.dashboards[one]["name"]} for one in state["dashboards"]]
    changes = [
        {"type": "Insight", "action": "changed", "field": name, "before": before[name], "after": after[name]}
        for name in sorted(TRACKED)
        if before[name] != after[name]
    ]
    if not changes:
        return
    activity = "updated"
    if before["deleted"] != after["deleted"]:
        activity = "deleted" if after["deleted"] else "restored"
    log(world, user_id, insight, activity, changes)


def log(world: World, user_id: int, insight: Record, activity: str, changes: list[Record] | None) -> None:
    user = world.users[user_id]
    world.activity.append(
        {
            "id": f"00000000-0000-0000-0000-{len(world.activity):012d}",
            "user": {"first_name": user["first_name"], "email": user["email"]},
            "activity": activity,
            "scope": "Insight",
            "item_id": str(insight["id"]),
            "created_at": iso(world.now),
            "detail": {
                "changes": changes,
                "trigger": None,
                "type": None,
                "name": insight["name"] or insight["derived_name"],
                "short_id": insight["short_id"],
            },
        }
    )


def activity(world: World, asked: Asked) -> Record:
    rows = list(reversed(world.activity))
    if "id" in asked.parts:
        number = str(find(world, asked.parts["id"])["id"])
        rows = [row for row in rows if row["item_id"] == number]
    limit, page = int(asked.params.get("limit", "10")), int(asked.params.get("page", "1"))
    start = (page - 1) * limit
    if start and start >= len(rows):
        raise missing("Invalid page.")
    more = start + limit < len(rows)
    return {
        "results": rows[start : start + limit],
        "next": str(asked.url.copy_merge_params({"page": page + 1, "limit": limit})) if more else None,
        "previous": str(asked.url.copy_merge_params({"page": page - 1, "limit": limit})) if page > 1 else None,
        "total_count": len(rows),
    }


def viewed(world: World, asked: Asked) -> tuple[int, None]:
    if "id" in asked.parts:
        numbers = [find(world, asked.parts["id"])["id"]]
    else:
        numbers = asked.body.get("insight_ids")
        if not numbers:
            raise invalid("This field is required.", "insight_ids", "required")
    for number in numbers:
        if number in world.insights:
            world.views[(asked.key.user_id, number)] = world.tick()
    return 201, None


def trending(world: World, asked: Asked) -> Any:
    rows = []
    for insight in world.insights.values():
        viewers = [world.users[user] for (user, number) in world.views if number == insight["id"]]
        if viewers and not insight["deleted"]:
            basic = shown(world, insight, basic=True)
            rows.append({**basic, "view_count": len(viewers), "viewers": viewers[:3]})
    rows.sort(key=lambda row: (-row["view_count"], row["last_modified_at"]))
    rows = rows[: int(asked.params.get("limit", "10"))]
    return rows if world.is_old else {"count": len(rows), "next": None, "previous": None, "results": rows}


def generate_metadata(world: World, asked: Asked) -> Record:
    query = asked.body.get("query")
    if query is None:
        raise invalid("Missing 'query' field in request body")
    if query.get("kind") not in ("InsightVizNode", "ActorsQuery", "EventsQuery", "GroupsQuery"):
        raise invalid("Invalid query format")
    return {"name": "Pageviews Over Time", "description": "How many pages people looked at."}


def share_of(world: World, asked: Asked) -> tuple[Record, Record]:
    if not asked.parts["id"].isdecimal():
        raise missing("Insight not found.")
    insight = find(world, asked.parts["id"])
    share = world.sharing.setdefault(
        insight["id"],
        {
            "created_at": iso(world.now),
            "enabled": False,
            "access_token": f"token-{insight['id']}-1",
            "settings": {},
            "password_required": False,
            "share_passwords": [],
        },
    )
    return insight, share


def sharing(world: World, asked: Asked) -> Record:
    insight, share = share_of(world, asked)
    if asked.method == "PATCH":
        share.update(
            {name: asked.body[name] for name in ("enabled", "settings", "password_required") if name in asked.body}
        )
        on = share["enabled"]
        change = {"type": "Insight", "action": "changed", "field": "sharing", "before": not on, "after": on}
        log(world, asked.key.user_id, insight, f"sharing {'enabled' if on else 'disabled'}", [change])
    return share


def refresh_share(world: World, asked: Asked) -> Record:
    _, share = share_of(world, asked)
    stem, _, number = share["access_token"].rpartition("-")
    share["access_token"] = f"{stem}-{int(number) + 1}"
    return share


def add_password(world: World, asked: Asked) -> Any:
    _, share = share_of(world, asked)
    if not share["password_required"]:
        return 400, {"error": "Password protection must be enabled before creating passwords"}
    raw = asked.body.get("raw_password", "generated-password")
    if len(raw) < 8:
        raise invalid("Password must be at least 8 characters long.", "raw_password")
    made = {"id": f"p{len(share['share_passwords']) + 1}", "note": asked.body.get("note"), "created_at": iso(world.now)}
    share["share_passwords"].append({**made, "is_active": True})
    return 201, {**made, "password": raw, "created_by_email": "ada@example.com"}


def remove_password(world: World, asked: Asked) -> tuple[int, None]:
    _, share = share_of(world, asked)
    for password in share["share_passwords"]:
        if password["id"] == asked.parts["password"]:
            share["share_passwords"].remove(password)
            return 204, None
    raise missing("Password not found")


def list_alerts(world: World, asked: Asked) -> Record:
    wanted = asked.params.get("insight_id")
    return asked.page([alert for alert in world.alerts if wanted is None or str(alert["insight"]) == wanted])


def list_thresholds(world: World, asked: Asked) -> Record:
    number = find(world, asked.parts["id"])["id"]
    return asked.page([row for row in world.thresholds if row["insight"] == number])


def one_threshold(world: World, asked: Asked) -> Record:
    for row in world.thresholds:
        if row["id"] == asked.parts["threshold"]:
            return row
    raise missing()
