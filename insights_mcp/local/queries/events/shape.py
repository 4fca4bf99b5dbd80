"""The rows of an events table as PostHog prints them (facts/queries.md 1.9)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.events.columns import STAR, EventColumn, Role, read_columns
from insights_mcp.local.queries.events.plan import order_of
from insights_mcp.local.queries.pages import read_page
from insights_mcp.local.queries.people import FoundPerson, find_owners, read_properties
from insights_mcp.local.queries.plain import print_type
from insights_mcp.schema.events import EventsQuery


def shape_events(rows: Sequence[Rows], query: EventsQuery, context: QueryContext) -> Outcome:
    """Return one list per event or group of events. Raises HogQLError, QueryError."""
    answer, page = rows[0], read_page(query.limit, query.offset)
    columns = read_columns(query.select, context)
    shown = [_split(row, columns) for row in page.cut(answer)]
    persons = _find_persons(shown, columns, context)
    has_more = page.has_more(answer)
    return Outcome(
        results=[[_show(column, part, persons) for column, part in zip(columns, row, strict=True)] for row in shown],
        columns=[_name(column) for column in columns],
        types=[_type(column, part) for column, part in zip(columns, _split(tuple(answer.types), columns), strict=True)],
        has_more=has_more,
        limit=page.limit,
        offset=page.offset,
        extra={"nextCursor": _cursor(query, columns, shown, context) if has_more else None},
    )


def _split(row: tuple[object, ...], columns: Sequence[EventColumn]) -> list[tuple[object, ...]]:
    """Return the values of each column."""
    parts, place = [], 0
    for column in columns:
        parts.append(row[place : place + len(column.exprs)])
        place += len(column.exprs)
    return parts


def _find_persons(
    rows: Sequence[Sequence[tuple[object, ...]]], columns: Sequence[EventColumn], context: QueryContext
) -> Mapping[str, FoundPerson]:
    places = [place for place, column in enumerate(columns) if column.role is Role.PERSON]
    return find_owners({str(row[place][0]) for row in rows for place in places}, context)


def _show(column: EventColumn, values: tuple[object, ...], persons: Mapping[str, FoundPerson]) -> object:
    if column.role is Role.STAR:
        return _show_event(values)
    if column.role is Role.PERSON:
        return _show_person(str(values[0]), persons.get(str(values[0])))
    if column.role is Role.DISPLAY_NAME:
        name, person_id, distinct_id = values
        return {"display_name": name, "id": str(person_id), "distinct_id": str(distinct_id)}
    return values[0]


def _show_event(values: tuple[object, ...]) -> dict[str, object]:
    event: dict[str, object] = dict(zip(STAR, values, strict=True))
    properties = event["properties"] = read_properties(event["properties"])
    if isinstance(properties, dict) and properties.get("$session_id"):
        properties["$has_recording"] = False  # sessions are not recorded here
    if event["elements_chain"]:
        event["elements"] = [element.body() for element in read_chain(str(event["elements_chain"]))]
    return event


def _show_person(distinct_id: str, person: FoundPerson | None) -> dict[str, object]:
    if person is None:
        return {"distinct_id": distinct_id}
    return {
        "uuid": person.id,
        "created_at": person.created_at,
        "properties": person.properties,
        "distinct_id": distinct_id,
    }


def _name(column: EventColumn) -> str:
    """Return what a column is called: its text as it was asked for, or its alias."""
    expr = column.exprs[0]
    return expr.alias if column.role is Role.PLAIN and isinstance(expr, ast.Alias) else column.text


def _type(column: EventColumn, types: tuple[object, ...]) -> str:
    names = [print_type(str(one)) for one in types]
    return f"Tuple({', '.join(names)})" if column.role in (Role.STAR, Role.DISPLAY_NAME) else names[0]


def _cursor(
    query: EventsQuery,
    columns: Sequence[EventColumn],
    rows: Sequence[Sequence[tuple[object, ...]]],
    context: QueryContext,
) -> str | None:
    """Return the time that the next page starts at, for tables of events in the order of their times."""
    order = order_of(query, columns, context)
    by_time = bool(order) and isinstance(order[0].expr, ast.Field) and list(order[0].expr.chain) == ["timestamp"]
    if not by_time or query.source is not None or any(column.is_aggregate for column in columns) or not rows:
        return None
    for column, values in zip(columns, rows[-1], strict=True):
        moment = None
        if column.role is Role.STAR:
            moment = values[STAR.index("timestamp")]
        elif column.role is Role.PLAIN and isinstance(column.exprs[0], ast.Field):
            moment = values[0] if list(column.exprs[0].chain) == ["timestamp"] else None
        if isinstance(moment, datetime):
            return moment.isoformat()
    return None
