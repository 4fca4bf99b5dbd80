"""An actors table ready to be put into SQL: its columns, its source, who acts (facts/queries.md 1.9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.columns import column_name
from insights_mcp.local.hogql.scope import contains_aggregate
from insights_mcp.local.queries.actors.sources import select_source
from insights_mcp.local.queries.actors.subject import Groups, Persons, Subject
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.events.columns import bare_name, parse_column
from insights_mcp.local.queries.expressions import call, constant, field
from insights_mcp.local.queries.hogql import fill_hogql
from insights_mcp.schema.events import ActorsQuery, InsightActorsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.trends import TrendsQuery

EVENT_IDS = "event_distinct_ids"
# Names that a source may give the id of an actor, best first.
_ID_NAMES = ("actor_id", "person_id", "group_key")


@dataclass(frozen=True)
class Source:
    """A SELECT whose rows are the actors: the names of its columns, and which of them is the actor's id."""

    select: ast.AnySelect
    names: Sequence[str]
    id_name: str


@dataclass(frozen=True)
class ActorColumn:
    """One asked column: its text, and the expressions its values are made of."""

    text: str
    exprs: Sequence[ast.Expr]

    @property
    def is_aggregate(self) -> bool:
        """Whether it is computed over several actors."""
        return any(contains_aggregate(expr) for expr in self.exprs)


@dataclass(frozen=True)
class ActorsTable:
    """What planning and shaping both start from."""

    query: ActorsQuery
    context: QueryContext
    subject: Subject
    source: Source | None

    @property
    def is_trend(self) -> bool:
        """Whether the actors are persons behind a point of a trend: their events' distinct ids are told, too."""
        source = self.query.source
        is_insight = isinstance(source, InsightActorsQuery) and isinstance(source.source, TrendsQuery)
        return is_insight and isinstance(self.subject, Persons)

    @cached_property
    def names(self) -> list[str]:
        """The asked columns as the answer names them."""
        if not self.query.select:
            return list(self.subject.default_select(is_trend=self.is_trend))
        extra = [EVENT_IDS] if self.is_trend and EVENT_IDS not in self.query.select else []
        return [*self.query.select, *extra]

    @cached_property
    def columns(self) -> list[ActorColumn]:
        """The asked columns. Raises HogQLError, QueryError."""
        return [self._read_column(text) for text in self.names]

    def _read_column(self, text: str) -> ActorColumn:
        if text == "person.$delete":
            return ActorColumn(text, [constant(1)])
        if self.is_actor(text):
            return ActorColumn(text, [field(self.subject.id_column)])
        if text == "matched_recordings":
            return ActorColumn(text, [constant(0)])
        if is_display_name(text):
            name = self.subject.display_name(self.context)
            return ActorColumn(text, [name, call("toString", field(self.subject.id_column))])
        return ActorColumn(text, [parse_column(text)])

    def is_actor(self, text: str) -> bool:
        """Return whether a column holds the whole actor."""
        return text in (self.subject.name, "actor")


def open_table(query: ActorsQuery, context: QueryContext) -> ActorsTable:
    """Return the table of a query. Raises HogQLError, QueryError."""
    if query.source is None:
        return ActorsTable(query, context, Persons(), None)
    if isinstance(query.source, HogQLQuery):
        return ActorsTable(query, context, Persons(), read_source(fill_hogql(query.source, context)))
    found = select_source(query.source, context)
    subject = Persons() if found.group_type_index is None else Groups(found.group_type_index)
    return ActorsTable(query, context, subject, read_source(found.select))


def is_display_name(text: str) -> bool:
    """Return whether a column, or an order, is what an actor is called."""
    return bare_name(text).removesuffix(" DESC").removesuffix(" ASC") == "person_display_name"


def read_source(select: ast.AnySelect) -> Source:
    """Return a SELECT as a source: the first column that is named like an id is the actor's. Raises QueryError."""
    first: ast.Expr = select
    while isinstance(first, ast.SelectSetQuery):
        first = first.initial_select_query
    names = [column_name(expr) for expr in first.select] if isinstance(first, ast.SelectQuery) else []
    known = [name for name in names if name in _ID_NAMES]
    known += [name for name in names if "id" in name.lower()]
    if not known:
        raise QueryError("Source query must have an id column", attr="source")
    return Source(select, names, known[0])
