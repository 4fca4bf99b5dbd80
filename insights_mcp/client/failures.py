"""An error answer of the API becomes one of our errors: by `code`, not by status (facts/rest-api.md 2.2, 2.3, 2.7).

The messages are ours; the API's own text stays apart in `detail`, as data.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from insights_mcp.client.exchange import Call, RawAnswer, Topic
from insights_mcp.client.refusals import Facts, denied, query_failed, unauthenticated
from insights_mcp.client.waiting import wait_named
from insights_mcp.errors import (
    ApiError,
    NotFound,
    PermissionDenied,
    QueryFailed,
    ServerFailed,
    Throttled,
    UnexpectedAnswer,
    ValidationFailed,
)

LONGEST_DETAIL = 2000
UNREADABLE = object()
# What ClickHouse says of a user's mistake (facts/rest-api.md 2.7); seen on queries and on insights alike.
QUERY_CODES = frozenset(
    {
        "cannot_parse_bool",
        "cannot_parse_uuid",
        "clickhouse_memory_limit_exceeded",
        "corrupted_parquet_metadata",
        "illegal_aggregation",
        "illegal_type_of_argument",
        "invalid_join_on_expression",
        "no_common_type",
        "not_an_aggregate",
        "number_of_arguments_doesnt_match",
        "s3_file_changed_during_read",
        "too_many_bytes",
        "type_mismatch",
        "unknown_function",
        "unknown_table",
    }
)
QUOTA_CODES = frozenset({"payment_required", "quota_limit_exceeded", "api_queries_quota_exceeded"})


@dataclass(frozen=True)
class Refusal:
    """What an error answer says, whichever shape it had."""

    status: int
    code: str | None
    detail: str | None
    attr: str | None
    extra: object
    host: str
    is_local: bool
    call: Call
    headers: Mapping[str, str]

    def facts(self) -> Facts:
        """Return the keyword arguments every ApiError takes."""
        return Facts(status=self.status, code=self.code, detail=self.detail, attr=self.attr, extra=self.extra)


def error_from(answer: RawAnswer, call: Call, *, base_url: str, is_local: bool, secret: str) -> ApiError:
    """Return the error that an answer with an error status means."""
    text = _without(secret, answer.content.decode("utf-8", "replace"))
    body = parse_json(text)
    if not isinstance(body, dict):
        return unexpected(answer, call, secret=secret)
    status_of_query = body.get("query_status")
    if isinstance(status_of_query, Mapping) and "detail" not in body:
        return query_failed(_text(status_of_query.get("error_message")), status=answer.status)
    refusal = Refusal(
        status=answer.status,
        code=_text(body.get("code")),
        # Sharing and some AI endpoints answer {"error": ...} (facts/rest-api.md 2.2, exceptions).
        detail=_text(body.get("detail") if "detail" in body else body.get("error")),
        attr=_text(body.get("attr")),
        extra=body.get("extra"),
        host=base_url,
        is_local=is_local,
        call=call,
        headers=answer.headers,
    )
    if refusal.detail is None and refusal.code is None:
        return unexpected(answer, call, secret=secret)
    return _BY_CODE.get(refusal.code or "", _by_status)(refusal)


def unexpected(answer: RawAnswer, call: Call, *, secret: str) -> UnexpectedAnswer:
    """Return the error for an answer that is not the API's JSON."""
    kind = answer.headers.get("content-type", "").split(";")[0]
    if not answer.content:
        what = "an empty answer"
    elif kind == "text/html" or answer.content.lstrip()[:1] == b"<":
        what = "a web page instead of the API's answer"
    else:
        what = "an answer that is not the API's, or not whole"
    if answer.status == 405:
        advice = "This server does not know that operation. Delete with a change of `deleted`, not with DELETE."
    elif answer.status >= 500:
        advice = "The server, or a proxy before it, is in trouble. Try again in a minute."
    elif 300 <= answer.status < 400:
        advice = "The server points to another address: set POSTHOG_HOST to the final one (https, right region)."
    else:
        advice = "Check POSTHOG_HOST: it should be the address of PostHog itself, without a path."
    return UnexpectedAnswer(
        f"{call.method} got {what} (status {answer.status}).",
        status=answer.status,
        detail=_without(secret, answer.content.decode("utf-8", "replace"))[:200] or None,
        advice=advice,
    )


def _by_status(refusal: Refusal) -> ApiError:
    status = refusal.status
    if refusal.code in QUERY_CODES:
        return _query(refusal)
    if status == 401:
        return unauthenticated(refusal.host, is_local=refusal.is_local, **refusal.facts())
    if status in _BY_STATUS:
        return _BY_STATUS[status](refusal)
    if status in (512, 513) or (refusal.call.topic is Topic.QUERY and _is_query_trouble(refusal)):
        return _query(refusal)
    if status < 500:
        return _invalid(refusal)
    return _failed(refusal)


def _is_query_trouble(refusal: Refusal) -> bool:
    detail = refusal.detail or ""
    return refusal.status in (400, 503, 504) or detail.startswith(("ClickHouse error", "Query size", "Queries are"))


def _query(refusal: Refusal) -> ApiError:
    return query_failed(
        refusal.detail, status=refusal.status, code=refusal.code, attr=refusal.attr, extra=refusal.extra
    )


def _invalid(refusal: Refusal) -> ApiError:
    # On queries a 400 without a field is the query's own trouble: HogQL, ClickHouse (facts/rest-api.md 2.7).
    if refusal.call.topic is Topic.QUERY and refusal.attr is None and refusal.code != "parse_error":
        return _query(refusal)
    what = f"the field `{refusal.attr}`" if refusal.attr else "the request"
    if refusal.code == "parse_error":
        what = "the query, which does not fit its schema"
    return ValidationFailed(
        f"The API refused {what}.",
        advice="Correct it as the detail says and ask again.",
        **refusal.facts(),
    )


def _missing(refusal: Refusal) -> ApiError:
    detail = refusal.detail or ""
    if detail.startswith("Project not found"):
        message, advice = "There is no such project for this key.", "Check POSTHOG_PROJECT_ID, or unset it."
    elif detail.startswith("Endpoint not found"):
        message, advice = "This server does not have that endpoint.", "It may be an older PostHog: update it."
    else:
        message = f"There is no {refusal.call.subject or 'such object'} in this project, or it is deleted."
        advice = "List what there is, and check that the project is the right one."
    return NotFound(message, advice=advice, **refusal.facts())


def _throttled(refusal: Refusal) -> ApiError:
    wait = wait_named(refusal.detail, refusal.headers)
    if "concurrency limit" in (refusal.detail or ""):
        message = "Too many queries run in this project at once."
        advice = "Wait until some are done, and run fewer at a time."
    else:
        message = "Too many requests: the API asks to slow down."
        advice = f"Ask again in {wait:.0f} seconds." if wait is not None else "Ask again in a minute."
    return Throttled(message, advice=advice, wait_seconds=wait, **refusal.facts())


def _quota(refusal: Refusal) -> ApiError:
    return QueryFailed(
        "The organization has used up what its plan lets the API read this month.",
        advice="Wait for the next billing month, or raise the limit in PostHog under Organization, Billing.",
        **refusal.facts(),
    )


def _failed(refusal: Refusal) -> ApiError:
    if refusal.code == "database_unavailable":
        message = "The server could not reach its database just now."
    else:
        message = f"{'The local backend' if refusal.is_local else 'PostHog'} failed (status {refusal.status})."
    return ServerFailed(
        message,
        advice="Try again in a minute.",
        **refusal.facts(),
    )


def _denied(refusal: Refusal) -> PermissionDenied:
    return denied(subject=refusal.call.subject, **refusal.facts())


def _unauthenticated(refusal: Refusal) -> ApiError:
    return unauthenticated(refusal.host, is_local=refusal.is_local, **refusal.facts())


_BY_CODE: dict[str, Callable[[Refusal], ApiError]] = {
    "authentication_failed": _unauthenticated,
    "not_authenticated": _unauthenticated,
    "permission_denied": _denied,
    "not_found": _missing,
    "throttled": _throttled,
    "database_unavailable": _failed,
    "parse_error": _invalid,
    **dict.fromkeys(QUERY_CODES, _query),
    **dict.fromkeys(QUOTA_CODES, _quota),
}
_BY_STATUS: dict[int, Callable[[Refusal], ApiError]] = {
    402: _quota,
    403: _denied,
    404: _missing,
    429: _throttled,
}


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "[key]") if secret else text


def parse_json(text: str | bytes) -> object:
    """Return the value of a JSON text, UNREADABLE when it is none.

    No error comes out of here: the parser's holds the whole text, and would go into tracebacks.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return UNREADABLE


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:LONGEST_DETAIL]
