"""The key stays in the header; the host stays the one that was set; ids stay in their place."""

import logging
import traceback
from typing import Any

import httpx
import pytest

from insights_mcp.client import Endpoint, PostHogClient
from insights_mcp.client.transport import local_transport
from insights_mcp.errors import InputError, InsightsError, NotFound, UnexpectedAnswer
from insights_mcp.schema.insights import InsightWrite
from tests.upstream import KEY, Upstream, answered, envelope, lost, refused, throttled, trends

pytestmark = pytest.mark.anyio


def everything_said(error: BaseException) -> str:
    """Return all that a log, a traceback or a debugger's repr would show of an error and its causes."""
    said = ["".join(traceback.format_exception(error))]
    seen: BaseException | None = error
    while seen is not None:
        said += [repr(seen), str(seen), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(said)


FAILURES = {
    "refused": refused(),
    "lost": lost(acts=False),
    "echo": envelope(400, "invalid_input", f"You sent {KEY}, which is wrong."),
    "page with the key": answered(200, html=f"<html>Bearer {KEY}"),
    "crash": envelope(500, "error", "A server error occurred."),
    "throttled": throttled(3),
    "bad key": envelope(401, "authentication_failed", "Personal API key is invalid."),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_no_error_shows_the_key(failure: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    upstream = Upstream()
    upstream.fail_next(failure, times=99)
    async with upstream.client(project_id=1) as api:
        for call in (
            lambda: api.insights.get(1),
            lambda: api.queries.run({"kind": "HogQLQuery", "query": "select 1"}),
            lambda: api.insights.create(InsightWrite(name="A", query=trends())),
        ):
            with pytest.raises(InsightsError) as caught:
                await call()
            said = everything_said(caught.value)
            assert KEY not in said
            assert "https://" not in str(caught.value)

    assert KEY not in caplog.text


def test_no_repr_shows_the_key() -> None:
    client = PostHogClient("https://us.posthog.com", KEY)
    shown = [client, *vars(client).values(), Endpoint("/tmp/socket", KEY)]

    assert all(KEY not in repr(part) for part in shown)


@pytest.mark.parametrize("key", ["phx_a b", "phx_a\nHost: evil", "phx_ü"])
def test_key_that_no_header_carries_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InputError) as caught:
        PostHogClient("https://us.posthog.com", key)

    assert key not in everything_said(caught.value)


async def test_key_from_an_endpoint_is_checked_too() -> None:
    async def locate() -> Endpoint:
        return Endpoint("/nowhere", "bad\nkey")

    async with PostHogClient("http://localhost", "", transport=local_transport(locate), has_pages=False) as api:
        with pytest.raises(InsightsError) as caught:
            await api.users.me()

    assert "bad\nkey" not in everything_said(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/api/projects/1/insights/1/",
        "//evil.example/x",
        "http://us.posthog.com/api/projects/1/insights/1/",
        "https://us.posthog.com:8443/x",
    ],
)
async def test_redirect_elsewhere_is_not_followed(target: str) -> None:
    upstream = Upstream()
    upstream.fail_next(answered(302, headers={"Location": target}), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        with pytest.raises(UnexpectedAnswer, match="POSTHOG_HOST"):
            await api.insights.get(1)

    assert [str(request.url) for request in upstream.requests] == ["https://us.posthog.com/api/projects/1/insights/1/"]


async def test_redirect_within_the_host_is_followed() -> None:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    upstream.fail_next(answered(301, headers={"Location": "/api/projects/1/insights/1/"}), on="/insights/77/")
    async with upstream.client(project_id=1) as api:
        assert (await api.insights.get(77)).name == "A"


async def test_redirect_in_circles_ends() -> None:
    upstream = Upstream()
    upstream.fail_next(answered(302, headers={"Location": "/api/projects/1/insights/1/"}), on="/insights/1/", times=99)
    async with upstream.client(project_id=1) as api:
        with pytest.raises(UnexpectedAnswer):
            await api.insights.get(1)


async def test_write_is_not_turned_into_a_read_by_a_redirect() -> None:
    upstream = Upstream()
    upstream.fail_next(answered(302, headers={"Location": "/api/projects/1/insights/"}), on="POST /")
    async with upstream.client(project_id=1) as api:
        with pytest.raises(UnexpectedAnswer):
            await api.insights.create(InsightWrite(name="A", query=trends()))

    assert [request.method for request in upstream.requests] == ["POST"]


async def test_cookies_are_not_kept() -> None:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    body = {"id": 1, "short_id": "abc"}
    upstream.fail_next(answered(200, json=body, headers={"Set-Cookie": "sessionid=1; Path=/"}), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        await api.insights.get(1)
        await api.insights.get(1)

    assert "cookie" not in upstream.requests[1].headers


@pytest.mark.parametrize("bad", ["../../users/@me", "a/b", "..%2f", "1?x=1", "1#x", "a b", "é", "%"])
async def test_id_cannot_leave_its_place_in_the_path(bad: str) -> None:
    upstream = Upstream()
    async with upstream.client(project_id=1) as api:
        with pytest.raises(NotFound):
            await api.insights.get(bad)
        with pytest.raises(NotFound):
            await api.queries.status(bad)

    for request in upstream.requests:
        path = request.url.raw_path.decode().partition("?")[0]
        assert path.startswith("/api/projects/1/")
        assert path.count("/") <= 6
        assert "../" not in path


@pytest.mark.parametrize("bad", ["", " ", ".", "..", "x" * 201])
async def test_what_cannot_be_an_id_is_refused_before_any_request(bad: str) -> None:
    upstream = Upstream()
    async with upstream.client(project_id=1) as api:
        with pytest.raises(InputError, match="is not an id"):
            await api.insights.get(bad)
        with pytest.raises(InputError, match="is not an id"):
            await api.sharing.get(bad)

    assert upstream.requests == []


async def test_base_address_with_a_path_is_kept() -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(200, json={"id": 1, "short_id": "abc"})

    transport = httpx.MockTransport(answer)
    async with PostHogClient("https://x.example/posthog/", KEY, project_id=1, transport=transport) as api:
        await api.insights.get(1)
        assert api.insight_url("abc") == "https://x.example/posthog/project/1/insights/abc"

    assert seen == ["/posthog/api/projects/1/insights/1/"]


async def test_value_json_cannot_carry_is_refused() -> None:
    async with Upstream().client(project_id=1) as api:
        with pytest.raises(InputError, match="JSON"):
            await api.queries.run({"kind": "HogQLQuery", "query": float("nan")})
