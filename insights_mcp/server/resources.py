"""Insights as resources (`insight://{short_id}`), and the completion of ids."""

from collections.abc import Mapping

from mcp_types import (
    CompletionArgument,
    PromptReference,
    Resource,
    ResourceTemplate,
    ResourceTemplateReference,
)

from insights_mcp.client import PostHogClient
from insights_mcp.render.insights import kind_word
from insights_mcp.render.marking import mark
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.server.identifiers import insight_key
from insights_mcp.server.tools.reading import tell_insight
from insights_mcp.server.workflows import Workflow

MIME_TYPE = "text/plain"
URI_TEMPLATE = "insight://{short_id}"
TEMPLATE = ResourceTemplate(
    uri_template=URI_TEMPLATE,
    name="insight",
    title="Saved insight",
    description="A saved insight: name, definition and the gist of its cached result.",
    mime_type=MIME_TYPE,
)
_LISTED = 20
_COMPLETED = 20


async def list_insights(api: PostHogClient) -> list[Resource]:
    """Return the insights that were changed last, as resources."""
    page = await api.insights.list(limit=_LISTED, order="-last_modified_at")
    return [
        Resource(
            uri=f"insight://{one.short_id}",
            name=one.short_id,
            title=mark(one.title),
            description=f"{kind_word(one.query)}{f': {mark(one.description)}' if one.description else ''}",
            mime_type=MIME_TYPE,
        )
        for one in page.results
        if one.short_id
    ]


async def read_insight(api: PostHogClient, uri: str) -> str:
    """Return an insight as text.

    Raises InputError for an address that is none, NotFound for an insight that is not there.
    """
    return await tell_insight(api, await insight_key(api, uri))


def completed_noun(
    reference: PromptReference | ResourceTemplateReference,
    argument: CompletionArgument,
    workflows: Mapping[str, Workflow],
) -> str | None:
    """Return the noun whose ids complete an argument, None when there is nothing to complete."""
    if isinstance(reference, ResourceTemplateReference):
        return "insight" if reference.uri == URI_TEMPLATE and argument.name == "short_id" else None
    workflow = workflows.get(reference.name)
    blanks = workflow.blanks if workflow else ()
    return next((blank.noun for blank in blanks if blank.name == argument.name), None)


async def complete_insight(api: PostHogClient, typed: str) -> list[str]:
    """Return short_ids of insights whose id begins with what was typed, or whose name or text fits it."""
    typed = typed.strip()
    recent = await api.insights.list(limit=100, order="-last_modified_at")
    found = [one.short_id for one in recent.results if one.short_id.lower().startswith(typed.lower())]
    if len(found) < _COMPLETED and typed:
        fitting = await api.insights.list(InsightFilters(search=typed[:200]), limit=_COMPLETED)
        found += [one.short_id for one in fitting.results]
    return list(dict.fromkeys(one for one in found if one))[:_COMPLETED]
