"""`data-schema`: which events, properties and values there are to ask about."""

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.client.models.definitions import EventDefinition, PropertyDefinition
from insights_mcp.client.paging import Page
from insights_mcp.errors import InputError
from insights_mcp.render.days import short_moment
from insights_mcp.render.tables import Plain, Table, cell, cut_table, dense_table
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool

_ROOM = 20_000


class SchemaArguments(Arguments):
    """What to look for."""

    kind: Annotated[Literal["events", "properties", "values"], Field(description="Guessed unless given")] | None = None
    search: str | None = None
    event: Annotated[list[str], Field(description="Properties or values on these events")] | None = None
    property: Annotated[str, Field(description="Values of this property")] | None = None
    type: Annotated[Literal["event", "person", "session", "group"], Field(description="Of properties")] = "event"
    group_type_index: Annotated[int, Field(ge=0, le=4)] | None = None
    limit: Annotated[int, Field(ge=1, le=200, description="50 unless given")] = 50
    offset: Annotated[int, Field(ge=0)] = 0


async def show_schema(arguments: SchemaArguments, call: Call) -> str:
    """Return events, properties of events or people, or values of a property."""
    kind = arguments.kind or _guess(arguments)
    if arguments.type == "group" and kind != "events" and arguments.group_type_index is None:
        raise InputError("data-schema: type group needs group_type_index (0 to 4).")
    if kind == "events":
        return await _show_events(arguments, call)
    if kind == "properties":
        return await _show_properties(arguments, call)
    return await _show_values(arguments, call)


def _guess(arguments: SchemaArguments) -> str:
    if arguments.property:
        return "values"
    return "properties" if arguments.event or arguments.type != "event" else "events"


async def _show_events(arguments: SchemaArguments, call: Call) -> str:
    page = await call.api.definitions.events(search=arguments.search, limit=arguments.limit, offset=arguments.offset)
    where = await name_project(call.api)
    if not page.results:
        return _nothing("event", arguments, where)
    rows = [[one.name, Plain(short_moment(one.last_seen_at) or ""), one.description or None] for one in page.results]
    table = dense_table(("event", "last seen", "description"), rows)
    return _listed(f"events in {where}", page, table)


async def _show_properties(arguments: SchemaArguments, call: Call) -> str:
    page = await call.api.definitions.properties(
        type=arguments.type,
        event_names=arguments.event or (),
        search=arguments.search,
        group_type_index=arguments.group_type_index,
        limit=arguments.limit,
        offset=arguments.offset,
    )
    where = await name_project(call.api)
    if not page.results:
        return _nothing(f"{arguments.type} property", arguments, where)
    rows = [[one.name, one.property_type, one.description or None] for one in page.results]
    of = f" of {', '.join(map(cell, arguments.event))}" if arguments.event else f" in {where}"
    table = dense_table(("property", "type", "description"), rows)
    return _listed(f"{arguments.type} properties{of}", page, table)


async def _show_values(arguments: SchemaArguments, call: Call) -> str:
    if not arguments.property:
        raise InputError("data-schema: values of which property? Give property.")
    values = await call.api.definitions.values(
        arguments.property,
        type=arguments.type,
        event_names=arguments.event or (),
        search=arguments.search,
        group_type_index=arguments.group_type_index,
        limit=arguments.limit,
    )
    named = cell(arguments.property)
    if not values:
        return (
            f"No values of {arguments.type} property {named} were seen. kind=properties lists the properties there are."
        )
    rows = [[one.name, one.count] for one in values]
    table = dense_table(("value", "count"), rows)
    return f"{len(rows)} values of {arguments.type} property {named}.\n{cut_table(table, _ROOM).text}"


def _listed(what: str, page: Page[EventDefinition] | Page[PropertyDefinition], table: Table) -> str:
    shown = len(page.results)
    whole = f"{shown} of {page.count}" if page.count is not None and page.count != shown else str(shown)
    more = f" Next page: offset={page.next_offset}." if page.next_offset is not None else ""
    return f"{whole} {what}.{more}\n{cut_table(table, _ROOM).text}"


def _nothing(noun: str, arguments: SchemaArguments, where: str) -> str:
    if arguments.search:
        return f"No {noun} in {where} fits {cell(arguments.search)}. Search for a part of a word, or leave search out."
    return f"No {noun} was seen in {where} yet."


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
