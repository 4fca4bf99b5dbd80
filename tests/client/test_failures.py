"""Refusals become our errors by code, not by status (facts/rest-api.md 2.2, 2.3, 2.4, 2.6, 2.7)."""

from typing import Any

import pytest

from insights_mcp.errors import (
    ApiError,
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
    QueryFailed,
    ServerFailed,
    Throttled,
    UnexpectedAnswer,
    ValidationFailed,
)
from insights_mcp.schema.insights import InsightPatch, InsightWrite
from tests.upstream import KEY, Key, Upstream, answered, envelope, throttled, trends

pytestmark = pytest.mark.anyio
HOGQL = {"kind": "HogQLQuery", "query": "select 1"}


@pytest.fixture
def upstream() -> Upstream:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    return upstream


async def refusal(upstream: Upstream, on: str = "/insights/1/", **options: Any) -> ApiError:
    async with upstream.client(project_id=1, **options) as api:
        with pytest.raises(ApiError) as caught:
            await (api.queries.run(HOGQL) if "query" in on else api.insights.get(1))
    return caught.value


CASES: list[tuple[str, int, str, str, str | None, type[ApiError], str]] = [
    ("bad key, 401", 401, "authentication_failed", "is invalid.", None, AuthenticationFailed, "eu region"),
    ("bad key, 403", 403, "authentication_failed", "is invalid.", None, AuthenticationFailed, "POSTHOG_HOST=eu"),
    ("no key, 403", 403, "not_authenticated", "not provided.", None, AuthenticationFailed, "POSTHOG_API_KEY"),
    ("scope", 403, "permission_denied", "API key missing required scope 'insight:read'", None, PermissionDenied, "Add"),
    ("membership", 403, "permission_denied", "You don't have access to the project.", None, PermissionDenied, "member"),
    (
        "project limit",
        403,
        "permission_denied",
        "API key does not have access to the requested project: ID 5.",
        None,
        PermissionDenied,
        "POSTHOG_PROJECT_ID",
    ),
    (
        "organization limit",
        403,
        "permission_denied",
        "API key does not have access to the requested organization: ID x.",
        None,
        PermissionDenied,
        "organization",
    ),
    (
        "session only, old wording",
        403,
        "permission_denied",
        "This action does not support Personal API Key access",
        None,
        PermissionDenied,
        "no scope will change",
    ),
    (
        "restricted dashboard",
        403,
        "permission_denied",
        "This insight is on a dashboard that can only be edited by its owner, team members ...",
        None,
        PermissionDenied,
        "dashboard's owner",
    ),
    ("other right", 403, "permission_denied", "Because.", None, PermissionDenied, "insight 1"),
    ("missing", 404, "not_found", "Not found.", None, NotFound, "no insight 1"),
    ("project", 404, "not_found", "Project not found.", None, NotFound, "POSTHOG_PROJECT_ID"),
    ("endpoint", 404, "not_found", "Endpoint not found.", None, NotFound, "older PostHog"),
    ("field", 400, "max_length", "Ensure this field has ...", "name", ValidationFailed, "`name`"),
    ("schema", 400, "parse_error", "1 validation error for ...", None, ValidationFailed, "schema"),
    ("method", 405, "method_not_allowed", 'Method "X" not allowed.', None, ValidationFailed, "refused"),
    ("media type", 415, "unsupported_media_type", "Unsupported", None, ValidationFailed, "refused"),
    ("conflict", 409, "conflict", "Conflict.", None, ValidationFailed, "refused"),
    ("quota", 402, "api_queries_quota_exceeded", "Exceeded", None, QueryFailed, "this month"),
    ("payment", 402, "payment_required", "Pay", None, QueryFailed, "Billing"),
    ("crash", 500, "error", "A server error occurred.", None, ServerFailed, "status 500"),
    ("database", 503, "database_unavailable", "We couldn't reach ...", None, ServerFailed, "database"),
    (
        "memory",
        513,
        "clickhouse_memory_limit_exceeded",
        "This query ran out of memory ...",
        None,
        QueryFailed,
        "memory",
    ),
    ("bytes", 400, "too_many_bytes", "Limit for bytes", None, QueryFailed, "more data"),
    ("function", 400, "unknown_function", "Unknown function foo", None, QueryFailed, "detail"),
]


@pytest.mark.parametrize(
    ("status", "code", "detail", "attr", "kind", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
async def test_code_decides_what_a_refusal_means(
    upstream: Upstream, status: int, code: str, detail: str, attr: str | None, kind: type[ApiError], says: str
) -> None:
    upstream.fail_next(envelope(status, code, detail, attr), on="/insights/1/", times=9)
    error = await refusal(upstream)

    assert type(error) is kind
    assert says in str(error)
    assert detail not in str(error)
    assert (error.status, error.code, error.detail, error.attr) == (status, code, detail, attr)


QUERY_CASES: list[tuple[str, int, str, str, type[ApiError], str]] = [
    ("busy", 503, "error", "Queries are a little too busy right now. ...", QueryFailed, "heavy load"),
    ("busy in 2025", 500, "error", "Queries are a little too busy right now. ...", QueryFailed, "heavy load"),
    ("too slow", 512, "error", "Estimated query execution time (99 seconds) is too long.", QueryFailed, "longer"),
    ("timeout", 504, "error", "Query has hit the max execution time before completing.", QueryFailed, "longer"),
    ("out of memory", 513, "clickhouse_memory_limit_exceeded", "This query ran out of memory", QueryFailed, "memory"),
    ("heavy load", 513, "clickhouse_memory_limit_exceeded", "We're under heavy load right", QueryFailed, "minutes"),
    ("memory in older builds", 504, "clickhouse_memory_limit_exceeded", "This query ran out", QueryFailed, "memory"),
    ("size", 500, "error", "Query size exceeded.", QueryFailed, "too long"),
    ("ClickHouse", 500, "error", "ClickHouse error while executing query.", QueryFailed, "simpler"),
    ("HogQL", 400, "invalid_input", "Unable to resolve field: timeout", QueryFailed, "as the detail says"),
    ("schema", 400, "parse_error", "Extra inputs are not permitted", ValidationFailed, "schema"),
    ("crash", 500, "error", "A server error occurred.", ServerFailed, "status 500"),
]


@pytest.mark.parametrize(
    ("status", "code", "detail", "kind", "says"),
    [case[1:] for case in QUERY_CASES],
    ids=[case[0] for case in QUERY_CASES],
)
async def test_failed_query_says_why_and_what_to_change(
    upstream: Upstream, status: int, code: str, detail: str, kind: type[ApiError], says: str
) -> None:
    upstream.fail_next(envelope(status, code, detail), on="/query/")
    error = await refusal(upstream, on="query")

    assert type(error) is kind
    assert says in str(error)
    assert len(upstream.asked("POST", "/query/")) == 1


async def test_hogql_positions_are_kept(upstream: Upstream) -> None:
    extra = {"hogql_metadata": {"errors": [{"message": "?", "start": 7, "end": 10}]}}
    body = {"type": "validation_error", "code": "invalid_input", "detail": "no", "attr": None, "extra": extra}
    upstream.fail_next(answered(400, json=body), on="/query/")

    assert (await refusal(upstream, on="query")).extra == extra


async def test_missing_scope_is_named_with_where_to_add_it(upstream: Upstream) -> None:
    upstream.keys[KEY] = Key(frozenset({"insight:read", "user:read"}))
    async with upstream.client() as api:
        await api.insights.get(1)
        with pytest.raises(PermissionDenied, match="Settings, Personal API keys") as caught:
            await api.insights.update(1, InsightPatch(name="B"))

    assert caught.value.scope == "insight:write"


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("https://us.posthog.com", "us region does not know"),
        ("https://eu.posthog.com", "POSTHOG_HOST=us"),
        ("https://posthog.example.com", "of this server"),
    ],
)
async def test_unknown_key_says_which_region_to_try(host: str, says: str) -> None:
    async with Upstream(host).client("phx_unknown") as api:
        with pytest.raises(AuthenticationFailed, match=says):
            await api.users.me()


async def test_local_backend_that_refuses_the_key_is_named() -> None:
    async with Upstream("http://localhost").client("phx_unknown", has_pages=False) as api:
        with pytest.raises(AuthenticationFailed, match="local backend refused"):
            await api.users.me()


async def test_body_with_only_an_error_text_is_read_by_status(upstream: Upstream) -> None:
    detail = "Password management requires the Advanced Permissions feature"
    upstream.fail_next(answered(403, json={"error": detail}), on="/passwords/")
    upstream.fail_next(answered(400, json={"error": "Password protection must be enabled"}), on="/passwords/")
    async with upstream.client() as api:
        with pytest.raises(PermissionDenied, match="paid feature") as denied:
            await api.sharing.create_password(1)
        with pytest.raises(ValidationFailed) as invalid:
            await api.sharing.create_password(1)

    assert denied.value.detail == detail
    assert invalid.value.detail == "Password protection must be enabled"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (answered(200, html="<html>Sign in</html>"), "a web page instead"),
        (answered(404, html="<!doctype html>nothing here"), "Check POSTHOG_HOST"),
        (answered(500, html="<html>oops"), "in trouble"),
        (answered(405), "an empty answer"),
        (answered(200), "an empty answer"),
        (answered(200, text='{"id": 1, "na'), "or not whole"),
        (answered(200, json=["not", "an", "object"]), "not an object"),
        (answered(200, json={"id": "no number"}), "not the API's Insight"),
        (answered(400, json={"unknown": "shape"}), "or not whole"),
        (answered(400, json="text"), "or not whole"),
    ],
    ids=["page", "404 page", "500 page", "empty 405", "empty 200", "cut", "array", "other", "shape", "text"],
)
async def test_answer_that_is_not_the_apis_is_unexpected(upstream: Upstream, answer: Any, says: str) -> None:
    upstream.fail_next(answer, on="/insights/1/")
    error = await refusal(upstream)

    assert type(error) is UnexpectedAnswer
    assert says in str(error)


async def test_list_that_is_no_list_is_unexpected(upstream: Upstream) -> None:
    upstream.fail_next(answered(200, json={"results": "?"}), on="/insights/$")
    async with upstream.client() as api:
        with pytest.raises(UnexpectedAnswer, match="not a list"):
            await api.insights.list()


async def test_refused_create_is_one_request(upstream: Upstream) -> None:
    async with upstream.client() as api:
        with pytest.raises(ValidationFailed) as caught:
            await api.insights.create(InsightWrite(name="A", query=trends(), dashboards=[99]))

    assert caught.value.attr == "dashboards"
    assert caught.value.detail == 'Invalid pk "99" - object does not exist.'
    assert len(upstream.asked("POST", "/insights/")) == 1


async def test_concurrency_limit_of_the_query_endpoint_is_throttling(upstream: Upstream) -> None:
    detail = "Exceeded maximum concurrency limit: 3 for key: api:query:per-team:1 and task: x"
    upstream.fail_next(throttled(None, detail=detail), on="/query/", times=9)
    error = await refusal(upstream, on="query")

    assert type(error) is Throttled
    assert "at once" in str(error)
    assert error.wait_seconds is None


async def test_long_foreign_text_is_cut(upstream: Upstream) -> None:
    upstream.fail_next(envelope(400, "parse_error", "x" * 100_000), on="/insights/1/")

    assert len((await refusal(upstream)).detail or "") == 2000
