"""The events that an insight looks at, by the fields that all insights share (facts/queries.md 1.0)."""

from collections.abc import Sequence
from dataclasses import replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import QueryDates
from insights_mcp.local.queries.expressions import TRUE, all_of, call, compare, constant, field, from_table
from insights_mcp.local.queries.filters import match_filters, match_test_accounts
from insights_mcp.schema.insight_query import InsightQuery


def over_events(select: ast.SelectQuery, query: InsightQuery, where: Sequence[ast.Expr]) -> ast.SelectQuery:
    """Return the SELECT over the query's events, sampled when it says so, that meet all of the conditions."""
    factor = query.samplingFactor
    sample = float(factor) if factor and factor != 1 else None
    return replace(select, select_from=from_table("events", sample=sample), where=all_of(where))


def match_query(query: InsightQuery, context: QueryContext) -> ast.Expr:
    """Return the condition of the query's own filters and of the test accounts. Raises QueryError."""
    return all_of([match_test_accounts(query.filterTestAccounts, context), match_filters(query.properties, context)])


def match_dates(dates: QueryDates) -> ast.Expr:
    """Return the condition that an event is inside the dates, both ends included, and on one of their weekdays."""
    moment = field("timestamp")
    ends = [compare(moment, ">=", constant(dates.lower)), compare(moment, "<=", constant(dates.upper))]
    return all_of([*ends, match_weekdays(dates.weekdays)])


def match_weekdays(days: Sequence[int]) -> ast.Expr:
    """Return the condition that an event is on one of these days of the week; none means any."""
    if not days:
        return TRUE
    return compare(call("toDayOfWeek", field("timestamp")), "in", ast.Tuple(exprs=[constant(day) for day in days]))


def actor_field(group_type_index: int | None) -> ast.Field:
    """Return who acts: a group of this type, else a person."""
    return field("person_id") if group_type_index is None else field(f"$group_{group_type_index}")


def match_actor(group_type_index: int | None) -> ast.Expr:
    """Return the condition that an event has an actor: a group's key may be empty, a person's id never is."""
    if group_type_index is None:
        return TRUE
    return compare(field(f"$group_{group_type_index}"), "!=", constant(""))
