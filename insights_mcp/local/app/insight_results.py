"""Results of an insight: from the cache, computed now, or an error told inside a 200 (facts/rest-api.md 4.3, 4.4)."""

from collections.abc import Mapping
from uuid import uuid4

from insights_mcp.local.answers.freshness import REFRESH_MODES, RefreshMode
from insights_mcp.local.app.http import Call
from insights_mcp.local.app.insight_queries import is_valid
from insights_mcp.local.problems import Problem

NO_RESULTS: Mapping[str, object] = {
    "last_refresh": None,
    "cache_target_age": None,
    "next_allowed_client_refresh": None,
    "result": None,
    "hasMore": None,
    "columns": None,
    "timezone": None,
    "is_cached": False,
    "query_status": None,
    "hogql": None,
    "types": None,
    "resolved_date_range": None,
    "filters_hash": None,
}


def read_refresh(call: Call) -> RefreshMode:
    """Return the asked refresh mode; what is not a mode means force_cache, without a word (facts/rest-api.md 4.3)."""
    given: object = call.query.get("refresh")
    if given is None and call.body.raw and call.method != "GET":
        given = call.fields.get("refresh")
    if given is True or (isinstance(given, str) and given.lower() in ("true", "1", "yes", "")):
        mode: RefreshMode = "force_blocking"
    else:
        mode = next((known for known in REFRESH_MODES if known == given), "force_cache")
    if call.login and call.login.share:
        return "blocking" if mode == "force_blocking" else "lazy_async"
    return mode


def compute(
    call: Call, insight_id: int, query: Mapping[str, object] | None, refresh: RefreshMode
) -> Mapping[str, object]:
    """Return the result fields of an insight.

    Raises Problem only for mistakes in the query itself; whatever else goes wrong is told in `query_status`.
    """
    if query is None or not is_valid(query):
        return NO_RESULTS
    try:
        answer = call.backend.queries.answer(
            call.team, query, refresh=refresh, client_query_id=call.query.get("client_query_id"), insight_id=insight_id
        )
    except Problem as problem:
        if refresh == "force_cache":
            return NO_RESULTS  # a kind that cannot be computed here may still be listed
        if problem.status == 400:
            raise
        return _failed(call, problem)
    return {
        "last_refresh": answer.last_refresh,
        "cache_target_age": answer.cache_target_age,
        "next_allowed_client_refresh": answer.next_allowed_client_refresh,
        "result": answer.results,
        "hasMore": answer.has_more,
        "columns": answer.columns,
        "timezone": call.team.timezone if refresh != "force_cache" else answer.timezone,
        "is_cached": answer.is_cached,
        "query_status": answer.query_status,
        "hogql": answer.hogql,
        "types": answer.types,
        "resolved_date_range": answer.resolved_date_range,
        "filters_hash": answer.cache_key,
    }


def _failed(call: Call, problem: Problem) -> Mapping[str, object]:
    is_busy = problem.status == 429
    status = {
        "id": call.query.get("client_query_id") or uuid4().hex,
        "team_id": call.team.id,
        "complete": True,
        "error": True,
        "error_message": "concurrency_limit_exceeded" if is_busy else problem.detail,
        "results": None,
        "query_async": False,
    }
    return {**NO_RESULTS, "last_refresh": call.now if is_busy else None, "query_status": status}
