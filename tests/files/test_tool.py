"""`insights-files`: the same as the commands, as text within a chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from insights_mcp.errors import InsightsError
from insights_mcp.server.files.yaml_text import read_documents
from insights_mcp.server.gate import tell_error
from insights_mcp.server.tool import Call
from insights_mcp.server.tools.files import TOOL, FilesArguments
from tests.files.test_apply import MISTAKES
from tests.files.worlds import BOTH, SIGNUPS, call_on, placed_shop, trends
from tests.server.boards import live_dashboards
from tests.server.world import web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def connect(upstream: Upstream) -> AsyncIterator[Call]:
    async with upstream.client() as api:
        yield call_on(api)


async def use(call: Call, **arguments: Any) -> str:
    """Return what the tool answers."""
    return await TOOL.run(FilesArguments(**arguments), call)


async def refused(call: Call, **arguments: Any) -> str:
    """Return what the model reads when the tool refuses."""
    with pytest.raises(InsightsError) as caught:
        await use(call, **arguments)
    text = tell_error(caught.value)
    assert len(text) <= 600
    return text


async def test_export_is_yaml_that_applies_elsewhere() -> None:
    shop, empty = placed_shop(), Upstream()
    async with connect(shop) as call:
        text = await use(call, dashboards=["1"], insights=["3"])
        assert "Nothing to change: 4 unchanged." in await use(call, yaml=text)
    assert [one.data["key"] for one in read_documents(text)] == [  # type: ignore[index]  # each is an object
        "revenue-by-plan",
        "signup-to-paid",
        "weekly-signups",
        "growth",
    ]
    async with connect(empty) as call:
        assert_snapshot("answers/apply-files.txt", await use(call, yaml=text))
        assert live_dashboards(empty) == ["Growth"]
        assert call.handles == ["Undo: u1."]


async def test_export_is_cut_on_whole_documents_and_says_what_is_left_out() -> None:
    upstream = Upstream()
    for number in range(30):
        upstream.add_insight(name=f"Insight {number:02}", query=trends("paid"))
    async with connect(upstream) as call:
        text = await use(call, insights=[str(number) for number in range(1, 31)], max_tokens=500)
    assert count_tokens(text) <= 600
    documents = read_documents(text)
    last = text.splitlines()[-1]
    assert len(documents) >= 4
    assert last.startswith(f"# Left out for size: insight insight-{len(documents):02}, ")
    assert "Raise max_tokens, or export fewer ids at once." in last


async def test_dry_run_shows_and_writes_nothing() -> None:
    upstream = web_shop()
    async with connect(upstream) as call:
        text = await use(call, yaml=BOTH.replace("signed_up", "sined_up"), dry_run=True)
    assert_snapshot("answers/apply-files-dry.txt", text)
    assert live_dashboards(upstream) == ["Growth", "Support"]


async def test_all_mistakes_fit_one_error_and_nothing_is_written() -> None:
    upstream = web_shop()
    async with connect(upstream) as call:
        assert_snapshot("mistakes/files-of-mistakes.txt", await refused(call, yaml=MISTAKES))
    assert live_dashboards(upstream) == ["Growth", "Support"]


CALLS: list[tuple[dict[str, Any], str]] = [
    ({}, "Give ids as insights or dashboards; or yaml to apply."),
    ({"yaml": SIGNUPS, "insights": ["1"]}, "Give one or the other."),
    ({"insights": ["99"]}, "no insight 99"),
    ({"yaml": "a: &x [*x]"}, "(1) line 1: uses an alias"),
    ({"yaml": ""}, "yaml: holds no insight and no dashboard"),
]


@pytest.mark.parametrize(("arguments", "says"), CALLS)
async def test_wrong_call_says_what_to_do(arguments: dict[str, Any], says: str) -> None:
    async with connect(web_shop()) as call:
        assert says in await refused(call, **arguments)


def test_only_applying_counts_as_a_write() -> None:
    assert TOOL.is_write(FilesArguments(yaml=SIGNUPS))
    assert not TOOL.is_write(FilesArguments(yaml=SIGNUPS, dry_run=True))
    assert not TOOL.is_write(FilesArguments(insights=["1"]))
