"""Completion of what is typed into a prompt's argument or a resource's address: ids by their beginning, or by name."""

from collections.abc import Mapping, Sequence

from mcp_types import CompletionArgument, PromptReference, ResourceTemplateReference

from insights_mcp.client import PostHogClient
from insights_mcp.schema.insights import InsightFilters, InsightType
from insights_mcp.server.resources import DASHBOARD, INSIGHT
from insights_mcp.server.workflows import Workflow

_COMPLETED = 20
_RECENT = 100
_LOOKED_THROUGH = 500
_TYPES: Mapping[str, InsightType | None] = {"insight": None, "funnel": "FUNNELS"}
_TEMPLATES = {(INSIGHT.uri_template, "short_id"): "insight", (DASHBOARD.uri_template, "id"): "dashboard"}


async def complete(
    api: PostHogClient,
    reference: PromptReference | ResourceTemplateReference,
    argument: CompletionArgument,
    workflows: Mapping[str, Workflow],
) -> Sequence[str]:
    """Return at most twenty values for an argument; none for one that takes anything."""
    typed = argument.value.strip()
    if isinstance(reference, ResourceTemplateReference):
        return await _complete_noun(api, _TEMPLATES.get((reference.uri, argument.name)), typed)
    workflow = workflows.get(reference.name)
    blank = next((one for one in (workflow.blanks if workflow else ()) if one.name == argument.name), None)
    if blank is None:
        return ()
    choices = [one for one in blank.choices if one.lower().startswith(typed.lower())]
    return [*choices, *await _complete_noun(api, blank.noun, typed)][:_COMPLETED]


async def _complete_noun(api: PostHogClient, noun: str | None, typed: str) -> Sequence[str]:
    if noun == "dashboard":
        return await _complete_dashboard(api, typed)
    return await _complete_insight(api, typed, _TYPES[noun]) if noun is not None else ()


async def _complete_insight(api: PostHogClient, typed: str, type_: InsightType | None) -> list[str]:
    """Return short_ids of insights whose id begins with what was typed, or whose name or text fits it."""
    filters = InsightFilters(insight=type_)
    recent = await api.insights.list(filters, limit=_RECENT, order="-last_modified_at")
    found = [one.short_id for one in recent.results if one.short_id.lower().startswith(typed.lower())]
    if len(found) < _COMPLETED and typed:
        fitting = await api.insights.list(InsightFilters(insight=type_, search=typed[:200]), limit=_COMPLETED)
        found += [one.short_id for one in fitting.results]
    return list(dict.fromkeys(one for one in found if one))[:_COMPLETED]


async def _complete_dashboard(api: PostHogClient, typed: str) -> list[str]:
    """Return numbers of dashboards that begin with what was typed, or whose names hold its words."""
    boards = (await api.dashboards.list(limit=_LOOKED_THROUGH)).results
    words = typed.lower().split()
    by_number = [board for board in boards if str(board.id).startswith(typed)]
    by_name = [board for board in boards if words and all(word in (board.name or "").lower() for word in words)]
    return [str(number) for number in dict.fromkeys(board.id for board in [*by_number, *by_name])][:_COMPLETED]
