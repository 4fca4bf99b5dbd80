"""What is sent again, when, and what never is."""

import pytest

from insights_mcp.client import Deadlines
from insights_mcp.errors import DeadlineExceeded, OutcomeUnknown, ServerFailed, Throttled, UnexpectedAnswer, Unreachable
from insights_mcp.schema.insights import DashboardPatch, InsightPatch, InsightWrite
from tests.upstream import Upstream, answered, envelope, lost, refused, silence, throttled, trends

pytestmark = pytest.mark.anyio
HOGQL = {"kind": "HogQLQuery", "query": "select 1"}


@pytest.fixture
def upstream() -> Upstream:
    upstream = Upstream()
    upstream.add_insight(name="A", query=trends())
    return upstream


async def test_read_that_lost_its_connection_is_repeated(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on="/insights/1/", times=2)
    async with upstream.client(project_id=1) as api:
        assert (await api.insights.get(1)).name == "A"

    assert len(upstream.requests) == 3
    assert upstream.slept == [0.25, 0.5]


async def test_read_is_repeated_three_times_at_most(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=False), on="/insights/1/", times=99)
    async with upstream.client(project_id=1) as api:
        with pytest.raises(Unreachable, match=r"us\.posthog\.com"):
            await api.insights.get(1)

    assert len(upstream.requests) == 4


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_read_is_repeated_while_a_server_restarts(upstream: Upstream, status: int) -> None:
    upstream.fail_next(answered(status, html="<html>gateway"), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        assert (await api.insights.get(1)).name == "A"


async def test_read_waits_as_long_as_an_unreachable_database_asks(upstream: Upstream) -> None:
    body = {"type": "server_error", "code": "database_unavailable", "detail": "We couldn't ...", "attr": None}
    upstream.fail_next(answered(503, json=body, headers={"Retry-After": "1"}), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        await api.insights.get(1)

    assert upstream.slept == [1.0]


@pytest.mark.parametrize("status", [500, 501])
async def test_read_is_not_repeated_after_a_crash(upstream: Upstream, status: int) -> None:
    upstream.fail_next(envelope(status, "error", "A server error occurred."), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        with pytest.raises(ServerFailed):
            await api.insights.get(1)

    assert len(upstream.requests) == 1


async def test_anything_that_never_left_is_sent_again(upstream: Upstream) -> None:
    upstream.fail_next(refused(), on="POST .*/insights/", times=2)
    upstream.fail_next(refused(), on="POST .*/query/", times=3)
    async with upstream.client(project_id=1) as api:
        made = await api.insights.create(InsightWrite(name="B", query=trends()))
        answer = await api.queries.run(HOGQL)

    assert made.name == "B"
    assert answer.results
    assert len(upstream.world.insights) == 2


async def test_server_that_cannot_be_reached_is_named_with_the_reason(upstream: Upstream) -> None:
    upstream.fail_next(refused(), times=99)
    async with upstream.client(project_id=1) as api:
        with pytest.raises(Unreachable, match=r"us\.posthog\.com: no connection could be made") as caught:
            await api.insights.create(InsightWrite(name="B", query=trends()))

    assert "POSTHOG_HOST" in str(caught.value)
    assert len(upstream.requests) == 4


async def test_change_that_lost_its_answer_is_sent_again(upstream: Upstream) -> None:
    board = upstream.add_dashboard(name="B")["id"]
    upstream.fail_next(lost(acts=True), on="PATCH", times=1)
    async with upstream.client(project_id=1) as api:
        changed = await api.insights.update(1, InsightPatch(name="New"))
        upstream.fail_next(lost(acts=True), on="PATCH", times=1)
        pinned = await api.dashboards.update(board, DashboardPatch(pinned=True))

    assert (changed.name, pinned.pinned) == ("New", True)
    assert len(upstream.asked("PATCH", "/")) == 4
    assert len(upstream.world.activity) == 1


async def test_change_without_any_answer_has_an_unknown_outcome(upstream: Upstream) -> None:
    upstream.fail_next(silence(acts=True), on="PATCH")
    async with upstream.client(project_id=1, deadlines=Deadlines(write=0.05)) as api:
        with pytest.raises(OutcomeUnknown, match="does no harm"):
            await api.insights.update(1, InsightPatch(name="New"))

    assert upstream.world.insights[1]["name"] == "New"


@pytest.mark.parametrize("acts", [True, False])
async def test_delete_that_lost_its_answer_is_deleted_once(upstream: Upstream, acts: bool) -> None:
    board = upstream.add_dashboard(name="B")["id"]
    upstream.fail_next(lost(acts=acts), on="PATCH .*/insights/")
    upstream.fail_next(lost(acts=acts), on="PATCH .*/dashboards/")
    async with upstream.client(project_id=1) as api:
        gone = await api.insights.update(1, InsightPatch(deleted=True))
        board_gone = await api.dashboards.update(board, DashboardPatch(deleted=True))

    assert (gone.id, gone.deleted) == (1, True)
    assert (board_gone.id, board_gone.deleted) == (board, True)
    assert [entry["activity"] for entry in upstream.world.activity] == ["deleted"]


async def test_delete_without_any_answer_has_an_unknown_outcome(upstream: Upstream) -> None:
    upstream.fail_next(silence(acts=True), on="PATCH")
    async with upstream.client(project_id=1, deadlines=Deadlines(write=0.05)) as api:
        with pytest.raises(OutcomeUnknown, match="deleted when it is not found"):
            await api.insights.update(1, InsightPatch(deleted=True))


async def test_sharing_that_lost_its_answer_is_read_back_before_it_is_sent_again(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on="PATCH .*/sharing/")
    async with upstream.client(project_id=1) as api:
        on = await api.sharing.update(1, enabled=True)
        upstream.fail_next(lost(acts=False), on="PATCH .*/sharing/")
        off = await api.sharing.update(1, enabled=False)

    assert (on.enabled, off.enabled) == (True, False)
    assert [entry["activity"] for entry in upstream.world.activity] == ["sharing enabled", "sharing disabled"]


async def test_new_share_token_is_never_asked_for_twice(upstream: Upstream) -> None:
    upstream.fail_next(lost(acts=True), on="/refresh/")
    async with upstream.client(project_id=1) as api:
        await api.sharing.update(1, enabled=True)
        with pytest.raises(OutcomeUnknown, match="Look whether it happened"):
            await api.sharing.refresh(1)

    assert upstream.world.sharing[1]["access_token"] == "token-1-2"


async def test_password_deleted_before_the_answer_was_lost_is_deleted(upstream: Upstream) -> None:
    async with upstream.client(project_id=1) as api:
        await api.sharing.update(1, enabled=True, password_required=True)
        made = await api.sharing.create_password(1)
        upstream.fail_next(lost(acts=True), on="DELETE")
        await api.sharing.delete_password(1, made.id)

    assert upstream.world.sharing[1]["share_passwords"] == []


async def test_wait_named_in_the_text_is_kept(upstream: Upstream) -> None:
    upstream.fail_next(throttled(7), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        await api.insights.get(1)

    assert upstream.slept == [7.0]


async def test_wait_named_in_the_header_is_kept(upstream: Upstream) -> None:
    upstream.fail_next(throttled(4, in_header=True), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        await api.insights.get(1)

    assert upstream.slept == [4.0]


async def test_unnamed_wait_grows(upstream: Upstream) -> None:
    upstream.fail_next(throttled(None), on="/insights/1/", times=3)
    async with upstream.client(project_id=1) as api:
        await api.insights.get(1)

    assert upstream.slept == [0.5, 1.0, 2.0]


async def test_wait_beyond_the_deadline_is_handed_to_the_caller(upstream: Upstream) -> None:
    upstream.fail_next(throttled(3600), on="/insights/1/")
    async with upstream.client(project_id=1) as api:
        with pytest.raises(Throttled, match="3600 seconds") as caught:
            await api.insights.get(1)

    assert caught.value.wait_seconds == 3600
    assert upstream.slept == []


async def test_throttled_create_is_sent_again_as_nothing_was_made(upstream: Upstream) -> None:
    upstream.fail_next(throttled(2), on="POST .*/insights/$")
    async with upstream.client(project_id=1) as api:
        made = await api.insights.create(InsightWrite(name="B", query=trends()))

    assert made.id == 2
    assert len(upstream.world.insights) == 2


async def test_throttled_project_search_does_not_fail_the_first_call(upstream: Upstream) -> None:
    upstream.fail_next(throttled(1), on="users/@me")
    async with upstream.client() as api:
        assert (await api.insights.get(1)).name == "A"


async def test_silent_server_is_given_up_at_the_deadline(upstream: Upstream) -> None:
    upstream.fail_next(silence(), on="/insights/1/")
    async with upstream.client(project_id=1, deadlines=Deadlines(read=0.05)) as api:
        with pytest.raises(DeadlineExceeded):
            await api.insights.get(1)


async def test_page_of_a_failing_proxy_is_handed_on_when_it_stays(upstream: Upstream) -> None:
    upstream.fail_next(answered(502, html="<html>"), on="/insights/1/", times=99)
    async with upstream.client(project_id=1) as api:
        with pytest.raises(UnexpectedAnswer, match="in trouble"):
            await api.insights.get(1)

    assert len(upstream.requests) == 4
