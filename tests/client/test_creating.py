"""A create whose answer was lost makes one object, or says that it does not know."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from insights_mcp.client import Deadlines
from insights_mcp.errors import OutcomeUnknown, ServerFailed, UnexpectedAnswer
from insights_mcp.schema.insights import DashboardWrite, InsightWrite
from tests.upstream import Failure, Upstream, answered, envelope, lost, silence, trends

pytestmark = pytest.mark.anyio
QUERY = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview", "math": None}]}
WRITE = InsightWrite(name="Signups", query=QUERY)
POST = "POST .*/insights/$"


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


def made(upstream: Upstream) -> list[Mapping[str, Any]]:
    return [insight for insight in upstream.world.insights.values() if insight["name"] == "Signups"]


LOST_ANSWERS: dict[str, Failure] = {
    "connection": lost(acts=True),
    "gateway page": answered(502, acts=True, html="<html>"),
    "gateway timeout": answered(504, acts=True, html="<html>"),
    "crash after the work": envelope(500, "error", "A server error occurred.", acts=True),
    "cut answer": answered(201, acts=True, text='{"id": 1, "na'),
    "empty answer": answered(201, acts=True),
    "other JSON": answered(201, acts=True, json={"ok": True}),
}


@pytest.mark.parametrize("failure", LOST_ANSWERS.values(), ids=LOST_ANSWERS.keys())
async def test_insight_made_before_its_answer_was_lost_is_found(upstream: Upstream, failure: Failure) -> None:
    upstream.fail_next(failure, on=POST)
    async with upstream.client() as api:
        insight = await api.insights.create(WRITE)

    assert [row["id"] for row in made(upstream)] == [insight.id]
    assert insight.name == "Signups"
    read_back = upstream.asked("GET", "/insights/$")[0].url.params
    assert (read_back["user"], read_back["order"], read_back["basic"]) == ("true", "-created_at", "true")


async def test_insight_made_before_the_deadline_passed_is_found(upstream: Upstream) -> None:
    upstream.fail_next(silence(acts=True), on=POST)
    async with upstream.client(project_id=1, deadlines=Deadlines(write=0.05)) as api:
        insight = await api.insights.create(WRITE)

    assert [row["id"] for row in made(upstream)] == [insight.id]


async def test_insight_never_made_is_sent_again_after_looking_twice(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=False), on=POST)
    async with upstream.client() as api:
        await api.insights.create(WRITE)

    assert len(made(upstream)) == 1
    assert [f"{r.method} {r.url.path}" for r in upstream.requests][1:] == [
        "POST /api/projects/1/insights/",
        "GET /api/projects/1/insights/",
        "GET /api/projects/1/insights/",
        "POST /api/projects/1/insights/",
    ]


async def test_insight_made_while_looking_is_found_the_second_time(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=False), on=POST)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await upstream.sleep(seconds)
        if len(waits) == 2:
            upstream.add_insight(name="Signups", query={"kind": "InsightVizNode", "source": QUERY})

    async with upstream.client(sleep=sleep) as api:
        await api.insights.create(WRITE)

    assert len(made(upstream)) == 1
    assert len(upstream.asked("POST", "/insights/$")) == 1


async def test_second_loss_without_a_trace_is_an_unknown_outcome(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=False), on=POST, times=2)
    async with upstream.client() as api:
        with pytest.raises(OutcomeUnknown, match="List the newest"):
            await api.insights.create(WRITE)

    assert len(upstream.asked("POST", "/insights/$")) == 2


async def test_create_without_answer_or_trace_is_not_sent_again(upstream: Upstream) -> None:
    upstream.fail_next(silence(), on=POST)
    async with upstream.client(project_id=1, deadlines=Deadlines(write=0.05)) as api:
        with pytest.raises(OutcomeUnknown):
            await api.insights.create(WRITE)

    assert len(upstream.asked("POST", "/insights/$")) == 1


async def test_list_that_cannot_be_read_leaves_the_outcome_unknown(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on=POST)
    upstream.fail_next(envelope(500, "error", "A server error occurred."), on="GET .*/insights/$")
    async with upstream.client() as api:
        with pytest.raises(OutcomeUnknown):
            await api.insights.create(WRITE)

    assert len(upstream.asked("POST", "/insights/$")) == 1


async def test_crash_that_made_nothing_is_the_crash(upstream: Upstream) -> None:
    upstream.fail_next(envelope(500, "error", "A server error occurred."), on=POST)
    async with upstream.client() as api:
        with pytest.raises(ServerFailed):
            await api.insights.create(WRITE)

    assert made(upstream) == []


async def test_page_of_another_server_is_no_lost_answer(upstream: Upstream) -> None:
    upstream.fail_next(answered(404, html="<html>"), on=POST)
    async with upstream.client() as api:
        with pytest.raises(UnexpectedAnswer):
            await api.insights.create(WRITE)

    assert upstream.asked("GET", "/insights/$") == []


@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(0), timedelta(hours=3)])
async def test_clocks_that_differ_do_not_mislead(upstream: Upstream, ahead: timedelta) -> None:
    upstream.clock_ahead = ahead
    upstream.add_insight(name="Signups", query={"kind": "InsightVizNode", "source": QUERY})
    upstream.world.now += timedelta(seconds=60)
    upstream.fail_next(lost(acts=True), on=POST)
    async with upstream.client() as api:
        insight = await api.insights.create(WRITE)

    assert len(made(upstream)) == 2
    assert insight.id == 2


async def test_equal_insight_made_just_before_is_not_mistaken_for_it(upstream: Upstream) -> None:
    async with upstream.client() as api:
        first = await api.insights.create(WRITE)
        upstream.fail_next(lost(acts=False), on=POST)
        second = await api.insights.create(WRITE)

    assert first.id != second.id
    assert len(made(upstream)) == 2


async def test_equal_insight_of_somebody_else_is_not_mistaken_for_it(upstream: Upstream) -> None:
    upstream.add_user(2, "Bob", "bob@example.com")
    upstream.fail_next(lost(acts=False), on=POST)

    async def sleep(seconds: float) -> None:
        await upstream.sleep(seconds)
        if not made(upstream):
            upstream.add_insight(user_id=2, name="Signups", query={"kind": "InsightVizNode", "source": QUERY})

    async with upstream.client(sleep=sleep) as api:
        insight = await api.insights.create(WRITE)

    assert insight.created_by is not None
    assert insight.created_by.id == 1


async def test_new_one_of_that_name_with_another_query_leaves_the_outcome_unknown(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=False), on=POST)

    async def sleep(seconds: float) -> None:
        await upstream.sleep(seconds)
        upstream.add_insight(name="Signups", query=trends("upgraded_by_the_server"))

    async with upstream.client(sleep=sleep) as api:
        with pytest.raises(OutcomeUnknown, match="not quite"):
            await api.insights.create(WRITE)

    assert len(upstream.asked("POST", "/insights/$")) == 1


@pytest.mark.parametrize("acts", [True, False])
async def test_dashboard_is_created_once(upstream: Upstream, acts: bool) -> None:
    upstream.add_dashboard(name="Growth")
    upstream.world.now += timedelta(seconds=60)
    upstream.fail_next(lost(acts=acts), on="POST .*/dashboards/$")
    async with upstream.client() as api:
        board = await api.dashboards.create(DashboardWrite(name="Growth", description="d"))

    assert sorted(upstream.world.dashboards) == [1, 2]
    assert board.id == 2
