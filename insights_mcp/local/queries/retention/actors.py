"""Who is behind a row of a retention table, and in which columns they came back (facts/queries.md 1.9)."""

from dataclasses import replace
from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.breakdowns import ALL_USERS
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import TRUE, alias, all_of, compare, constant, field
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
    query = cast(RetentionQuery, asked.source)
    plan = read_plan(query, context)
    value = _read_value(asked.breakdown)
    question = Question(query, plan.grid, plan.item, _cohort(value, plan), context)
    conditions = [TRUE if asked.interval is None else compare(field("start"), "==", constant(asked.interval))]
    if plan.item is not None and value is not None:
        conditions.append(compare(field("value"), "==", constant(value)))
    select = fill_select(_ACTORS, actors=select_actors_with_returns(question), condition=all_of(conditions))
    columns = [
        alias(f"{plan.grid.interval}_{column}", parse_expr("has(appearances, {column})", {"column": constant(column)}))
        for column in range(plan.grid.columns)
    ]
    return replace(select, select=[*select.select, *columns])


def actors_group_index(asked: InsightActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    return cast(RetentionQuery, asked.source).aggregation_group_type_index


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
