"""Weekly and monthly active users (facts/queries.md 1.1).

Somebody is active on a label d when d - window < day of an event <= d. Events are first reduced to actor and day (hour,
minute for finer intervals), then each of those is written out to the labels it counts for: from the first label at or
after it to the last one inside the window.
"""

from dataclasses import replace
from datetime import timedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import list_buckets
from insights_mcp.local.queries.dates import drop_fraction, start_of
from insights_mcp.local.queries.expressions import alias, call, compare, constant, field, from_select
from insights_mcp.local.queries.trends.labels import Labels
from insights_mcp.local.queries.trends.maths import ACTIVE_DAYS, actor
from insights_mcp.local.queries.trends.question import BUCKET, TOTAL, Question, select, until


def select_active(question: Question) -> ast.SelectQuery:
    """Return the grouped rows of a weekly or monthly active math. Raises QueryError."""
    window = timedelta(days=ACTIVE_DAYS[question.math])
    return _select_total(question, window) if question.is_total_value else _select_series(question, window)


def _select_total(question: Question, window: timedelta) -> ast.SelectQuery:
    """Count the actors of the window that ends with the range: a series of one label."""
    dates = question.dates
    first_label = start_of(dates.date_from, dates.interval, dates.week_start_day)
    start = max(drop_fraction(dates.date_to - window), first_label - window + timedelta(days=1))
    where = question.where(compare(field("timestamp"), ">=", constant(start)), until(dates))
    total = alias(TOTAL, call("count", actor(question.entity, question.context), distinct=True))
    return select([total, *question.breakdown_columns], question.events, where, question.key_names)


def _select_series(question: Question, window: timedelta) -> ast.SelectQuery:
    dates = question.dates
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    labels = Labels(first, dates.interval, len(list_buckets(replace(dates, weekdays=()))))
    start = compare(field("timestamp"), ">=", constant(drop_fraction(dates.date_from - window)))
    columns = [
        alias("actor", actor(question.entity, question.context)),
        alias("grain", labels.position()),
        *question.breakdown_columns,
    ]
    where = question.where(start, until(dates))
    days = select(columns, question.events, where, ["actor", "grain", *question.breakdown_names])
    values = [alias(name, field(name)) for name in question.breakdown_names]
    written_out = ast.SelectQuery(
        select=[alias("actor", field("actor")), alias("label", labels.reached(field("grain"), window.days)), *values],
        select_from=from_select(days),
    )
    total = alias(TOTAL, call("count", field("actor"), distinct=True))
    keys = [alias(BUCKET, labels.key(field("label"))), *values]
    return select([total, *keys], from_select(written_out), None, question.key_names)
