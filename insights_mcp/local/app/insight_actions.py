"""What can be done with an insight beside reading and writing it (facts/rest-api.md 9)."""

from collections.abc import Mapping

import anyio.from_thread

from insights_mcp.errors import InsightsError, QueryInvalid
from insights_mcp.local.analysis import Suggestion, analyze, suggest
from insights_mcp.local.analysis.analyst import NO_RESULTS
from insights_mcp.local.analysis.model import (
    analysis_request,
    read_analysis,
    read_suggestions,
    suggestions_request,
)
from insights_mcp.local.app.fields import read_flag
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_queries import is_viz, source_of
from insights_mcp.local.app.insight_results import compute
from insights_mcp.local.app.insight_writes import query_columns
from insights_mcp.local.problems import Problem, invalid, not_found, unparsable
from insights_mcp.local.store.insights import Insight, find_insight, list_with_queries, update_insight
from insights_mcp.schema.queries import parse_query

NAME_LIMIT = 100
DESCRIPTION_LIMIT = 200
NAMED_KINDS = ("InsightVizNode", "ActorsQuery", "EventsQuery", "GroupsQuery")


@endpoint("POST", "/insights/cancel/", auth_failure=403)
def cancel(call: Call) -> Answer:
    """Cancel a running query by its client's number."""
    query_id = call.fields.get("client_query_id")
    if not query_id or not isinstance(query_id, str):
        raise invalid("Field is required.", attr="client_query_id")
    call.backend.queries.cancel(call.team, query_id)
    return empty(201)


@endpoint("GET", "/insights/{id}/analyze/", auth_failure=403)
def analyze_insight(call: Call) -> Answer:
    """Say in plain text what an insight's results show; nothing for anything but a chart."""
    insight = _need_insight(call)
    if not is_viz(insight.query):
        return Answer({"result": ""})
    results = _results(call, insight)
    if results is None:
        return Answer({"result": NO_RESULTS})
    source = source_of(insight.query)
    told = _ask(call, *analysis_request(insight.title or "", insight.description or "", source, results))
    return Answer({"result": (read_analysis(told) if told else None) or analyze(source, results)})


@endpoint("GET POST", "/insights/{id}/suggestions/", auth_failure=403)
def suggest_next(call: Call) -> Answer:
    """List questions to ask next: those that follow from the kind of query, then the model's."""
    insight = _need_insight(call)
    if not is_viz(insight.query):
        return Answer([])
    context = call.fields.get("context") if call.method == "POST" else None
    source = source_of(insight.query)
    found = suggest(source)
    if call.backend.ask is not None:
        said = context if isinstance(context, str) else insight.description or ""
        told = _ask(call, *suggestions_request(insight.title or "", source, _results(call, insight), said))
        found += read_suggestions(told) if told else []
    return Answer([_show(suggestion) for suggestion in found])


@endpoint("POST", "/insights/generate_metadata/", scope="insight:write", auth_failure=403)
def generate_metadata(call: Call) -> Answer:
    """Name and describe a query; nothing is saved."""
    query = call.fields.get("query")
    if not query:
        raise invalid("Missing 'query' field in request body")
    if not isinstance(query, dict):
        raise unparsable("query: must be a JSON object with a kind.")
    try:
        parse_query(query)
    except QueryInvalid as error:
        raise unparsable(str(error)) from error
    if query.get("kind") not in NAMED_KINDS:
        raise invalid("Invalid query format")
    name, description = _describe(call, query)
    return Answer({"name": _cut(name, NAME_LIMIT), "description": _cut(description, DESCRIPTION_LIMIT)})


@endpoint("POST", "/insights/timing/", auth_failure=403)
def record_timing(_: Call) -> Answer:
    """Take a client's measurement and forget it."""
    return empty(201)


@endpoint("POST", "/insights/bulk_set_test_account_filter/", scope="insight:write", auth_failure=403)
def set_test_account_filter(call: Call) -> Answer:
    """Switch the filter of test accounts on or off in every chart of the project."""
    if "enabled" not in call.fields:
        raise invalid("This field is required.", attr="enabled", code="required")
    enabled = read_flag(call.fields, "enabled")
    updated = 0
    with call.backend.store.write() as db:
        for insight in list_with_queries(db, call.team.id):
            changed = _with_test_account_filter(insight.query or {}, enabled)
            if changed is not None:
                update_insight(db, insight.id, query_columns(changed), call.now)
                updated += 1
    return Answer({"updated": updated})


def _need_insight(call: Call) -> Insight:
    with call.backend.store.read() as db:
        insight = find_insight(db, call.team.id, call.path["id"])
    if insight is None:
        raise not_found()
    return insight


def _results(call: Call, insight: Insight) -> object:
    """Return the cached results, computed now when there are none; None when they cannot be."""
    try:
        return compute(call, insight.id, insight.query, "async_except_on_cache_miss")["result"]
    except Problem:
        return None


def _ask(call: Call, instructions: str, facts: str) -> str | None:
    """Return what the model says, None without one or when it fails: the rules answer then."""
    ask = call.backend.ask
    if ask is None:
        return None

    async def told() -> str:
        return await ask(instructions, facts)

    try:
        return anyio.from_thread.run(told)
    except InsightsError:
        return None


def _describe(call: Call, query: Mapping[str, object]) -> tuple[str, str]:
    failed = Problem(500, "server_error", "error", "Failed to generate insight metadata. Please try again.")
    describe = call.backend.describe
    if describe is None:
        raise failed

    async def named() -> tuple[str, str]:
        return await describe(query)

    try:
        return anyio.from_thread.run(named)
    except InsightsError as error:
        raise failed from error


def _with_test_account_filter(query: Mapping[str, object], enabled: bool) -> Mapping[str, object] | None:
    """Return a chart's query with the switch set, None when there is nothing to change."""
    source = source_of(query)
    if not is_viz(query) or bool(source.get("filterTestAccounts")) == enabled:
        return None
    return {**query, "source": {**source, "filterTestAccounts": enabled}}


def _show(suggestion: Suggestion) -> dict[str, object]:
    return {
        "title": suggestion.title,
        "description": suggestion.description,
        "targetQuery": suggestion.target_query,
    }


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


ROUTES = (
    cancel,
    analyze_insight,
    suggest_next,
    generate_metadata,
    record_timing,
    set_test_account_filter,
)
