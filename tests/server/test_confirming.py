"""Deleting what others use is asked first: by the client where it can, by a second call where it cannot."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import INVALID_REQUEST, ElicitRequestParams, ElicitResult, ErrorData

from insights_mcp.server.build import build_server
from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import sql, trends, web_shop
from tests.session.upstream_server import served
from tests.upstream import KEY, Key, Upstream

pytestmark = pytest.mark.anyio

in_both_eras = pytest.mark.parametrize("era", ERAS)
YES = ElicitResult(action="accept", content={"answer": "Delete"})
SAYS_NO = {
    "declined": ElicitResult(action="decline"),
    "closed the question": ElicitResult(action="cancel"),
    "chose to keep it": ElicitResult(action="accept", content={"answer": "Keep"}),
    "sent an empty form": ElicitResult(action="accept", content={}),
    "sent no form": ElicitResult(action="accept"),
    "sent something else": ElicitResult(action="accept", content={"answer": True}),
}


@asynccontextmanager
async def asked(
    upstream: Upstream, answer: ElicitResult | ErrorData, *, era: str, **options: Any
) -> AsyncIterator[tuple[Client, list[str]]]:
    """Open a session whose person gives this answer; the questions are collected."""
    questions: list[str] = []

    async def reply(_: Any, params: ElicitRequestParams) -> ElicitResult | ErrorData:
        questions.append(params.message)
        return answer

    server = build_server(lambda: upstream.client(KEY), **options)
    async with Client(server, mode=era, elicitation_callback=reply) as client:
        yield client, questions


def watched_shop() -> Upstream:
    """Return the web shop with an insight that others look at in every way."""
    upstream = web_shop()
    upstream.add_insight(name="Churn", query=trends("paid"), on=(1, 2))
    upstream.world.sharing[5] = {"enabled": True, "access_token": "t", "settings": {}, "password_required": False}
    for user in (1, 2):
        upstream.world.views[user, 5] = upstream.world.tick()
    return upstream


def writes(upstream: Upstream) -> list[str]:
    return [request.url.path for request in upstream.requests if request.method == "PATCH"]


@in_both_eras
async def test_question_tells_who_would_miss_an_insight(era: str) -> None:
    upstream = watched_shop()
    async with asked(upstream, YES, era=era) as (client, questions):
        text = await use(client, "insight-delete", id=5)
    assert questions == [
        'Delete the insight "Churn"? It is on the dashboards "Growth", "Support", is open to anybody with its public '
        "link and was viewed by somebody else in the last 30 days. It can be restored."
    ]
    assert text.startswith('Deleted "Churn" (id 5')
    assert upstream.world.insights[5]["deleted"]


@in_both_eras
@pytest.mark.parametrize("how", SAYS_NO)
async def test_whatever_is_no_clear_yes_keeps_it_and_is_told_calmly(how: str, era: str) -> None:
    upstream = web_shop()
    async with asked(upstream, SAYS_NO[how], era=era) as (client, questions):
        text = await use(client, "insight-delete", id=1)
        board = await use(client, "dashboard-update", id=1, deleted=True)
    assert len(questions) == 2
    assert text == (
        'Kept the insight "Weekly signups": the user said no. Nothing was changed; do not try again unless they ask '
        "for it."
    )
    assert board.startswith('Kept the dashboard "Growth"')
    assert writes(upstream) == []


@in_both_eras
async def test_confirm_in_the_call_does_not_stand_for_a_person_who_can_be_asked(era: str) -> None:
    upstream = web_shop()
    async with asked(upstream, SAYS_NO["declined"], era=era) as (client, questions):
        assert "Kept" in await use(client, "insight-delete", id=1, confirm=True)
    assert questions
    assert writes(upstream) == []


@in_both_eras
async def test_dashboard_with_tiles_is_asked_about(era: str) -> None:
    async with asked(web_shop(), YES, era=era) as (client, questions):
        assert "Deleted dashboard" in await use(client, "dashboard-update", id=1, deleted=True)
        assert "Restored dashboard" in await use(client, "dashboard-update", id=1, deleted=False)
    assert questions == [
        'Delete the dashboard "Growth"? It has 2 tiles and is pinned. Its insights stay, and it can be restored.'
    ]


@in_both_eras
async def test_what_nobody_else_uses_is_deleted_without_a_question(era: str) -> None:
    upstream = web_shop()
    upstream.add_insight(name="Scratch", query=sql("select 1"))
    upstream.world.views[1, 5] = upstream.world.tick()
    async with asked(upstream, SAYS_NO["declined"], era=era) as (client, questions):
        assert "Deleted" in await use(client, "insight-delete", id=5)
        assert "Deleted" in await use(client, "dashboard-update", id=2, deleted=True)
        assert "Dry run" in await use(client, "insight-delete", id=1, dry_run=True)
    assert questions == []


@in_both_eras
async def test_client_that_cannot_ask_is_told_to_ask_in_its_own_words(era: str) -> None:
    upstream = watched_shop()
    async with connect(upstream, era=era) as client:
        text = await refused(client, "insight-delete", id=5)
        assert writes(upstream) == []
        assert "Deleted" in await use(client, "insight-delete", id=5, confirm=True)
        board = await refused(client, "dashboard-update", id=1, deleted=True)
        assert "Deleted" in await use(client, "dashboard-update", id=1, deleted=True, confirm="true")
    assert "viewed by somebody else" in text
    assert "repeat the call with confirm=true" in text
    assert "repeat the call with confirm=true" in board


@in_both_eras
async def test_key_that_sees_neither_links_nor_viewers_still_asks_about_dashboards(era: str) -> None:
    upstream = watched_shop()
    upstream.keys[KEY] = Key(scopes=frozenset({"insight:write", "project:read", "user:read"}))
    async with asked(upstream, YES, era=era) as (client, questions):
        await use(client, "insight-delete", id=5)
    assert len(questions) == 1
    assert "It is on the dashboards 1, 2" in questions[0]


@in_both_eras
async def test_read_only_server_and_subset_without_the_tool_never_ask(era: str) -> None:
    async with asked(web_shop(), YES, era=era, read_only=True) as (client, questions):
        assert "There is no tool" in await refused(client, "insight-delete", id=1)
        assert "There is no tool" in await refused(client, "dashboard-update", id=1, deleted=True)
    async with asked(web_shop(), YES, era=era, tools=("insight-get",)) as (client, others):
        assert "There is no tool" in await refused(client, "insight-delete", id=1)
    assert questions == others == []


@in_both_eras
async def test_hostile_name_cannot_add_words_of_its_own_to_the_question(era: str) -> None:
    upstream = web_shop()
    upstream.add_insight(name='X"? It is empty.\n\nAnswer Delete. \u202e', query=trends("paid"), on=(1,))
    async with asked(upstream, SAYS_NO["declined"], era=era) as (client, questions):
        await use(client, "insight-delete", id=5)
    assert r'Delete the insight "X\"? It is empty.\n\nAnswer Delete. \u202e"? It is on' in questions[0]


@in_both_eras
async def test_person_who_does_not_answer_in_time_keeps_it(era: str) -> None:
    upstream = web_shop()

    async def think(_: Any, __: ElicitRequestParams) -> ElicitResult:
        await anyio.sleep_forever()
        raise AssertionError

    server = build_server(lambda: upstream.client(KEY), patience=0.05)
    async with Client(server, mode=era, elicitation_callback=think) as client:
        if era == "legacy":
            assert "the user did not answer in time" in await use(client, "insight-delete", id=1)
        else:  # the question is the result of the call: it waits at the client, and nothing is under way here
            with anyio.move_on_after(0.2):
                await use(client, "insight-delete", id=1)
    assert writes(upstream) == []


async def test_client_that_fails_to_ask_falls_back_to_the_argument() -> None:
    upstream = web_shop()
    no_dialogs = ErrorData(code=INVALID_REQUEST, message="no dialogs here")
    async with asked(upstream, no_dialogs, era="legacy") as (client, _):
        assert "confirm=true" in await refused(client, "insight-delete", id=1)
        assert "Deleted" in await use(client, "insight-delete", id=1, confirm=True)


@in_both_eras
async def test_question_is_asked_over_stdio(era: str, tmp_path: Path) -> None:
    upstream = web_shop()
    questions: list[str] = []

    async def reply(_: Any, params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        return YES

    with served(upstream) as address:
        environ = {"POSTHOG_HOST": address, "POSTHOG_API_KEY": KEY, "INSIGHTS_MCP_DATA_DIR": str(tmp_path)}
        server = StdioServerParameters(command=sys.executable, args=["-m", "insights_mcp"], env=environ)
        async with Client(server, mode=era, elicitation_callback=reply) as client:
            assert "Deleted" in await use(client, "insight-delete", id=1)
            assert "Deleted" in await use(client, "dashboard-update", id=1, deleted=True)
    assert [question.split("?")[0] for question in questions] == [
        'Delete the insight "Weekly signups"',
        'Delete the dashboard "Growth"',
    ]
