"""Every tool's answers, typical and mistaken, in both eras: held whole and read as product copy."""

import pytest

from insights_mcp.server.tools import TOOLS
from tests.server.cases import MISTAKES, TYPICAL, Case, history
from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens

pytestmark = pytest.mark.anyio

WRITES = {
    "insight-create",
    "insight-update",
    "insight-delete",
    "insight-sharing",
    "generate_metadata",
    "undo",
    "dashboard-create",
    "dashboard-update",
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("case", TYPICAL, ids=lambda case: case.title)
async def test_typical_call_is_answered_as_reviewed(case: Case, era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        for tool, arguments in case.first:
            await use(client, tool, **arguments)
        text = await use(client, case.tool, **case.arguments)
    assert_snapshot(f"answers/{case.title.replace(' ', '-')}.txt", text)
    assert case.tool not in WRITES or count_tokens(text) <= 150


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.title)
async def test_mistake_is_refused_with_what_to_do(case: Case, era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        text = await refused(client, case.tool, **case.arguments)
    assert_snapshot(f"mistakes/{case.title.replace(' ', '-')}.txt", text)


async def test_every_tool_has_a_typical_call_and_a_mistake() -> None:
    names = {tool.name for tool in TOOLS}
    assert names <= {case.tool for case in TYPICAL}
    assert names <= {case.tool for case in MISTAKES}


@pytest.mark.parametrize("era", ERAS)
async def test_history_reads_as_what_people_did(era: str) -> None:
    upstream = web_shop()
    history(upstream)
    async with connect(upstream, era=era) as client:
        assert_snapshot("answers/history-of-the-project.txt", await use(client, "activity"))
        assert_snapshot(
            "answers/history-of-an-insight.txt", await use(client, "insights-activity-retrieve", id=1, limit=3)
        )


async def test_twenty_insights_cost_at_most_eight_hundred_tokens() -> None:
    upstream = web_shop()
    names = [
        "Activation funnel",
        "Retention of new teams",
        "Revenue by plan",
        "Daily active users",
        "Checkout drop-off",
    ]
    for number in range(30):
        upstream.add_insight(
            name=f"{names[number % 5]} {number if number % 2 else ''}".strip(),
            query=upstream.world.insights[1 + number % 4]["query"],
            tags=[["growth"], [], ["growth", "core"]][number % 3],
            on=(1,) if number % 3 else (),
        )
        upstream.world.insights[5 + number]["id"] = 240_000 + 7919 * number
    async with connect(upstream) as client:
        text = await use(client, "insights-list")
    assert len(text.splitlines()) == 22
    assert count_tokens(text) <= 800
