"""What clients see before anybody asked anything: the tools, their schemas and what they cost."""

import json
from typing import Any

import pytest

from insights_mcp.prompts import load_prompt
from insights_mcp.server.tools import TOOLS
from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio

by_name = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
READERS = {
    "insights-list",
    "insight-get",
    "insight-query",
    "query-run",
    "data-schema",
    "insights-activity-retrieve",
    "dashboards-list",
    "dashboard-get",
}
MIXED = {"generate_metadata", "insight-sharing", "insights-files"}


def shown(tool: Any) -> dict[str, Any]:
    found: dict[str, Any] = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found


@by_name
async def test_tool_is_listed_as_reviewed(tool: Any) -> None:
    text = json.dumps(shown(tool.listed()), indent=1, ensure_ascii=False)
    assert_snapshot(f"tools/{tool.name}.json", text)


@pytest.mark.parametrize("era", ERAS)
async def test_whole_list_costs_at_most_three_and_a_half_thousand_tokens(era: str) -> None:
    async with connect(Upstream(), era=era) as client:
        listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    assert count_tokens(json.dumps([shown(tool) for tool in listed], separators=(",", ":"))) <= 3500


@by_name
async def test_schema_holds_nothing_a_model_does_not_need(tool: Any) -> None:
    schema = shown(tool.listed())["inputSchema"]
    text = json.dumps(schema)
    assert len(text) < 16_384
    assert all(word not in text for word in ('"title"', "anyOf", "$defs", '"null"', '"default"'))
    assert schema["type"] == "object"
    assert all("type" in found for found in schema["properties"].values())
    assert set(schema.get("required", ())) <= set(schema["properties"])


@by_name
async def test_hints_are_complete_and_honest(tool: Any) -> None:
    hints = shown(tool.listed())["annotations"]
    named = {"title", "readOnlyHint", "destructiveHint", "openWorldHint"}
    assert set(hints) == named | (set() if tool.name in READERS else {"idempotentHint"})
    assert hints["readOnlyHint"] is (tool.name in READERS)
    assert not (hints["readOnlyHint"] and hints["destructiveHint"])
    assert hints["openWorldHint"] is True  # names and values in answers were written by strangers


@by_name
async def test_description_is_short_and_its_first_sentence_says_what_it_does(tool: Any) -> None:
    text = load_prompt(f"tools/{tool.name}")
    assert len(text.encode()) <= 1500
    assert 15 <= len(text.split(".")[0].split(":")[0]) <= 200
    assert "IMPORTANT" not in text


async def test_server_instructions_fit_where_clients_cut() -> None:
    assert len(load_prompt("server").encode()) <= 2048


@pytest.mark.parametrize("era", ERAS)
async def test_listing_needs_neither_network_nor_a_valid_key(era: str) -> None:
    upstream = Upstream()
    async with connect(upstream, era=era, api_key="phx_wrong") as client:
        assert (await client.list_tools()).tools
        assert (await client.list_prompts()).prompts
        assert (await client.list_resource_templates()).resource_templates
        assert upstream.requests == []
        text = await refused(client, "insights-list")
    assert text.startswith("PostHog's us region does not know this API key.")


async def test_list_is_the_same_every_time() -> None:
    async with connect(Upstream()) as one, connect(Upstream()) as other:
        assert (await one.list_tools()).tools == (await other.list_tools()).tools


async def test_aliases_are_answered_and_not_listed() -> None:
    async with connect(web_shop()) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        aliases = {alias for tool in TOOLS for alias in tool.aliases}
        assert not aliases & listed
        for alias in ("insights-get-all", "dashboards-get-all"):
            assert "project" in await use(client, alias)
        for alias in ("insights-get", "insight-activity", "insights-all-activity-retrieve"):
            await use(client, alias, id=1)
        assert "paid" in await use(client, "event-definitions-list")
        assert "Named by rule" in await use(client, "generate-metadata", id=1)
        assert "Created" in await use(client, "insight-create-from-query", query="select 1", name="One")


async def test_no_alias_means_two_tools() -> None:
    aliases = [alias for tool in TOOLS for alias in tool.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & {tool.name for tool in TOOLS}


async def test_aliases_of_what_keys_may_not_do_are_done_another_way() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insights-my-last-viewed")
    [request] = upstream.asked("GET", r"/insights/$")
    assert request.url.params["order"] == "-last_viewed_at"


async def test_read_only_mode_hides_what_always_writes_and_refuses_the_rest() -> None:
    upstream = web_shop()
    async with connect(upstream, read_only=True) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READERS | MIXED
        assert "There is no tool" in await refused(client, "insight-delete", id=1)
        assert "read-only" in await refused(client, "generate_metadata", id=1, apply=True)
        assert "read-only" in await refused(client, "insight-sharing", id=1, action="enable")
        await use(client, "generate_metadata", id=1)
        await use(client, "insight-sharing", id=1)
    assert not [request for request in upstream.requests if request.method in ("PATCH", "DELETE")]


async def test_subset_lists_and_answers_only_its_tools() -> None:
    async with connect(web_shop(), tools=("insight-get", "insights-list")) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["insights-list", "insight-get"]
        await use(client, "insights-get-all")
        assert "There is no tool" in await refused(client, "query-run", query="select 1")
