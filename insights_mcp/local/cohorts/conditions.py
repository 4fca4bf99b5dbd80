"""The conditions of a cohort as a HogQL condition on persons."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from insights_mcp.local.cohorts.criteria import (
    Behaviour,
    BehaviourCondition,
    CohortCondition,
    Criteria,
    Period,
    PersonCondition,
)
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.queries.context import QueryContext, QueryError
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
from insights_mcp.local.queries.stickiness.actors import select_actors
from insights_mcp.schema.dates import DateRange
from insights_mcp.schema.events import StickinessActorsQuery
from insights_mcp.schema.stickiness import StickinessOperator, StickinessQuery

_COUNT_OPERATORS: dict[str, ast.CompareOp] = {
    "gte": ">=",
    "lte": "<=",
    "gt": ">",
    "lt": "<",
    "eq": "==",
    "exact": "==",
}
# Every second thing with the last first thing before it; of things at the same time the first comes first.
_SEQUENCE = """
SELECT person_id
FROM (
    SELECT
        person_id,
        timestamp AS moment,
        {second_thing} AS is_second,
        maxIf(timestamp, {first_thing}) OVER (
            PARTITION BY person_id ORDER BY timestamp ASC, {second_thing} ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS last_first
    FROM events
    WHERE {in_period}
)
WHERE is_second AND moment <= last_first + toIntervalSecond({allowed})
"""
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
    return _BEHAVIOURS[condition.behaviour](condition, context)


def _performed(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    return _did(condition, condition.period, context)


def _performed_first(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    return _did_first(condition, condition.period, context)


def _stopped(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    later = condition.later or condition.period
    return all_of([_did(condition, condition.period, context), _not(_did(condition, later, context))])


def _restarted(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    """Return the condition of doing it lately, not for the first time, and not in the period before."""
    later = condition.later or condition.period
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


def _did_regularly(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    """Return the condition of doing it so often in at least so many of the last periods: a stickiness."""
    regularity = condition.regularity
    if regularity is None:
        raise TypeError("who does something regularly has a regularity")
    operator = "exact" if condition.operator == "eq" else condition.operator
    if operator not in get_args(StickinessOperator):
        raise QueryError("How often something is done regularly is compared by gte, lte or exact.", attr="filters")
    query = StickinessQuery.model_validate(
        {
            "series": [_series(condition)],
            "dateRange": {"date_from": condition.period.date_from, "date_to": condition.period.date_to},
            "interval": regularity.interval,
            "intervalCount": regularity.length,
            "stickinessFilter": {"stickinessCriteria": {"operator": operator, "value": condition.times}},
        }
    )
    asked = StickinessActorsQuery(source=query, day=regularity.least, operator="gte")
    actors = ast.JoinExpr(table=select_actors(asked, context))
    return _among(ast.SelectQuery(select=[field("actor_id")], select_from=actors))


def _series(condition: BehaviourCondition) -> dict[str, object]:
    filters = [one.model_dump(exclude_unset=True) for one in condition.filters]
    if isinstance(condition.event, int):
        return {"kind": "ActionsNode", "id": condition.event, "properties": filters}
    return {"kind": "EventsNode", "event": condition.event, "properties": filters}


def _did_in_sequence(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    """Return the condition of doing one thing and then, within a time, another: never with the same event."""
    following = condition.following
    if following is None:
        raise TypeError("a sequence has what follows")
    first = all_of([_match_event(condition, context), match_filters(condition.filters, context)])
    second = _match_name(following.event, context)
    within = all_of([*_within(_resolve(condition.period, context)), any_of([first, second])])
    allowed = constant(following.seconds)
    parts = {"first_thing": first, "second_thing": second, "in_period": within, "allowed": allowed}
    return compare(field("id"), "in", parse_select(_SEQUENCE, parts))


def _match_event(condition: BehaviourCondition, context: QueryContext) -> ast.Expr:
    return _match_name(condition.event, context)


def _match_name(event: str | int, context: QueryContext) -> ast.Expr:
    if not isinstance(event, int):
        return compare(field("event"), "==", constant(event))
    action = find_action(event, context)
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


_BEHAVIOURS: Mapping[Behaviour, Callable[[BehaviourCondition, QueryContext], ast.Expr]] = {
    "performed_event": _performed,
    "performed_event_first_time": _performed_first,
    "performed_event_multiple": _did_often,
    "performed_event_regularly": _did_regularly,
    "performed_event_sequence": _did_in_sequence,
    "stopped_performing_event": _stopped,
    "restarted_performing_event": _restarted,
}
