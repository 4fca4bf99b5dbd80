"""`generate_metadata`: a name and a description for an insight or a query, applied on request."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import InputError
from insights_mcp.render.marking import quote
from insights_mcp.render.reports import render_report
from insights_mcp.schema.insights import InsightPatch
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import QueryArgument, ask, read_query
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.journal import Step
from insights_mcp.server.places import name_insight
from insights_mcp.server.states import changed_fields, insight_state
from insights_mcp.server.tool import CHANGES, Call, Tool

if TYPE_CHECKING:
    from insights_mcp.naming import Metadata
    from insights_mcp.schema.queries import AnyQuery

_RESULT_TOKENS = 600


class MetadataArguments(Arguments):
    """What to name."""

    id: InsightId | None = None
    query: QueryArgument | None = None
    include_results: Annotated[bool, Field(description="Let the model see the results too")] = False
    apply: Annotated[bool, Field(description="Save them to the insight")] = False


async def generate_metadata(arguments: MetadataArguments, call: Call) -> str:
    """Suggest a name and a description, or write them."""
    from insights_mcp.naming import name_query

    if (arguments.id is None) == (arguments.query is None):
        raise InputError("generate_metadata: give either id or query.", advice='Example: {"id": "123", "apply": true}')
    if arguments.apply and arguments.id is None:
        raise InputError("generate_metadata: apply needs the id of a saved insight.")
    insight = None
    if arguments.id is not None:
        key = await find_insight(call, arguments.id, is_write=arguments.apply)
        insight = await call.api.insights.get(key, basic=True)
    query = _query_of(insight) if insight else read_query(arguments.query, call.notes)
    results = render_report((await ask(call, query)).report, _RESULT_TOKENS) if arguments.include_results else None
    metadata = await name_query(query, model=call.services.model, results=results)
    if insight is not None and arguments.apply:
        patch = InsightPatch(name=metadata.name, description=metadata.description)
        stored = await call.api.insights.update(insight.id, patch)
        old, new = changed_fields(insight_state(insight), insight_state(stored))
        if new:
            await call.record(TOOL.name, stored.title, [Step("insight", stored.id, old, new)])
        return "\n".join([f"Saved to {name_insight(call.api, stored)}.", *_lines(metadata, insight)])
    last = "Not saved: apply=true saves it." if insight else "Not saved: give it to insight-create."
    return "\n".join([*_lines(metadata, insight), last])


def _query_of(insight: Insight) -> "AnyQuery":
    if insight.query is None:
        raise InputError("This insight is kept as old filters, without a query to name.")
    from insights_mcp.schema.queries import parse_query

    return parse_query(insight.query)


def _lines(metadata: "Metadata", insight: Insight | None) -> list[str]:
    lines = [
        f"name: {_old(insight.name) if insight else ''}{quote(metadata.name)}",
        f"description: {_old(insight.description) if insight else ''}{quote(metadata.description)}",
    ]
    lines.append(metadata.note or ("Written by a model." if metadata.source == "model" else "Written by rule."))
    return lines


def _old(text: str | None) -> str:
    return f"{quote(text)} -> " if text else "none -> "


TOOL = Tool(
    "generate_metadata",
    "Name an insight",
    MetadataArguments,
    generate_metadata,
    hints=CHANGES,
    aliases={"generate-metadata": {}, "insights-generate-metadata": {}, "insights-generate-metadata-create": {}},
    writes=lambda arguments: arguments.apply,
)
