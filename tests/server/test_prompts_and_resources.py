"""The workflow prompts, insights and dashboards as resources, and completion of ids."""

import re

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference, TextContent, TextResourceContents

from insights_mcp.prompts import list_prompts, load_prompt
from insights_mcp.server.tools import TOOLS
from insights_mcp.server.workflows import WORKFLOWS
from tests.server.cases import SHORT
from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import web_shop
from tests.upstream import KEY, Key, Upstream

pytestmark = pytest.mark.anyio

GIVEN = {
    "build-dashboard": {"goal": "Do new teams activate?"},
    "explain-change": {"insight": "aBcD1234", "question": "signups fell last week"},
    "find-funnel-leak": {"funnel": "signup, first document", "period": "-90d"},
    "weekly-review": {"dashboard": "12"},
    "tidy-insights": {},
}
_TOOL_LIKE = re.compile(r"\b(?:insights?|dashboards?|query|data|generate)[-_][a-z]+(?:-[a-z]+)*\b")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
async def test_workflow_is_filled_in(workflow: object, era: str) -> None:
    name = workflow.name  # type: ignore[attr-defined]
    async with connect(Upstream(), era=era) as client:
        listed = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
        result = await client.get_prompt(name, GIVEN[name])
    assert listed[name].title
    [message] = result.messages
    assert isinstance(message.content, TextContent)
    assert all(value in message.content.text for value in GIVEN[name].values())
    assert not re.search(r"\{\w+\}", message.content.text)


@pytest.mark.parametrize("name", ["server", *(f"workflows/{workflow.name}" for workflow in WORKFLOWS)])
def test_prompt_names_only_tools_there_are_and_stays_short(name: str) -> None:
    text = load_prompt(name)
    assert set(_TOOL_LIKE.findall(text)) <= {tool.name for tool in TOOLS}
    assert len(text.encode()) <= 2048


def test_server_instructions_name_every_tool_so_that_a_search_finds_it() -> None:
    text = load_prompt("server")
    assert [tool.name for tool in TOOLS if tool.name not in text] == []


def test_every_workflow_file_is_a_prompt() -> None:
    assert set(list_prompts("workflows")) == {workflow.name for workflow in WORKFLOWS}


async def test_workflow_without_its_optional_arguments_reads_as_a_sentence() -> None:
    async with connect(Upstream()) as client:
        result = await client.get_prompt("weekly-review", {})
    [message] = result.messages
    assert isinstance(message.content, TextContent)
    assert message.content.text.startswith("Review the last week in numbers: the insights that most people look at\n")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("build-dashboard", {}, "needs goal"),
        ("build-dashboard", {"gaol": "x"}, "Did you mean goal?"),
        ("build-dashbord", {}, "Did you mean build-dashboard?"),
    ],
)
async def test_wrong_prompt_or_argument_is_told(name: str, arguments: dict[str, str], says: str, era: str) -> None:
    async with connect(Upstream(), era=era) as client:
        with pytest.raises(MCPError) as refusal:
            await client.get_prompt(name, arguments)
    assert refusal.value.error.code == -32602
    assert says in str(refusal.value)


@pytest.mark.parametrize("era", ERAS)
async def test_insights_and_dashboards_are_resources(era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        listed = {resource.uri: resource for resource in (await client.list_resources()).resources}
        assert listed[f"insight://{SHORT[2]}"].title == "Signup to paid"
        assert listed["dashboard://1"].title == "Growth"
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == ["insight://{short_id}", "dashboard://{id}"]
        [insight] = (await client.read_resource(f"insight://{SHORT[2]}")).contents
        [board] = (await client.read_resource("dashboard://1")).contents
        told = await use(client, "dashboard-get", id=1)
    assert isinstance(insight, TextResourceContents)
    assert insight.text.startswith('"Signup to paid": funnel, id 2')
    assert isinstance(board, TextResourceContents)
    assert board.text == told


@pytest.mark.parametrize("era", ERAS)
async def test_resources_are_listed_page_by_page_up_to_a_bound(era: str) -> None:
    upstream = web_shop()
    for number in range(250):
        upstream.add_insight(name=f"Chart {number}", query=upstream.world.insights[1]["query"])
    for number in range(13):
        upstream.add_dashboard(name=f"Board {number}")
    seen: list[str] = []
    cursor, pages = None, 0
    async with connect(upstream, era=era) as client:
        while pages == 0 or cursor is not None:
            page = await client.list_resources(cursor=cursor)
            seen += [str(resource.uri) for resource in page.resources]
            cursor, pages = page.next_cursor, pages + 1
    assert pages == 10
    assert len(seen) == len(set(seen)) == 200 + 15


@pytest.mark.parametrize("cursor", ["0", "-1", "10", "x", "1; drop", "99999999999999999999"])
async def test_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    async with connect(web_shop()) as client:
        with pytest.raises(MCPError) as refusal:
            await client.list_resources(cursor=cursor)
    assert refusal.value.error.code == -32602


async def test_key_that_may_read_only_one_of_both_lists_that_one() -> None:
    upstream = web_shop()
    upstream.keys[KEY] = Key(scopes=frozenset({"dashboard:read", "user:read"}))
    async with connect(upstream) as client:
        listed = [str(resource.uri) for resource in (await client.list_resources()).resources]
    assert listed == ["dashboard://1", "dashboard://2"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "uri", ["insight://kNoSuch1", "insight://a b c", "other://kd4735e3", "dashboard://99", "dashboard://kd4735e3"]
)
async def test_resource_that_is_none_is_refused(uri: str, era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        with pytest.raises(MCPError):
            await client.read_resource(uri)


async def test_resources_are_empty_rather_than_an_error_when_the_key_is_wrong() -> None:
    async with connect(web_shop(), api_key="phx_wrong") as client:
        assert (await client.list_resources()).resources == []


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("typed", "first"), [("kd4", SHORT[2]), ("KD4", SHORT[2]), ("revenue", SHORT[3]), ("", SHORT[4]), ("zzz", None)]
)
async def test_ids_are_completed_by_their_beginning_or_by_name(typed: str, first: str | None, era: str) -> None:
    argument = {"name": "short_id", "value": typed}
    async with connect(web_shop(), era=era) as client:
        template = ResourceTemplateReference(type="ref/resource", uri="insight://{short_id}")
        found = (await client.complete(template, argument)).completion.values
        prompt = PromptReference(type="ref/prompt", name="explain-change")
        assert (await client.complete(prompt, {"name": "insight", "value": typed})).completion.values == found
        assert (await client.complete(prompt, {"name": "question", "value": typed})).completion.values == []
    assert found[:1] == ([first] if first else [])


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("typed", "found"), [("1", ["1"]), ("support", ["2"]), ("", ["1", "2"]), ("zzz", [])])
async def test_dashboards_are_completed_by_number_or_by_name(typed: str, found: list[str], era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        template = ResourceTemplateReference(type="ref/resource", uri="dashboard://{id}")
        assert (await client.complete(template, {"name": "id", "value": typed})).completion.values == found
        prompt = PromptReference(type="ref/prompt", name="weekly-review")
        assert (await client.complete(prompt, {"name": "dashboard", "value": typed})).completion.values == found


async def test_funnels_and_fixed_choices_are_completed() -> None:
    async with connect(web_shop()) as client:
        leak = PromptReference(type="ref/prompt", name="find-funnel-leak")
        assert (await client.complete(leak, {"name": "funnel", "value": "sign"})).completion.values == [SHORT[2]]
        assert (await client.complete(leak, {"name": "period", "value": "-9"})).completion.values == ["-90d"]
        tidy = PromptReference(type="ref/prompt", name="tidy-insights")
        assert (await client.complete(tidy, {"name": "scope", "value": "Not"})).completion.values == [
            "not viewed for 90 days"
        ]
        assert (await client.complete(tidy, {"name": "zzz", "value": ""})).completion.values == []


async def test_address_of_a_dashboard_is_no_insight() -> None:
    async with connect(web_shop()) as client:
        assert "is not the address of a saved insight" in await refused(client, "insight-get", id="dashboard://1")
        assert "is no dashboard's" in await refused(client, "dashboard-get", id="insight://1")
