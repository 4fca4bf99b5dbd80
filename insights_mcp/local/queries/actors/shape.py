"""The rows of an actors table as PostHog prints them (facts/queries.md 1.9)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.actors.table import EVENT_IDS, ActorsTable, is_display_name, open_table
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.pages import read_page
from insights_mcp.local.queries.plain import print_type
from insights_mcp.schema.events import ActorsQuery

Row = list[tuple[object, ...]]


def shape_actors(rows: Sequence[Rows], query: ActorsQuery, context: QueryContext) -> Outcome:
    """Return one list per actor, or group of actors. Raises HogQLError, QueryError."""
    answer, page = rows[0], read_page(query.limit, query.offset)
    table = open_table(query, context)
    shown = [_split(row, table) for row in page.cut(answer)]
    places = [place for place, name in enumerate(table.names) if table.is_actor(name)]
    found = table.subject.find({str(row[place][0]) for row in shown for place in places}, context) if places else {}
    types = _split(tuple(answer.types), table)
    return Outcome(
        results=[_show(row, table, found) for row in shown],
        columns=table.names,
        types=[_type(name, part) for name, part in zip(table.names, types, strict=True)],
        has_more=page.has_more(answer),
        limit=page.limit,
        offset=page.offset,
        extra={"missing_actors_count": len(shown) - len(found) if places else None},
    )


def _split(row: tuple[object, ...], table: ActorsTable) -> Row:
    parts, place = [], 0
    for column in table.columns:
        parts.append(row[place : place + len(column.exprs)])
        place += len(column.exprs)
    return parts


def _show(row: Row, table: ActorsTable, found: Mapping[str, Mapping[str, object]]) -> list[object]:
    ids = row[table.names.index(EVENT_IDS)][0] if EVENT_IDS in table.names else None
    shown: list[object] = []
    for name, values in zip(table.names, row, strict=True):
        if table.is_actor(name):
            actor_id = str(values[0])
            shown.append(found.get(actor_id) or table.subject.stand_in(actor_id, ids))
        elif name == "matched_recordings":
            shown.append([])  # sessions are not recorded here
        elif is_display_name(name):
            shown.append({"display_name": values[0], "id": str(values[1])})
        else:
            shown.append(values[0])
    return shown


def _type(name: str, types: tuple[object, ...]) -> str:
    names = [print_type(str(one)) for one in types]
    return f"Tuple({', '.join(names)})" if is_display_name(name) else names[0]
