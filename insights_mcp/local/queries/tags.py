"""Queries written as tags where a table stands in HogQL: `SELECT * FROM (<ActorsQuery select={[..]}>..</ActorsQuery>)`.

Upstream reads such a tag as the query of that name: attributes are its fields, the tag inside is its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from insights_mcp.errors import QueryInvalid
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.visitor import transform
from insights_mcp.local.queries.actors.plan import plan_actors
from insights_mcp.local.queries.actors.sources import select_source
from insights_mcp.local.queries.actors.table import open_table
from insights_mcp.local.queries.context import Kind, QueryContext, QueryError, Statement
from insights_mcp.local.queries.events.plan import plan_events
from insights_mcp.local.queries.hogql import fill_hogql, plan_hogql, shape_hogql
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelsActorsQuery
from insights_mcp.schema.events import ActorsQuery, EventsQuery, InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.queries import QUERY_KINDS, parse_query

_SOURCES = (InsightActorsQuery, FunnelsActorsQuery, FunnelCorrelationActorsQuery, StickinessActorsQuery)
# Filters are told apart by their tags; the others have a `type` of their own.
_FILTER_TYPES: Mapping[str, str] = {
    "EventPropertyFilter": "event",
    "PersonPropertyFilter": "person",
    "SessionPropertyFilter": "session",
    "GroupPropertyFilter": "group",
    "CohortPropertyFilter": "cohort",
    "ElementPropertyFilter": "element",
    "FeaturePropertyFilter": "feature",
    "HogQLPropertyFilter": "hogql",
}


def plan_with_tags(query: HogQLQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement of a HogQL query, with tags as what they select. Raises HogQLError, QueryError."""
    return [
        replace(statement, select=cast(ast.AnySelect, expand_tags(statement.select, context)))
        for statement in plan_hogql(query, context)
    ]


HOGQL: Kind[HogQLQuery] = Kind("HogQLQuery", plan_with_tags, shape_hogql)


def expand_tags(node: ast.Node, context: QueryContext) -> ast.Node:
    """Return the tree with a SELECT for every tag that stands for a table. Raises HogQLError, QueryError."""

    def change(one: ast.Node) -> ast.Node | None:
        if isinstance(one, ast.JoinExpr) and isinstance(one.table, ast.HogQLXTag):
            return transform(replace(one, table=_select(one.table, context)), change)
        return None

    return transform(node, change)


def _select(tag: ast.HogQLXTag, context: QueryContext) -> ast.AnySelect:
    if tag.kind not in QUERY_KINDS:
        raise QueryError(f"There is no query <{tag.kind} />.", attr="query")
    try:
        query = parse_query(_read_tag(tag))
    except QueryInvalid as error:
        raise QueryError(f"<{tag.kind}> is not a query: {error}", attr="query") from None
    if isinstance(query, ActorsQuery):
        return _select_actors(query, context)
    if isinstance(query, EventsQuery):
        return _without_page(plan_events(query, context)[0].select)
    if isinstance(query, HogQLQuery):
        return fill_hogql(query, context)
    if isinstance(query, _SOURCES):
        return select_source(query, context).select
    raise QueryError(f"The results of a {tag.kind} are not a table that can be selected from.", attr="query")


def _select_actors(query: ActorsQuery, context: QueryContext) -> ast.AnySelect:
    """Return the asked columns: what the answer of the query itself would tell beside them is left out."""
    select = _without_page(plan_actors(query, context)[0].select)
    more = len(open_table(query, context).names) - len(query.select) if query.select else 0
    if not more or not isinstance(select, ast.SelectQuery):
        return select
    return replace(select, select=select.select[:-more])


def _without_page(select: ast.AnySelect) -> ast.AnySelect:
    return replace(select, limit=None, offset=None)


def _read(value: object) -> object:
    """Return the JSON that a tag, or an expression in it, stands for. Raises QueryError."""
    if isinstance(value, ast.Constant):
        return value.value
    if isinstance(value, ast.Array | ast.Tuple):
        return [_read(one) for one in value.exprs]
    if isinstance(value, ast.HogQLXTag):
        return _read_tag(value)
    raise QueryError("A query written as a tag is made of values, lists and tags.", attr="query")


def _read_tag(tag: ast.HogQLXTag) -> Mapping[str, object]:
    fields: dict[str, object] = {"kind": tag.kind} if tag.kind.endswith(("Query", "Node")) else {}
    if tag.kind in _FILTER_TYPES:
        fields["type"] = _FILTER_TYPES[tag.kind]
    for attribute in tag.attributes:
        if attribute.name == "children" and not isinstance(attribute.value, ast.Expr):
            tags = [one for one in attribute.value if isinstance(one, ast.HogQLXTag)]
            fields |= {"source": _read_tag(tags[0])} if tags else {}
        else:
            fields[attribute.name] = _read(attribute.value)
    return fields
