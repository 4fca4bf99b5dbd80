"""`insight-create`: run a query, save it, read back what was stored."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from insights_mcp.render.insights import kind_word
from insights_mcp.render.marking import quote
from insights_mcp.schema.insights import InsightWrite
from insights_mcp.server.acks import note_differences, tell_write
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import QueryArgument, read_query
from insights_mcp.server.journal import Step
from insights_mcp.server.places import name_insight
from insights_mcp.server.states import GONE, insight_state
from insights_mcp.server.tool import ADDS, Call, Tool
from insights_mcp.server.trials import check_names, refuse_look_alike, try_query

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

Name = Annotated[str, Field(max_length=400)]
Force = Annotated[bool, Field(description="Despite an unknown event or a look-alike")]


class CreateArguments(Arguments):
    """The insight to create."""

    query: QueryArgument
    name: Annotated[Name, Field(description="Written from the query unless given")] | None = None
    description: Name | None = None
    tags: list[str] | None = None
    favorited: bool | None = None
    dashboards: Annotated[list[int], Field(description="Dashboard ids to put it on")] | None = None
    dry_run: bool = False
    force: Force = False


async def create_insight(arguments: CreateArguments, call: Call) -> str:
    """Create an insight whose query was run first."""
    from insights_mcp.schema.queries import dump_query, wrap_query

    query = wrap_query(read_query(arguments.query, call.notes))
    if not arguments.force:
        await check_names(call, query)
        await refuse_look_alike(call, query)
    trial = await try_query(call, query)
    name, description, note = await _name(arguments, call, query)
    body = dump_query(query)
    if arguments.dry_run:
        return tell_write(
            f"Dry run, nothing saved. Would create {quote(name)} ({kind_word(body)}).", notes=[trial.line]
        )
    fields = arguments.model_dump(include={"tags", "favorited", "dashboards"}, exclude_none=True)
    if description:
        fields["description"] = description
    created = await call.api.insights.create(InsightWrite(query=body, name=name, **fields))
    stored = await call.api.insights.get(created.id, basic=True)
    made = {name: value for name, value in insight_state(stored).items() if name in ("deleted", "name", "query")}
    await call.record(TOOL.name, stored.title, [Step("insight", stored.id, GONE, made)])
    done = f"Created {name_insight(call.api, stored)}."
    return tell_write(done, notes=[trial.line, note or "", note_differences(body, stored) or ""])


async def _name(arguments: CreateArguments, call: Call, query: "AnyQuery") -> tuple[str, str | None, str | None]:
    from insights_mcp.naming import name_query

    if arguments.name:
        return arguments.name, arguments.description, None
    written = await name_query(query, model=call.services.model)
    note = "Name written by a model." if written.source == "model" else "Name written by rule."
    return written.name, arguments.description or written.description, note


TOOL = Tool(
    "insight-create",
    "Create an insight",
    CreateArguments,
    create_insight,
    hints=ADDS,
    aliases={"insight-create-from-query": {}, "insights-create": {}, "create-insight": {}},
)
