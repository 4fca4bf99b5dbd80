"""Who is behind a row of a retention table: in which columns they came back, by which events (facts/queries.md 1.9)."""

from dataclasses import replace
from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.breakdowns import ALL_USERS
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import TRUE, alias, all_of, any_of, compare, constant, field
from insights_mcp.local.queries.insight_events import match_query
from insights_mcp.local.queries.retention.plan import RetentionPlan, read_plan, select_actors_with_returns
from insights_mcp.local.queries.retention.question import Question
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.events import InsightActorsQuery
from insights_mcp.schema.retention import RetentionQuery

_ACTORS = """
SELECT actor AS actor_id, arraySort(arrayFlatten(groupArray(offsets))) AS appearances
FROM {actors} WHERE {condition} GROUP BY actor
"""


def select_actors(asked: InsightActorsQuery, context: QueryContext) -> ast.SelectQuery:
    """Return the select of `actor_id`, `appearances` and one truth value per column. Raises QueryError."""
    question = _open_question(asked, context)
    actors = select_actors_with_returns(question)
    select = fill_select(_ACTORS, actors=actors, condition=_match_row(asked, question))
    columns = [
        alias(
            f"{question.grid.interval}_{column}", parse_expr("has(appearances, {column})", {"column": constant(column)})
        )
        for column in range(question.grid.columns)
    ]
    return replace(select, select=[*select.select, *columns])


def match_events(asked: InsightActorsQuery, context: QueryContext) -> ast.Expr:
    """Return the condition that an event starts in a row, or continues after it, for an actor of that row.

    Upstream repeats such an event for every column of its actor; here it is one. Raises QueryError.
    """
    if asked.interval is None:
        raise QueryError("The events behind a retention are those of one row: give its interval.", attr="interval")
    question = _open_question(asked, context)
    grid, moment = question.grid, field("timestamp")
    start, after, end = (constant(grid.date_of(asked.interval + count)) for count in (0, 1, grid.reach))
    actors = fill_select(
        "SELECT actor FROM {actors} WHERE {condition}",
        actors=select_actors_with_returns(question),
        condition=_match_row(asked, question),
    )
    return all_of(
        [
            compare(moment, ">=", start),
            compare(moment, "<", end),
            any_of(
                [
                    all_of([compare(moment, "<", after), question.is_start]),
                    all_of([compare(moment, ">=", after), question.is_return]),
                ]
            ),
            match_query(question.query, context),
            TRUE if question.is_first_time else question.in_range,
            compare(question.actor, "in", actors),
        ]
    )


def actors_group_index(asked: InsightActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    return cast(RetentionQuery, asked.source).aggregation_group_type_index


def _open_question(asked: InsightActorsQuery, context: QueryContext) -> Question:
    query = cast(RetentionQuery, asked.source)
    plan = read_plan(query, context)
    return Question(query, plan.grid, plan.item, _cohort(_read_value(asked.breakdown), plan), context)


def _match_row(asked: InsightActorsQuery, question: Question) -> ast.Expr:
    value = _read_value(asked.breakdown)
    conditions = [TRUE if asked.interval is None else compare(field("start"), "==", constant(asked.interval))]
    if question.item is not None and value is not None:
        conditions.append(compare(field("value"), "==", constant(value)))
    return all_of(conditions)


def _read_value(given: str | int | list[str] | None) -> str | None:
    if given is None or given == []:
        return None
    return "::".join(map(str, given)) if isinstance(given, list) else str(given)


def _cohort(value: str | None, plan: RetentionPlan) -> int | str | None:
    if not plan.cohorts:
        return None
    if value is None or not (value == ALL_USERS or value.isdecimal()):
        raise QueryError(
            "A cohort breakdown value is required for actors query with cohort breakdowns.", attr="breakdown"
        )
    return ALL_USERS if value in (ALL_USERS, "0") else int(value)
