"""POST, GET and DELETE /query/ (facts/rest-api.md 8)."""

from collections.abc import Mapping

from insights_mcp.local.answers.freshness import REFRESH_MODES, RefreshMode
from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.problems import Problem, invalid, unparsable
from insights_mcp.local.query_service import response_of
from insights_mcp.schema.text import nearest

_KEYS = (
    "query",
    "refresh",
    "client_query_id",
    "async",
    "filters_override",
    "variables_override",
    "name",
    "limit_context",
)


@endpoint("POST", "/query/", scope="query:read", auth_failure=403)
def run_query(call: Call) -> Answer:
    """Answer a query, or start it in the background."""
    return _run(call)


@endpoint("POST", "/query/{id}/", scope="query:read", auth_failure=403)
def run_query_of_kind(call: Call) -> Answer:
    """Answer a query of the kind in the path."""
    kind = call.path["id"]  # POST names a kind where GET and DELETE name a query
    given = _read_query(call).get("kind")
    if given != kind:
        detail = f'Query kind mismatch: path kind "{kind}" does not match body kind "{given}".'
        raise Problem(400, "validation_error", "invalid_input", detail)
    return _run(call)


@endpoint("GET", "/query/{id}/", scope="query:read", auth_failure=403)
def get_query_status(call: Call) -> Answer:
    """Tell how a background query stands: 202 while it runs, 200, or 400 and 500 when it failed."""
    job = call.backend.queries.status(call.team, call.path["id"])
    shows_progress = (call.query.get("show_progress") or "").lower() in ("true", "1")
    status = call.backend.queries.progress(job) if shows_progress else job.status()
    if not job.is_complete:
        return Answer({"query_status": status}, status=202)
    if job.problem is None:
        return Answer({"query_status": status})
    return Answer({"query_status": status}, status=400 if job.problem.status < 500 else 500)


@endpoint("DELETE", "/query/{id}/", scope="query:read", auth_failure=403)
def cancel_query(call: Call) -> Answer:
    """Cancel a query by its id. An unknown id is no error."""
    dequeue_only = (call.query.get("dequeue_only") or "").lower() in ("true", "1")
    return Answer({"message": call.backend.queries.cancel(call.team, call.path["id"], dequeue_only)})


def _run(call: Call) -> Answer:
    fields = call.fields
    _refuse_unknown(fields)
    answer = call.backend.queries.answer(
        call.team,
        _read_query(call),
        refresh=_read_refresh(fields),
        client_query_id=_read_text(fields, "client_query_id"),
        filters_override=_read_object(fields, "filters_override"),
        variables_override=_read_object(fields, "variables_override"),
        limit_context=_read_text(fields, "limit_context"),
    )
    is_running = answer.query_status is not None and not answer.query_status["complete"]
    return Answer(response_of(answer), status=202 if is_running else 200)


def _refuse_unknown(fields: Mapping[str, object]) -> None:
    for key in fields:
        if key not in _KEYS and key != "personal_api_key":
            likely = nearest(key, _KEYS)
            hint = f" Did you mean {likely}?" if likely else f" Allowed: {', '.join(_KEYS)}."
            raise unparsable(f"{key}: Extra inputs are not permitted.{hint}")


def _read_query(call: Call) -> Mapping[str, object]:
    query = call.fields.get("query")
    if query is None:
        raise invalid("This field is required.", attr="query", code="required")
    if not isinstance(query, dict):
        raise unparsable("query: must be a JSON object with a kind.")
    return query


def _read_refresh(fields: Mapping[str, object]) -> RefreshMode:
    """Return the refresh mode. Here force_cache calculates what is missing, like blocking (facts/rest-api.md 8.1)."""
    given = fields.get("refresh")
    if given is None or given is False:
        return "async" if fields.get("async") is True else "blocking"
    if given is True:
        return "force_blocking"
    if given == "force_cache":
        return "blocking"
    if given not in REFRESH_MODES:
        raise unparsable(f"refresh: must be one of {', '.join(REFRESH_MODES)}.")
    return given


def _read_text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise unparsable(f"{name}: must be a string.")


def _read_object(fields: Mapping[str, object], name: str) -> Mapping[str, object] | None:
    value = fields.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise unparsable(f"{name}: must be an object.")


ROUTES = (run_query, run_query_of_kind, get_query_status, cancel_query)
