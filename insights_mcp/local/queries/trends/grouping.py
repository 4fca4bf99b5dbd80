"""The grouped rows of one run: total by interval and breakdown values, one way per family of maths.

Every function answers a SELECT of `total`, `bucket` (for time series) and one column per breakdown item.
"""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import bucket_expr
from insights_mcp.local.queries.dates import drop_fraction
from insights_mcp.local.queries.expressions import alias, all_of, call, compare, constant, field, from_select
from insights_mcp.local.queries.trends.active import select_active
from insights_mcp.local.queries.trends.maths import (
    ACTIVE_DAYS,
    FIRST_TIME_MATHS,
    PER_ACTOR_SUFFIX,
    actor,
    aggregate,
    aggregate_number,
    is_per_actor,
    is_per_session,
    session_number,
)
from insights_mcp.local.queries.trends.question import BUCKET, TOTAL, Question, select, since, until


def select_grouped(question: Question) -> ast.SelectQuery:
    """Return the grouped rows of a run. Raises QueryError."""
    if question.math in ACTIVE_DAYS:
        return select_active(question)
    if question.math in FIRST_TIME_MATHS:
        return _select_first_times(question)
    if is_per_actor(question.math):
        return _select_per_actor(question)
    if is_per_session(question.entity, question.math):
        return _select_per_session(question)
    if question.is_cumulative and question.math in ("dau", "unique_group"):
        return _select_first_buckets(question)
    return _select_plain(question)


def _select_plain(question: Question) -> ast.SelectQuery:
    total = alias(TOTAL, aggregate(question.entity, question.math, question.context))
    columns = [total, *question.bucket_columns, *question.breakdown_columns]
    return select(columns, question.events, question.where(), question.key_names)


def _select_per_session(question: Question) -> ast.SelectQuery:
    """Count every session once: any of its events brings the session's number."""
    number = alias("number", call("any", session_number(question.entity)))
    session = alias("session_key", field("$session_id"))
    columns = [number, session, *question.bucket_columns, *question.breakdown_columns]
    sessions = select(columns, question.events, question.where(), ["session_key", *question.key_names])
    total = aggregate_number(question.math, call("toFloat", field("number")))
    return select([alias(TOTAL, total), *_keys(question)], from_select(sessions), None, question.key_names)


def _select_per_actor(question: Question) -> ast.SelectQuery:
    """Count per actor first. The range starts at its exact date here, not at the start of its interval."""
    start = compare(field("timestamp"), ">=", constant(drop_fraction(question.dates.date_from)))
    columns = [
        alias("number", call("count")),
        alias("actor", actor(question.entity, question.context)),
        *question.bucket_columns,
        *question.breakdown_columns,
    ]
    where = question.where(start, until(question.dates))
    actors = select(columns, question.events, where, ["actor", *question.key_names])
    total = aggregate_number(question.math.removesuffix(PER_ACTOR_SUFFIX), field("number"))
    return select([alias(TOTAL, total), *_keys(question)], from_select(actors), None, question.key_names)


def _select_first_buckets(question: Question) -> ast.SelectQuery:
    """Count every actor once, in the interval of its first event: the points of a cumulative display add up."""
    columns = [
        alias("actor", actor(question.entity, question.context)),
        alias("first", call("min", bucket_expr(question.dates.interval))),
        *question.breakdown_columns,
    ]
    actors = select(columns, question.events, question.where(), ["actor", *question.breakdown_names])
    keys = [alias(BUCKET, field("first")), *_breakdown_keys(question)]
    return select([alias(TOTAL, call("count")), *keys], from_select(actors), None, question.key_names)


def _select_first_times(question: Question) -> ast.SelectQuery:
    """Count actors whose first event ever is in the range and passes the filters.

    The first event is that of the entity's name, over all history; for "first matching event" that of those that pass
    the filters. An actor whose first event does not pass is never counted.
    """
    passes = all_of([since(question.dates), question.passes_filters])
    moment = field("timestamp")
    columns = [
        alias("actor", actor(question.entity, question.context)),
        alias("first", call("min", moment)),
        alias("first_matching", call("minIf", moment, passes)),
        *(alias(one.alias, call("argMin", one.expr, moment)) for one in question.breakdown_columns),
    ]
    conditions = [until(question.dates), question.is_entity]
    if question.math.startswith("first_matching_event"):
        conditions.append(question.passes_filters)
    firsts = select(columns, question.events, all_of(conditions), ["actor"])
    keys = [] if question.is_total_value else [alias(BUCKET, bucket_expr(question.dates.interval, field("first")))]
    keys += _breakdown_keys(question)
    is_counted = all_of(
        [
            compare(field("first"), "==", field("first_matching")),
            compare(field("first"), ">=", constant(question.dates.lower)),
        ]
    )
    return select([alias(TOTAL, call("count")), *keys], from_select(firsts), is_counted, question.key_names)


def _keys(question: Question) -> list[ast.Alias]:
    return [alias(name, field(name)) for name in question.key_names]


def _breakdown_keys(question: Question) -> list[ast.Alias]:
    return [alias(name, field(name)) for name in question.breakdown_names]
