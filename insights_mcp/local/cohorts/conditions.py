"""The conditions of a cohort as a HogQL condition on persons."""

from dataclasses import replace
from datetime import datetime, timedelta

from insights_mcp.local.cohorts.criteria import BehaviourCondition, CohortCondition, Criteria, Period, PersonCondition
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.entities import find_action, match_action
from insights_mcp.local.queries.expressions import (
    FALSE,
    alias,
    all_of,
    any_of,
    call,
    compare,
    constant,
    field,
    from_table,
)
from insights_mcp.local.queries.filters import in_cohort, match_filters
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.dates import DateRange

_COUNT_OPERATORS: dict[str, ast.CompareOp] = {
    "gte": ">=",
    "lte": "<=",
    "gt": ">",
    "lt": "<",
    "eq": "==",
    "exact": "==",
}
# Events a moment in the future still count: clocks differ.
_CLOCK_TOLERANCE = timedelta(seconds=5)


def select_members(criteria: Criteria, context: QueryContext) -> ast.SelectQuery:
    """Return the query for the ids, as text, of the people who fit. Raises QueryError."""
    return ast.SelectQuery(
        select=[alias("person", call("toString", field("id")))],
        select_from=from_table("persons"),
        where=match_criteria(criteria, context),
    )


def match_criteria(criteria: Criteria, context: QueryContext) -> ast.Expr:
    """Return the condition on a row of persons. No conditions are nobody. Raises QueryError."""
    conditions = [_match(one, context) for one in criteria.conditions]
    if not conditions:
        return FALSE
    return all_of(conditions) if criteria.connective == "AND" else any_of(conditions)


def _match(
    condition: Criteria | PersonCondition | CohortCondition | BehaviourCondition, context: QueryContext
) -> ast.Expr:
    if isinstance(condition, Criteria):
        return match_criteria(condition, context)
    if isinstance(condition, CohortCondition):
        return _match_cohort(condition, context)
    if isinstance(condition, PersonCondition):
        matched = match_filters(condition.filter, context, scope="person")
    else:
        matched = _match_behaviour(condition, context)
    return ast.Not(expr=matched) if condition.negated else matched


def _match_cohort(condition: CohortCondition, context: QueryContext) -> ast.Expr:
    """Return the condition of being in another cohort; one that does not exist has nobody in it."""
    if context.definitions.cohort(context.team.id, condition.cohort_id) is None:
        return constant(condition.negated)
    return in_cohort(condition.cohort_id, context, negated=condition.negated, scope="person")


def _match_behaviour(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    if condition.behaviour == "performed_event":
        return _did(condition, condition.period, context)
    if condition.behaviour == "performed_event_first_time":
        return _did_first(condition, condition.period, context)
    if condition.behaviour == "performed_event_multiple":
        return _did_often(condition, context)
    later = condition.later or condition.period
    if condition.behaviour == "stopped_performing_event":
        return all_of([_did(condition, condition.period, context), _not(_did(condition, later, context))])
    # came back: did it lately, not for the first time, and not in the period before
    before = replace(condition.period, date_to=later.date_from)
    return all_of(
        [
            _did(condition, later, context),
            _not(_did_first(condition, later, context)),
            _not(_did(condition, before, context)),
        ]
    )


def _did(condition: BehaviourCondition, period: Period, context: QueryContext) -> ast.Expr:
    dates = _resolve(period, context)
    where = [*_within(dates), _match_event(condition, context), match_filters(condition.filters, context)]
    return _among(ast.SelectQuery(select=[field("person_id")], select_from=from_table("events"), where=all_of(where)))


def _did_first(condition: BehaviourCondition, period: Period, context: QueryContext) -> ast.Expr:
    """Return the condition that the first time ever was in the period, and had the properties asked for."""
    dates = _resolve(period, context)
    since, until = _within(dates)
    fits = all_of([since, match_filters(condition.filters, context)])
    first_that_fits = call("minIf", field("timestamp"), fits)
    return _among(
        ast.SelectQuery(
            select=[field("person_id")],
            select_from=from_table("events"),
            where=all_of([until, _match_event(condition, context)]),
            group_by=[field("person_id")],
            having=compare(call("min", field("timestamp")), "==", first_that_fits),
        )
    )


def _did_often(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    """Return the condition on how often, among those who did it at all. Its dates are exact, unlike the others'."""
    start = parse_moment(condition.period.date_from, context.timezone, context.now).at
    end: datetime = context.now + _CLOCK_TOLERANCE
    if condition.period.date_to is not None:
        end = parse_moment(condition.period.date_to, context.timezone, context.now).at
    where = [
        compare(field("timestamp"), ">", constant(start)),
        compare(field("timestamp"), "<", constant(end)),
        _match_event(condition, context),
        match_filters(condition.filters, context),
    ]
    return _among(
        ast.SelectQuery(
            select=[field("person_id")],
            select_from=from_table("events"),
            where=all_of(where),
            group_by=[field("person_id")],
            having=compare(call("count"), _COUNT_OPERATORS[condition.operator], constant(condition.times)),
        )
    )


def _match_event(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    if not isinstance(condition.event, int):
        return compare(field("event"), "==", constant(condition.event))
    action = find_action(condition.event, context)
    return FALSE if action is None else match_action(action, context)


def _resolve(period: Period, context: QueryContext) -> QueryDates:
    return resolve_dates(DateRange(date_from=period.date_from, date_to=period.date_to), "day", context)


def _within(dates: QueryDates) -> tuple[ast.Expr, ast.Expr]:
    return (
        compare(field("timestamp"), ">=", constant(dates.lower)),
        compare(field("timestamp"), "<=", constant(dates.upper)),
    )


def _among(people: ast.SelectQuery) -> ast.Expr:
    return compare(field("id"), "in", people)


def _not(condition: ast.Expr) -> ast.Expr:
    return ast.Not(expr=condition)
