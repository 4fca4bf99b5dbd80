"""The client and the local backend, each written from the facts alone, understand one another."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from insights_mcp.client import PostHogClient
from insights_mcp.errors import AuthenticationFailed, NotFound, ValidationFailed
from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.store.database import Store
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite, InsightFilters, InsightPatch, InsightWrite
from tests.backend.canned import KEY, RESULTS, CannedQueries, NoEngine, NoIntake
from tests.upstream import trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(milliseconds=5)
        return now

    store = Store.open(tmp_path / "store.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def transport(store: Store, tmp_path: Path) -> httpx.ASGITransport:
    backend = Backend(store, NoEngine(), CannedQueries(), NoIntake(), tmp_path)  # type: ignore[arg-type]  # stand-ins
    return httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)


@pytest.fixture
async def api(transport: httpx.ASGITransport) -> AsyncIterator[PostHogClient]:
    async with PostHogClient("http://localhost", KEY, transport=transport, has_pages=False) as api:
        yield api


async def test_insight_lives_on_the_local_backend(api: PostHogClient) -> None:
    board = await api.dashboards.create(DashboardWrite(name="Growth"))
    made = await api.insights.create(
        InsightWrite(name="Signups", query=trends("signed_up"), tags=["Team"], dashboards=[board.id])
    )
    read = await api.insights.get(made.short_id, refresh="blocking")
    changed = await api.insights.update(made.short_id, InsightPatch(favorited=True, description="d"))
    deleted = await api.insights.update(made.id, InsightPatch(deleted=True))
    with pytest.raises(NotFound):
        await api.insights.get(made.id)
    restored = await api.insights.update(made.id, InsightPatch(deleted=False))

    assert made.dashboard_ids == (board.id,)
    assert (made.tags, made.query) == (("team",), trends("signed_up"))
    assert read.result == RESULTS
    assert (changed.favorited, changed.description, deleted.deleted, restored.deleted) == (True, "d", True, False)
    assert made.created_by is not None
    assert made.created_by.id == (await api.users.me()).id


async def test_list_filters_mean_the_same_on_the_local_backend(api: PostHogClient) -> None:
    for number in range(1, 8):
        await api.insights.create(InsightWrite(name=f"I{number}", query=trends(), favorited=number % 3 == 0))
    favorites = await api.insights.list(InsightFilters(favorited=True), order="created_at")
    others = await api.insights.list(InsightFilters(favorited=False), limit=2, offset=2, order="created_at")
    mine = await api.insights.list(InsightFilters(user=True, search="I7", tags=[]))
    nobodys = await api.insights.list(InsightFilters(user=False))
    every = [insight.name async for insight in api.insights.iterate(order="name")]

    assert [insight.name for insight in favorites.results] == ["I3", "I6"]
    assert [insight.name for insight in others.results] == ["I4", "I5"]
    assert (others.count, others.next_offset) == (5, 4)
    assert [insight.name for insight in mine.results] == ["I7"]
    assert nobodys.count == 0
    assert every == [f"I{number}" for number in range(1, 8)]


async def test_activity_views_and_trends_of_the_local_backend_are_read(api: PostHogClient) -> None:
    made = await api.insights.create(InsightWrite(name="A", query=trends()))
    await api.insights.update(made.id, InsightPatch(name="B"))
    await api.insights.viewed([made.id])
    log = await api.insights.activity(made.short_id, limit=1)
    everything = await api.insights.activity()

    assert [entry.activity for entry in log.results] == ["updated"]
    assert [(c.field, c.before, c.after) for c in log.results[0].detail.changes] == [("name", "A", "B")]
    assert (log.total_count, log.next_page, len(everything.results)) == (2, 2, 2)
    assert [row.name for row in await api.insights.trending()] == ["B"]
    assert [row.name for row in await api.insights.my_last_viewed()] == ["B"]


async def test_sharing_of_the_local_backend_is_switched(api: PostHogClient) -> None:
    made = await api.insights.create(InsightWrite(name="A", query=trends()))
    on = await api.sharing.update(made.short_id, enabled=True)
    fresh = await api.sharing.refresh(made.id)
    off = await api.sharing.update(made.id, enabled=False)

    assert (on.enabled, off.enabled) == (True, False)
    assert fresh.access_token != on.access_token
    assert (api.sharing.page_url(fresh) or "").endswith(f"/shared/{fresh.access_token}")


async def test_dashboards_alerts_and_accounts_of_the_local_backend_are_read(api: PostHogClient) -> None:
    board = await api.dashboards.create(DashboardWrite(name="Growth", tags=["team"]))
    made = await api.insights.create(InsightWrite(name="A", query=trends(), dashboards=[board.id]))
    read = await api.dashboards.get(board.id, refresh="blocking")
    pinned = await api.dashboards.update(board.id, DashboardPatch(pinned=True))
    listed = await api.dashboards.list(tags=["team"])
    project = await api.project()

    assert [tile.insight.result for tile in read.tiles if tile.insight] == [RESULTS]
    assert (pinned.pinned, listed.count) == (True, 1)
    assert (await api.alerts.list(made.id)).count == 0
    assert (await api.alerts.thresholds(made.short_id)).count == 0
    assert (await api.projects.get(project.id)).name == project.name
    assert project.id in [item.id for item in (await api.projects.list()).results]
    assert (await api.organizations.list()).results[0].id == project.organization


async def test_refusals_of_the_local_backend_are_understood(api: PostHogClient, transport: httpx.ASGITransport) -> None:
    with pytest.raises(ValidationFailed) as unknown_board:
        await api.insights.create(InsightWrite(name="A", query=trends(), dashboards=[99]))
    with pytest.raises(NotFound, match="insight nope"):
        await api.insights.get("nope")
    async with PostHogClient("http://localhost", "phx_wrong", transport=transport, has_pages=False) as other:
        with pytest.raises(AuthenticationFailed):
            await other.users.me()
    async with PostHogClient("http://localhost", KEY, project_id=99, transport=transport, has_pages=False) as other:
        with pytest.raises(NotFound, match="POSTHOG_PROJECT_ID"):
            await other.insights.list()

    assert unknown_board.value.attr == "dashboards"
