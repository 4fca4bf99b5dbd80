"""Queries, definitions and accounts in the fake PostHog (facts/rest-api.md 8 and 12)."""

import json
from typing import Any

from tests.upstream_discovery import answer_discovery
from tests.upstream_world import Asked, Record, World, invalid, iso, missing, unparsable

QUERY_KEYS = {
    "query",
    "refresh",
    "client_query_id",
    "async",
    "filters_override",
    "variables_override",
    "name",
    "limit_context",
}


def answer_query(world: World, query: Record) -> Record:
    source = query.get("source", query) if query.get("kind") in ("InsightVizNode", "DataVisualizationNode") else query
    answer = {**_shell(world), **_find_answer(world, source)}
    if world.cache is not None:
        world.cache[cache_key(source)] = answer
    return answer


def cache_key(source: Record) -> str:
    return json.dumps(source, sort_keys=True)


def _find_answer(world: World, source: Record) -> Record:
    if (found := answer_discovery(world, source)) is not None:
        return found
    for canned in reversed(world.canned):
        if canned.matches(source):
            if canned.refusal is not None:
                raise canned.refusal
            return canned.answer
    return _default(source)


def _shell(world: World) -> Record:
    return {
        "results": [],
        "hasMore": False,
        "is_cached": False,
        "cache_key": "cache_1",
        "last_refresh": iso(world.now),
        "timezone": "UTC",
        "query_status": None,
        "error": None,
    }


def _default(source: Record) -> Record:
    if source["kind"] == "HogQLQuery":
        return {
            "results": [["$pageview", 42]],
            "columns": ["event", "n"],
            "types": [["event", "String"], ["n", "UInt64"]],
        }
    if source["kind"] in ("TrendsQuery", "filters"):
        days = ["2026-09-12", "2026-09-13", "2026-09-14"]
        series = {"label": "$pageview", "count": 6, "data": [1, 2, 3], "days": days, "labels": days, "action": {}}
        return {"results": [series]}
    return {"results": []}


def start_background(world: World, query: Record, query_id: str, insight_id: int | None = None) -> Record:
    status = {
        "id": query_id,
        "team_id": 1,
        "complete": False,
        "error": False,
        "error_message": None,
        "results": None,
        "start_time": iso(world.now),
        "query_async": True,
        "insight_id": insight_id,
    }
    world.running[query_id] = {"status": status, "query": query, "polls_left": world.background_polls or 0}
    return dict(status)


def post_query(world: World, asked: Asked) -> tuple[int, Record]:
    body = asked.body
    if not isinstance(body, dict) or set(body) - QUERY_KEYS:
        raise unparsable("Extra inputs are not permitted")
    query = body.get("query")
    if not isinstance(query, dict) or not isinstance(query.get("kind"), str):
        raise invalid("This field is required.", "query", "required")
    query = _laid_over(query, body.get("filters_override") or {})
    if world.background_polls is not None and ("async" in body.get("refresh", "") or body.get("async")):
        status = start_background(world, query, body.get("client_query_id") or "made-here")
        return 202, {**_shell(world), "results": None, "query_status": status}
    return 200, answer_query(world, query)


def _laid_over(query: Record, override: Record) -> Record:
    dates = {name: override[name] for name in ("date_from", "date_to") if name in override}
    return {**query, "dateRange": {**query.get("dateRange", {}), **dates}} if dates else query


def query_status(world: World, asked: Asked) -> tuple[int, Record]:
    entry = world.running.get(asked.parts["id"])
    if entry is None:
        raise missing(f"Query {asked.parts['id']} not found for team 1")
    status = entry["status"]
    if entry["polls_left"] > 0:
        entry["polls_left"] -= 1
        progress = {"bytes_read": 1000, "rows_read": 10, "estimated_rows_total": 40, "time_elapsed": 1.5}
        return 202, {"query_status": {**status, "query_progress": progress if asked.flag("show_progress") else None}}
    if world.background_error is not None:
        failed = {**status, "complete": True, "error": True, "error_message": world.background_error or None}
        return (400 if world.background_error else 500), {"query_status": failed}
    return 200, {"query_status": {**status, "complete": True, "results": answer_query(world, entry["query"])}}


def cancel_query(world: World, asked: Asked) -> Record:
    world.cancelled.append(asked.parts["id"])
    entry = world.running.pop(asked.parts["id"], None)
    return {"message": "Cancelled query on clickhouse" if entry else "Query already complete"}


def event_definitions(world: World, asked: Asked) -> Record:
    words = asked.params.get("search", "").lower().split()
    rows = [row for row in world.events if all(word in row["name"].lower() for word in words)]
    kind = asked.params.get("event_type")
    if kind in ("event_custom", "event_posthog"):
        rows = [row for row in rows if row["name"].startswith("$") == (kind == "event_posthog")]
    return asked.page(rows)


def property_definitions(world: World, asked: Asked) -> Record:
    kind = asked.params.get("type", "event")
    if kind == "group" and "group_type_index" not in asked.params:
        raise invalid("This field is required.", "group_type_index", "required")
    names = set(asked.array("event_names"))
    words = asked.params.get("search", "").lower().split()
    only = asked.params.get("properties")
    rows = []
    for row in world.properties:
        seen = bool(names & set(row["events"]))
        if (
            row["type"] == kind
            and all(word in row["name"].lower() for word in words)
            and (only is None or row["name"] in only.split(","))
            and (not names or seen or not asked.flag("filter_by_event_names"))
        ):
            mark = seen if names else None
            rows.append({**row["shown"], "is_seen_on_filtered_events": mark})
    return asked.page(rows)


def property_values(world: World, asked: Asked) -> Any:
    kind = {"events": "event", "persons": "person", "sessions": "session", "groups": "group"}[asked.parts["kind"]]
    values = world.values.get((kind, asked.params.get("key", "")), [])
    wanted = asked.params.get("value", "").lower()
    return [{"name": value} for value in values if wanted in str(value).lower()]


def me(world: World, asked: Asked) -> Record:
    organization = world.organization
    return {
        **world.users[asked.key.user_id],
        "is_staff": False,
        "team": world.projects[asked.project_id],
        "organization": {**organization, "teams": list(world.projects.values())},
        "organizations": [organization],
    }


def list_projects(world: World, asked: Asked) -> Record:
    return asked.page(list(world.projects.values()))


def one_project(world: World, asked: Asked) -> Record:
    return {**world.projects[asked.project_id], "session_recording_opt_in": False}


def list_organizations(world: World, asked: Asked) -> Record:
    return asked.page([world.organization])


def one_organization(world: World, asked: Asked) -> Record:
    if asked.parts["id"] not in (world.organization["id"], "@current"):
        raise missing()
    return {**world.organization, "teams": list(world.projects.values())}


def element_stats(world: World, asked: Asked) -> Record:
    include = asked.params.get_list("include")
    return {
        "results": [row for row in world.elements if not include or row["type"] in include],
        "next": None,
        "previous": None,
    }
