"""The workflow prompts, insights as resources, and completion of ids."""

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference, TextContent, TextResourceContents

from insights_mcp.server.workflows import WORKFLOWS
from tests.server.cases import SHORT
from tests.server.sessions import ERAS, connect
from tests.server.world import web_shop
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio

GIVEN = {
    "build-dashboard": {"goal": "Do new teams activate?"},
    "explain-change": {"insight": "aBcD1234", "question": "signups fell last week"},
    "tidy-insights": {},
}


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
    assert "{" not in message.content.text


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
async def test_insights_are_resources(era: str) -> None:
    async with connect(web_shop(), era=era) as client:
        listed = {resource.uri: resource for resource in (await client.list_resources()).resources}
        assert listed[f"insight://{SHORT[2]}"].title == "Signup to paid"
        [template] = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "insight://{short_id}"
        [content] = (await client.read_resource(f"insight://{SHORT[2]}")).contents
    assert isinstance(content, TextResourceContents)
    assert content.text.startswith('"Signup to paid": funnel, id 2')


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("uri", ["insight://kNoSuch1", "insight://a b c", "other://kd4735e3"])
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
