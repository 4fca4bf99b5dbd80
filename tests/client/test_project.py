"""Which project the calls are about, with keys of few scopes (facts/rest-api.md 2.1, 2.4)."""

from datetime import timedelta

import anyio
import httpx
import pytest

from insights_mcp.client import Deadlines, PostHogClient
from insights_mcp.client.models.queries import QueryProgress
from insights_mcp.errors import AuthenticationFailed, InputError, NotFound, PermissionDenied
from tests.upstream import KEY, Failure, Key, Upstream, answered, envelope, trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def upstream() -> Upstream:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    return upstream


def paths(upstream: Upstream) -> list[str]:
    return [request.url.path.removeprefix("/api/") for request in upstream.requests]


async def test_key_that_may_not_read_its_owner_reads_the_current_project(upstream: Upstream) -> None:
    upstream.keys[KEY] = Key(frozenset({"insight:read", "project:read"}))
    async with upstream.client() as api:
        await api.insights.get(1)

    assert paths(upstream) == ["users/@me/", "projects/@current/", "projects/1/insights/1/"]


async def test_key_that_may_read_neither_uses_the_current_project_by_name(upstream: Upstream) -> None:
    upstream.keys[KEY] = Key(frozenset({"insight:read"}))
    async with upstream.client() as api:
        await api.insights.get(1)
        await api.insights.get(1)
        assert api.insight_url("abc") == "https://us.posthog.com/insights/abc"
        with pytest.raises(PermissionDenied) as caught:
            await api.project()

    assert paths(upstream)[2:4] == ["projects/@current/insights/1/"] * 2
    assert caught.value.scope == "project:read"


async def test_given_project_that_may_not_be_read_is_told_by_its_owner(upstream: Upstream) -> None:
    upstream.keys[KEY] = Key(frozenset({"user:read"}))
    upstream.add_project(2, "Second")
    async with upstream.client(project_id=1) as api:
        first = await api.project()
    async with upstream.client(project_id=2) as api:
        second = await api.project()

    assert (first.id, first.name) == (1, "Web shop")
    assert (second.id, second.name) == (2, "")


async def test_given_project_is_kept_when_nothing_may_be_read_about_it(upstream: Upstream) -> None:
    upstream.keys[KEY] = Key(frozenset({"insight:read"}))
    async with upstream.client(project_id=1) as api:
        assert (await api.project()).id == 1
        assert api.insight_url("abc") == "https://us.posthog.com/project/1/insights/abc"


async def test_project_of_no_such_number_is_said_so(upstream: Upstream) -> None:
    async with upstream.client(project_id=99) as api:
        with pytest.raises(NotFound, match="POSTHOG_PROJECT_ID"):
            await api.project()
        with pytest.raises(NotFound, match="POSTHOG_PROJECT_ID"):
            await api.insights.list()


async def test_project_the_key_is_kept_out_of_is_said_so(upstream: Upstream) -> None:
    detail = "API key does not have access to the requested project: ID 1."
    upstream.fail_next(envelope(403, "permission_denied", detail), on="projects/1/$")
    async with upstream.client(project_id=1) as api:
        with pytest.raises(PermissionDenied, match="not allowed into this project"):
            await api.project()


async def test_owner_without_a_project_is_said_so(upstream: Upstream) -> None:
    upstream.fail_next(answered(200, json={"id": 1, "team": None}), on="users/@me")
    async with upstream.client() as api:
        with pytest.raises(NotFound, match="no current project"):
            await api.insights.list()


async def test_failed_search_for_the_project_is_made_again_at_the_next_call(upstream: Upstream) -> None:
    upstream.fail_next(envelope(401, "authentication_failed", "Personal API key is invalid."), on="users/@me")
    async with upstream.client() as api:
        with pytest.raises(AuthenticationFailed):
            await api.insights.get(1)
        assert (await api.insights.get(1)).name == "A"


async def test_many_first_calls_ask_for_the_project_once(upstream: Upstream) -> None:
    async with upstream.client() as api, anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(api.insights.get, 1)

    assert paths(upstream).count("users/@me/") == 1


@pytest.mark.parametrize("host", ["ftp://x.example", "us.posthog.com", "https://", "https://a:b@us.posthog.com"])
def test_address_that_is_no_plain_url_is_refused(host: str) -> None:
    with pytest.raises(InputError, match="POSTHOG_HOST"):
        PostHogClient(host, "phx_1")


async def test_clock_of_the_server_is_compared_with_ours(upstream: Upstream) -> None:
    upstream.clock_ahead = timedelta(minutes=10)
    async with upstream.client() as api:
        assert api.clock_skew is None
        await api.users.me()
        assert api.clock_skew == timedelta(minutes=10)


async def test_dashboard_that_computes_tells_that_time_passes(upstream: Upstream) -> None:
    board = upstream.add_dashboard(name="B")["id"]
    told = anyio.Event()

    async def tell(_: QueryProgress) -> None:
        told.set()

    async def answer_once_told(_: httpx.Request) -> httpx.Response:
        await told.wait()
        return httpx.Response(200, json={"id": board, "name": "B"})

    upstream.fail_next(Failure(answer_once_told), on="/dashboards/")
    async with upstream.client(deadlines=Deadlines(progress=0.01)) as api:
        assert (await api.dashboards.get(board, refresh="blocking", on_progress=tell)).name == "B"
