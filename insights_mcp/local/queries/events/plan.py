"""The statement of an events table (facts/queries.md 1.9)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr, parse_order_expr
from insights_mcp.local.hogql.scope import contains_aggregate
from insights_mcp.local.queries.actors.sources import match_events_behind
from insights_mcp.local.queries.context import Action, ActionStep, QueryContext, QueryError, Statement
from insights_mcp.local.queries.entities import find_action, match_action
from insights_mcp.local.queries.events.columns import EventColumn, bare_name, name_expr, read_columns
from insights_mcp.local.queries.expressions import FALSE, TRUE, all_of, compare, constant, field, from_table
from insights_mcp.local.queries.filters import match_filters, match_test_accounts
from insights_mcp.local.queries.pages import read_page
from insights_mcp.local.queries.people import find_persons
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.events import ActionStep as AskedStep
from insights_mcp.schema.events import EventsQuery

# Without `before`, events that clocks ahead of ours wrote are still shown.
CLOCK_TOLERANCE = timedelta(seconds=5)
DEFAULT_AFTER = "-24h"


def plan_events(query: EventsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises HogQLError, QueryError."""
    columns, page = read_columns(query.select, context), read_page(query.limit, query.offset)
    conditions = _conditions(query, context)
    grouped = any(column.is_aggregate for column in columns)
    keys = [expr for column in columns if not column.is_aggregate for expr in column.exprs]
    select = ast.SelectQuery(
        select=[expr for column in columns for expr in column.exprs],
        select_from=from_table("events"),
        where=all_of(one for one in conditions if not contains_aggregate(one)),
        having=_having(conditions),
        group_by=[without_alias(key) for key in keys] or None if grouped else None,
        order_by=order_of(query, columns, context),
        limit=constant(page.fetched),
        offset=constant(page.offset) if page.offset else None,
    )
    # the author of the query wrote expressions of it, so only functions for callers may be used
    hogql = replace(context.hogql, trusted=False)
    return [Statement(select, label="events", max_rows=page.fetched, hogql=hogql)]


def order_of(query: EventsQuery, columns: Sequence[EventColumn], context: QueryContext) -> list[ast.OrderExpr]:
    """Return the asked order, else that of the count, the first aggregate, the time, the first column."""
    if query.orderBy is not None:
        return [_read_order(text, context) for text in query.orderBy]
    if any(column.text == "count()" for column in columns):
        return [ast.OrderExpr(expr=parse_expr("count()"), order="DESC")]
    aggregates = [column for column in columns if column.is_aggregate]
    if aggregates:
        return [ast.OrderExpr(expr=without_alias(aggregates[0].exprs[0]), order="DESC")]
    if any(column.text == "timestamp" for column in columns):
        return [ast.OrderExpr(expr=field("timestamp"), order="DESC")]
    return [ast.OrderExpr(expr=without_alias(columns[0].exprs[0]), order="ASC")]


def without_alias(expr: ast.Expr) -> ast.Expr:
    """Return what an alias stands for."""
    return without_alias(expr.expr) if isinstance(expr, ast.Alias) else expr


def _read_order(text: str, context: QueryContext) -> ast.OrderExpr:
    if bare_name(text) in ("person_display_name", "person_display_name DESC", "person_display_name ASC"):
        called = name_expr(("person", "properties"), context, field("distinct_id"))
        return ast.OrderExpr(expr=called, order="DESC" if text.rstrip().upper().endswith("DESC") else "ASC")
    return parse_order_expr(text)


def _having(conditions: Sequence[ast.Expr]) -> ast.Expr | None:
    having = all_of(one for one in conditions if contains_aggregate(one))
    return None if having == TRUE else having


def _conditions(query: EventsQuery, context: QueryContext) -> list[ast.Expr]:
    return [
        *_match_time(query, context),
        _match_names(query),
        *_match_action(query, context),
        _match_person(query, context),
        match_filters(query.properties, context),
        match_filters(query.fixedProperties, context),
        match_test_accounts(query.filterTestAccounts, context),
        *(parse_expr(text) for text in query.where or ()),
        TRUE if query.source is None else match_events_behind(query.source, context),
    ]


def _match_time(query: EventsQuery, context: QueryContext) -> list[ast.Expr]:
    """Both ends are exclusive, and relative ones exact."""
    end = context.now + CLOCK_TOLERANCE
    if query.before:
        end = parse_moment(query.before, context.timezone, context.now).at
    conditions: list[ast.Expr] = [compare(field("timestamp"), "<", constant(end))]
    after = query.after or DEFAULT_AFTER
    if after != "all":
        start = parse_moment(after, context.timezone, context.now).at
        conditions.append(compare(field("timestamp"), ">", constant(start)))
    return conditions


def _match_names(query: EventsQuery) -> ast.Expr:
    names = [name for name in (query.event, *(query.events or ())) if name]
    if not names:
        return TRUE
    if len(names) == 1:
        return compare(field("event"), "==", constant(names[0]))
    return compare(field("event"), "in", ast.Tuple(exprs=[constant(name) for name in names]))


def _match_action(query: EventsQuery, context: QueryContext) -> list[ast.Expr]:
    if query.actionId is not None:
        action = find_action(query.actionId, context)
        if action is None:
            raise QueryError("Action does not exist", attr="actionId")
        if not action.steps:
            raise QueryError("Action does not have any match groups", attr="actionId")
        return [match_action(action, context)]
    if query.actionSteps:
        steps = [_read_step(step) for step in query.actionSteps]
        return [match_action(Action(id=0, name="", steps=steps), context)]
    return []


def _read_step(step: AskedStep) -> ActionStep:
    given = step.model_dump(exclude={"properties"})
    return ActionStep(**given, properties=[one.model_dump(exclude_unset=True) for one in step.properties])


def _match_person(query: EventsQuery, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is of the person asked for; one that does not exist has none."""
    if not query.personId:
        return TRUE
    known = find_persons([query.personId], context) if _is_uuid(query.personId) else {}
    return compare(field("person_id"), "==", constant(query.personId)) if known else FALSE


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and all(one in "0123456789abcdefABCDEF-" for one in text)
