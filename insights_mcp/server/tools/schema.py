"""`data-schema`: which events, properties and values there are to ask about.

What finds and ranks them is imported where it is used: a session may never ask.
"""

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.errors import InputError
from insights_mcp.render.tables import cell, cut_table, dense_table
from insights_mcp.schema.text import nearest
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool

_MOST_VALUES = 200


class SchemaArguments(Arguments):
    """What to look for."""

    kind: Annotated[Literal["events", "properties", "values"], Field(description="Guessed unless given")] | None = None
    search: Annotated[str, Field(description="A topic or question")] | None = None
    event: Annotated[list[str], Field(description="Properties or values on these events")] | None = None
    property: Annotated[str, Field(description="Values of this property")] | None = None
    type: Annotated[Literal["event", "person", "session", "group"], Field(description="Of properties")] = "event"
    group_type_index: Annotated[int, Field(ge=0, le=4)] | None = None
    limit: Annotated[int, Field(ge=1, le=200, description="50 unless given")] = 50
    offset: Annotated[int, Field(ge=0)] = 0
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def show_schema(arguments: SchemaArguments, call: Call) -> str:
    """Return what there is about a topic, or events, properties of events or people, or values of a property."""
    from insights_mcp.server.discovery.listing import list_events, list_properties

    kind = arguments.kind or _guess(arguments)
    if arguments.type == "group" and kind in ("properties", "values") and arguments.group_type_index is None:
        raise InputError("data-schema: type group needs group_type_index (0 to 4).")
    if kind == "values":
        return await _show_values(arguments, call)
    if kind == "topic":
        return await _show_topic(arguments.search or "", arguments, call)
    if kind == "events":
        listed = await list_events(call, arguments.search, arguments.limit, arguments.offset)
    else:
        listed = await list_properties(
            call,
            arguments.type,
            arguments.event or (),
            arguments.search,
            arguments.limit,
            arguments.offset,
            arguments.group_type_index,
        )
    return listed.tell(arguments.max_tokens)


def _guess(arguments: SchemaArguments) -> str:
    if arguments.property:
        return "values"
    if arguments.event or arguments.type != "event":
        return "properties"
    return "topic" if (arguments.search or "").strip() and not arguments.offset else "events"


async def _show_topic(search: str, arguments: SchemaArguments, call: Call) -> str:
    from insights_mcp.server.discovery.listing import tell_nothing
    from insights_mcp.server.discovery.telling import tell_topic
    from insights_mcp.server.discovery.topics import find_topic

    topic = await find_topic(search, call)
    where = await name_project(call.api)
    if topic.is_empty:
        return await tell_nothing(search, where, call)
    return tell_topic(topic, where, arguments.max_tokens)


async def _show_values(arguments: SchemaArguments, call: Call) -> str:
    if not arguments.property:
        raise InputError("data-schema: values of which property? Give property.")

    async def find(search: str | None, limit: int) -> list[tuple[str, int | None]]:
        found = await call.api.definitions.values(
            arguments.property or "",
            type=arguments.type,
            event_names=arguments.event or (),
            search=search,
            group_type_index=arguments.group_type_index,
            limit=limit,
        )
        return [(one.name, one.count) for one in found]

    named = f"{arguments.type} property {cell(arguments.property)}"
    rows = await find(arguments.search, arguments.limit)
    if not rows and arguments.search:
        others = [name for name, _ in await find(None, _MOST_VALUES)]
        near = nearest(arguments.search, others)
        meant = f"Did you mean {cell(near)}?" if near else f"Seen are {', '.join(map(cell, others[:5]))}."
        return f"No value of {named} fits {cell(arguments.search)}. {meant if others else ''}".rstrip()
    if not rows:
        return f"No values of {named} were seen. kind=properties lists the properties there are."
    cut = cut_table(dense_table(("value", "count"), rows), arguments.max_tokens)
    shown = f"{cut.kept} of {cut.total}" if cut.is_cut else str(cut.total)
    return f"{shown} value{'' if cut.total == 1 else 's'} of {named}.\n{cut.text}"


TOOL = Tool(
    "data-schema",
    "See events and properties",
    SchemaArguments,
    show_schema,
    aliases={
        "event-definitions-list": {"kind": "events"},
        "property-definitions": {"kind": "properties"},
        "property-definitions-list": {"kind": "properties"},
        "properties-list": {"kind": "properties"},
        "read-data-schema": {},
    },
)
