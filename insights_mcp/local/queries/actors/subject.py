"""Who acts: persons or groups, with what differs between their tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.events.columns import name_expr
from insights_mcp.local.queries.expressions import TRUE, any_of, call, compare, constant, field
from insights_mcp.local.queries.filters import match_filters
from insights_mcp.local.queries.people import find_groups, find_persons_with_ids
from insights_mcp.schema.events import ActorsQuery

Shown = Mapping[str, object]


class Subject(Protocol):
    """A kind of actor: its table, and how its rows are found and shown."""

    @property
    def name(self) -> str:
        """What a column calls the whole actor, beside `actor`."""
        ...

    @property
    def table(self) -> str:
        """The table of all of them."""
        ...

    @property
    def id_column(self) -> str:
        """The column of that table that a source's `actor_id` is."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The columns of that table."""
        ...

    def default_select(self, *, is_trend: bool) -> Sequence[str]:
        """Return the columns that are shown when none are asked for."""
        ...

    def conditions(self, query: ActorsQuery, context: QueryContext) -> Sequence[ast.Expr]:
        """Return the conditions that a query puts on them. Raises QueryError."""
        ...

    def display_name(self, context: QueryContext) -> ast.Expr:
        """Return what one of them is called."""
        ...

    def sort_key(self, context: QueryContext) -> ast.Expr:
        """Return what a table ordered by the whole actor is ordered by."""
        ...

    def find(self, ids: Iterable[str], context: QueryContext) -> Mapping[str, Shown]:
        """Return those that exist as they are shown, by id. Runs queries."""
        ...

    def stand_in(self, actor_id: str, distinct_ids: object) -> Shown:
        """Return what is shown for one that does not exist."""
        ...


@dataclass(frozen=True)
class Persons:
    """People."""

    name: str = "person"
    table: str = "persons"
    id_column: str = "id"
    columns: Sequence[str] = ("id", "created_at", "properties", "is_identified", "pdi")

    def default_select(self, *, is_trend: bool) -> Sequence[str]:
        """Return the columns that are shown when none are asked for."""
        return ("person", "id", "person.$delete", *(("event_distinct_ids",) if is_trend else ()))

    def conditions(self, query: ActorsQuery, context: QueryContext) -> Sequence[ast.Expr]:
        """Return the conditions of the filters and of the search."""
        return [
            match_filters(query.properties, context, scope="person"),
            match_filters(query.fixedProperties, context, scope="person"),
            self._match_search(query.search),
        ]

    def _match_search(self, search: str | None) -> ast.Expr:
        if not search:
            return TRUE
        pattern = constant(f"%{search}%")
        texts = [field("properties", "email"), field("properties", "name"), field("id")]
        by_id = parse_expr(
            "id in (select person_id from person_distinct_ids where ilike(distinct_id, {pattern}))",
            {"pattern": pattern},
        )
        return any_of([*(compare(call("toString", text), "ilike", pattern) for text in texts), by_id])

    def display_name(self, context: QueryContext) -> ast.Expr:
        """Return the first of the display properties that they have, else their id."""
        return name_expr(("properties",), context, call("toString", field("id")))

    def sort_key(self, context: QueryContext) -> ast.Expr:
        """Return the email, or the project's own first display property."""
        chosen = context.team.settings.get("person_display_name_properties")
        return field("properties", str(chosen[0]) if isinstance(chosen, list) and chosen else "email")

    def find(self, ids: Iterable[str], context: QueryContext) -> Mapping[str, Shown]:
        """Return persons with their properties and distinct ids."""
        return {
            id_: {
                "id": person.id,
                "properties": person.properties,
                "is_identified": person.is_identified,
                "created_at": person.created_at,
                "distinct_ids": person.distinct_ids,
            }
            for id_, person in find_persons_with_ids(ids, context).items()
        }

    def stand_in(self, actor_id: str, distinct_ids: object) -> Shown:
        """Return the id, with the distinct ids that the events name."""
        return {"id": actor_id} if distinct_ids is None else {"id": actor_id, "distinct_ids": distinct_ids}


@dataclass(frozen=True)
class Groups:
    """Groups of one type."""

    index: int
    name: str = "group"
    table: str = "groups"
    id_column: str = "key"
    columns: Sequence[str] = ("index", "key", "created_at", "updated_at", "properties")

    def default_select(self, *, is_trend: bool) -> Sequence[str]:  # noqa: ARG002  # the protocol's signature
        """Return the columns that are shown when none are asked for."""
        return ("group",)

    def conditions(self, query: ActorsQuery, context: QueryContext) -> Sequence[ast.Expr]:  # noqa: ARG002  # as above
        """Return the condition of the search; property filters are for persons."""
        if not query.search:
            return []
        pattern = constant(f"%{query.search}%")
        by_key = compare(call("toString", field("key")), "ilike", pattern)
        return [any_of([compare(field("properties", "name"), "ilike", pattern), by_key])]

    def display_name(self, context: QueryContext) -> ast.Expr:  # noqa: ARG002  # the protocol's signature
        """Return the name, else the key."""
        return call("coalesce", call("toString", field("properties", "name")), field("key"))

    def sort_key(self, context: QueryContext) -> ast.Expr:  # noqa: ARG002  # the protocol's signature
        """Return the name."""
        return field("properties", "name")

    def find(self, ids: Iterable[str], context: QueryContext) -> Mapping[str, Shown]:
        """Return groups with their properties, under both names that these have."""
        return {
            key: {
                "id": group.key,
                "type": "group",
                "properties": group.properties,
                "group_key": group.key,
                "group_type_index": self.index,
                "created_at": group.created_at,
                "group_properties": group.properties,
            }
            for key, group in find_groups(self.index, ids, context).items()
        }

    def stand_in(self, actor_id: str, distinct_ids: object) -> Shown:  # noqa: ARG002  # the protocol's signature
        """Return the key and the type."""
        return {"id": actor_id, "group_type_index": self.index}
