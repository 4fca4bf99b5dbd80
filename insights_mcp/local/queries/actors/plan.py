"""The statement of an actors table (facts/queries.md 1.9)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr, parse_order_expr
from insights_mcp.local.hogql.scope import contains_aggregate
from insights_mcp.local.hogql.visitor import children, transform
from insights_mcp.local.queries.actors.subject import Groups
from insights_mcp.local.queries.actors.table import ActorsTable, Source, is_display_name, open_table
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.events.plan import without_alias
from insights_mcp.local.queries.expressions import TRUE, all_of, compare, constant, field, from_table
from insights_mcp.local.queries.pages import read_page
from insights_mcp.schema.events import ActorsQuery

SOURCE = "source"


def plan_actors(query: ActorsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises HogQLError, QueryError."""
    table, page = open_table(query, context), read_page(query.limit, query.offset)
    select = _select(table)
    if table.source is not None:
        select = _from_source(select, table.source, table)
    select = replace(
        select,
        limit=constant(page.fetched),
        offset=constant(page.offset) if page.offset else None,
    )
    # the author of the query wrote expressions of it, so only functions for callers may be used
    hogql = replace(context.hogql, trusted=False)
    return [Statement(select, label="actors", max_rows=page.fetched, hogql=hogql)]


def _select(table: ActorsTable) -> ast.SelectQuery:
    """Return the table over all actors."""
    columns = table.columns
    conditions = [one for one in table.subject.conditions(table.query, table.context) if one != TRUE]
    having = [one for one in conditions if contains_aggregate(one)]
    is_grouped = any(column.is_aggregate for column in columns)
    keys = [without_alias(expr) for column in columns if not column.is_aggregate for expr in column.exprs]
    return ast.SelectQuery(
        select=[expr for column in columns for expr in column.exprs],
        select_from=from_table(table.subject.table),
        where=all_of(one for one in conditions if one not in having),
        having=all_of(having) if having else None,
        group_by=[key for key in keys if not isinstance(key, ast.Constant)] or None if is_grouped else None,
        order_by=_order(table),
    )


def _order(table: ActorsTable) -> list[ast.OrderExpr]:
    if table.query.orderBy is not None:
        return [_read_order(text, table) for text in table.query.orderBy]
    if "count()" in table.names:
        return [ast.OrderExpr(expr=parse_expr("count()"), order="DESC")]
    aggregates = [column for column in table.columns if column.is_aggregate]
    if aggregates:
        return [ast.OrderExpr(expr=without_alias(aggregates[0].exprs[0]), order="DESC")]
    if "created_at" in table.names:
        return [ast.OrderExpr(expr=field("created_at"), order="DESC")]
    return [ast.OrderExpr(expr=without_alias(table.columns[0].exprs[0]), order="ASC")]


def _read_order(text: str, table: ActorsTable) -> ast.OrderExpr:
    direction: Literal["ASC", "DESC"] = "DESC" if text.rstrip().upper().endswith("DESC") else "ASC"
    if is_display_name(text):
        return ast.OrderExpr(expr=table.subject.display_name(table.context), order=direction)
    name = text.strip().removesuffix(" DESC").removesuffix(" ASC")
    if table.is_actor(name):
        return ast.OrderExpr(expr=table.subject.sort_key(table.context), order=direction)
    return parse_order_expr(text)


def _from_source(select: ast.SelectQuery, source: Source, table: ActorsTable) -> ast.SelectQuery:
    """Read the actors of a source: alone where it has all that is asked for, else joined with the table of all."""
    subject = table.subject
    asked = _names_in([select])
    given = {*source.names, subject.id_column, SOURCE}
    if asked <= given:
        # actors that do not exist (any more) stay in the table then, as upstream
        renamed = _rename(select, {subject.id_column: (SOURCE, source.id_name)})
        return replace(renamed, select_from=ast.JoinExpr(table=source.select, alias=SOURCE))
    own = {name: (subject.table, name) for name in subject.columns if name not in source.names}
    own[subject.id_column] = (subject.table, subject.id_column)
    renamed = _rename(select, own)
    same = compare(field(subject.table, subject.id_column), "==", field(SOURCE, source.id_name))
    constraint = ast.JoinConstraint(expr=same, constraint_type="ON")
    joined = ast.JoinExpr(table=source.select, alias=SOURCE, join_type="INNER JOIN", constraint=constraint)
    if isinstance(subject, Groups):
        only = compare(field(subject.table, "index"), "==", constant(subject.index))
        renamed = replace(renamed, where=all_of([only, *([renamed.where] if renamed.where else [])]))
    return replace(renamed, select_from=ast.JoinExpr(table=field(subject.table), next_join=joined))


def _names_in(nodes: Iterable[ast.Node]) -> set[str]:
    """Return the first part of every name that is used; subqueries, FROM and lambdas' own names left out."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Field):
            found.add(str(node.chain[0]))
        elif isinstance(node, ast.Lambda):
            found |= _names_in([node.expr]) - set(node.args)
        elif not isinstance(node, ast.JoinExpr | ast.SelectSetQuery):
            inner = [one for one in children(node) if not isinstance(one, ast.AnySelect)]
            found |= _names_in(inner)
    return found


def _rename(select: ast.SelectQuery, places: dict[str, tuple[str, str]]) -> ast.SelectQuery:
    """Return the query with names given in full. Subqueries keep their own names."""

    def change(node: ast.Node) -> ast.Node | None:
        if isinstance(node, ast.AnySelect) and node is not select:
            return node
        if isinstance(node, ast.Field) and node.chain[0] in places:
            return replace(node, chain=(*places[str(node.chain[0])], *node.chain[1:]))
        return None

    renamed = transform(select, change)
    if not isinstance(renamed, ast.SelectQuery):
        raise TypeError("a query stays a query")
    return renamed
