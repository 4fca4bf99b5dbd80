"""Weekly and monthly active users (facts/queries.md 1.1).

Somebody is active on a label d when d - window < day of an event <= d. So every day with events covers the labels from
itself up to the window's end. Few enough days are the bits of one number per actor, which is spread over the window;
equal numbers are counted together. Otherwise the stretches that an actor covers are cut so that they do not overlap;
then it is enough to count where stretches begin and end, and to add that up from label to label. Nothing is counted
distinct, and nothing is written out once per label.
"""

from dataclasses import replace
from datetime import timedelta

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import list_buckets
from insights_mcp.local.queries.dates import drop_fraction, start_of
from insights_mcp.local.queries.expressions import alias, all_of, call, compare, constant, field, from_select
from insights_mcp.local.queries.funnels.arrays import minus, plus
from insights_mcp.local.queries.trends.labels import Labels
from insights_mcp.local.queries.trends.maths import ACTIVE_DAYS, actor
from insights_mcp.local.queries.trends.question import BUCKET, TOTAL, Question, select, until

_BITS = 64


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
    if labels.step == 1 and _offset(labels, window) + labels.count <= _BITS:
        return _select_by_bits(question, labels, window)
    values = [alias(name, field(name)) for name in question.breakdown_names]
    steps = ast.SelectQuery(
        select=[alias("step", _steps(labels, window.days)), *values],
        select_from=from_select(_select_days(question, labels, window)),
    )
    changes = select(
        [
            alias("label", ast.TupleAccess(tuple=field("step"), index=1)),
            alias("change", call("sum", ast.TupleAccess(tuple=field("step"), index=2))),
            *values,
        ],
        from_select(steps),
        compare(ast.TupleAccess(tuple=field("step"), index=1), "<", constant(labels.count)),
        ["label", *question.breakdown_names],
    )
    per_label = call(
        "groupArrayInsertAt",
        field("change"),
        call("_toUInt32", field("label")),
        params=[constant(0), constant(labels.count)],
    )
    added_up = select([alias("totals", call("arrayCumSum", per_label)), *values], from_select(changes), None, [])
    added_up = replace(added_up, group_by=[field(name) for name in question.breakdown_names] or None)
    return ast.SelectQuery(
        select=[alias(TOTAL, field("point")), alias(BUCKET, labels.key(field("label"))), *values],
        select_from=from_select(added_up),
        array_join_op="ARRAY JOIN",
        array_join_list=[
            alias("point", field("totals")),
            alias("label", call("range", call("length", field("totals")))),
        ],
        where=compare(field("point"), ">", constant(0)),
    )


def _offset(labels: Labels, window: timedelta) -> int:
    """Return the bit of the first label; those before it are for the window before the range."""
    return labels.window(window.days) + 1


def _select_by_bits(question: Question, labels: Labels, window: timedelta) -> ast.SelectQuery:
    offset = _offset(labels, window)
    values = [alias(name, field(name)) for name in question.breakdown_names]
    bit = call("bitShiftLeft", call("_toUInt64", constant(1)), plus(labels.position(), constant(offset)))
    columns = [
        alias("actor", actor(question.entity, question.context)),
        alias("days", call("groupBitOr", bit)),
        *question.breakdown_columns,
    ]
    actors = select(columns, question.events, _in_window(question, window), ["actor", *question.breakdown_names])
    equals = select(
        [alias("active", _spread(field("days"), labels.window(window.days))), alias("actors", call("count")), *values],
        from_select(actors),
        None,
        ["days", *question.breakdown_names],
    )
    per_label = ast.SelectQuery(
        select=[
            alias("place", call("arrayJoin", call("_bitPositions", field("active")))),
            alias("actors", field("actors")),
            *values,
        ],
        select_from=from_select(equals),
    )
    is_label = [
        compare(field("place"), ">=", constant(offset)),
        compare(field("place"), "<", constant(offset + labels.count)),
    ]
    label = minus(field("place"), constant(offset))
    columns = [alias(TOTAL, call("sum", field("actors"))), alias(BUCKET, labels.key(label)), *values]
    return select(columns, from_select(per_label), all_of(is_label), ["place", *question.breakdown_names])


def _spread(bits: ast.Expr, width: int) -> ast.Expr:
    """Return the number with each of its bits followed by so many, itself included."""
    reached = 1
    while reached < width:
        shift = min(reached, width - reached)
        bits = call("bitOr", bits, call("bitShiftLeft", bits, constant(shift)))
        reached += shift
    return bits


def _in_window(question: Question, window: timedelta) -> ast.Expr:
    """Return the condition on events of the range, and of the window before it."""
    start = compare(field("timestamp"), ">=", constant(drop_fraction(question.dates.date_from - window)))
    return question.where(start, until(question.dates))


def _select_days(question: Question, labels: Labels, window: timedelta) -> ast.SelectQuery:
    """Return each actor's days (hours, minutes) with events, in order."""
    columns = [
        alias("actor", actor(question.entity, question.context)),
        alias("grains", call("arraySort", call("groupUniqArray", labels.position()))),
        *question.breakdown_columns,
    ]
    return select(columns, question.events, _in_window(question, window), ["actor", *question.breakdown_names])


def _steps(labels: Labels, days: int) -> ast.Expr:
    """Return (label, +1) where a stretch of activity begins and (label, -1) after its end, one row each."""
    window = labels.window(days)
    grain, number = field("grain"), field("number")
    before = ast.ArrayAccess(array=field("grains"), property=ast.ArithmeticOperation(number, "-", constant(1)))
    end_before = ast.ArithmeticOperation(before, "+", constant(window))
    begin = call("if", compare(number, "==", constant(1)), grain, call("greatest", grain, end_before))
    end = ast.ArithmeticOperation(grain, "+", constant(window))
    begins = _step(labels, begin, 1)
    ends = _step(labels, end, -1)
    numbers = call("arrayEnumerate", field("grains"))
    return call(
        "arrayJoin",
        call(
            "arrayConcat",
            call("arrayMap", ast.Lambda(args=["grain", "number"], expr=begins), field("grains"), numbers),
            call("arrayMap", ast.Lambda(args=["grain"], expr=ends), field("grains")),
        ),
    )


def _step(labels: Labels, grain: ast.Expr, change: int) -> ast.Expr:
    return ast.Tuple(exprs=[call("greatest", constant(0), labels.label_from(grain)), constant(change)])
