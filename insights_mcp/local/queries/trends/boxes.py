"""The BoxPlot display: how the numbers of a property are spread in each interval (PostHog's box plot runner)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.buckets import MAX_BUCKETS, Key, list_buckets, print_days, print_labels
from insights_mcp.local.queries.context import Outcome, QueryContext, QueryError, Statement
from insights_mcp.local.queries.entities import ALL_EVENTS, name_entity
from insights_mcp.local.queries.expressions import alias, call, constant, field, from_select
from insights_mcp.local.queries.trends.displays import check_query
from insights_mcp.local.queries.trends.maths import aggregates_sessions, property_value
from insights_mcp.local.queries.trends.points import read_key, read_number
from insights_mcp.local.queries.trends.question import BUCKET, Question, select
from insights_mcp.local.queries.trends.runs import Run, exists, read_dates
from insights_mcp.schema.trends import TrendsQuery

_QUARTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}
# In the order of the columns after the interval.
_STATISTICS = ("min", *_QUARTILES, "max", "mean")
_NOTHING = (0.0,) * len(_STATISTICS)


def plan_boxes(query: TrendsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return one statement per series. Raises QueryError."""
    check_query(query)
    if any(not series.math_property for series in query.series):
        raise QueryError("A box plot needs a numeric property for each series, as its math_property.", attr="series")
    return [
        Statement(_select(Question(query, run, None, context)), label=f"boxes {run.order + 1}", max_rows=MAX_BUCKETS)
        for run in _list_runs(query, context)
    ]


def shape_boxes(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Outcome:
    """Return a box for every interval of each series; it is of zeros where there is nothing. Raises QueryError."""
    runs = _list_runs(query, context)
    boxes = [box for run, answer in zip(runs, rows, strict=True) for box in _boxes(run, answer, _label(run, context))]
    return Outcome(results=boxes, has_more=False, dates=read_dates(query, query.interval, context).span)


def _list_runs(query: TrendsQuery, context: QueryContext) -> list[Run]:
    dates = read_dates(query, query.interval, context)
    return [
        Run(entity, order, "current", dates) for order, entity in enumerate(query.series) if exists(entity, context)
    ]


def _select(question: Question) -> ast.SelectQuery:
    value = property_value(question.entity)
    if not aggregates_sessions(question.entity):
        columns = [*question.bucket_columns, *_statistics(call("toFloat", value))]
        return select(columns, question.events, question.where(), [BUCKET])
    session = [alias("number", call("any", value)), alias("session_key", field("$session_id"))]
    sessions = select([*session, *question.bucket_columns], question.events, question.where(), ["session_key", BUCKET])
    columns = [alias(BUCKET, field(BUCKET)), *_statistics(call("toFloat", field("number")))]
    return select(columns, from_select(sessions), None, [BUCKET])


def _statistics(number: ast.Expr) -> list[ast.Alias]:
    quartiles = [alias(name, call("quantile", number, params=[constant(share)])) for name, share in _QUARTILES.items()]
    return [
        alias("low", call("min", number)),
        *quartiles,
        alias("high", call("max", number)),
        alias("mean", call("avg", number)),
    ]


def _boxes(run: Run, rows: Rows, label: str) -> list[dict[str, object]]:
    buckets = list_buckets(run.dates)
    found: Mapping[Key, Sequence[float]] = {
        read_key(key): [float(read_number(number)) for number in numbers] for key, *numbers in rows.rows
    }
    shown = zip(buckets, print_days(buckets, run.dates.interval), print_labels(buckets, run.dates), strict=True)
    return [
        {
            "day": day,
            "label": name,
            **dict(zip(_STATISTICS, found.get(bucket.key, _NOTHING), strict=True)),
            "series_index": run.order,
            "series_label": label,
        }
        for bucket, day, name in shown
    ]


def _label(run: Run, context: QueryContext) -> str:
    name = run.entity.custom_name or name_entity(run.entity, context) or ALL_EVENTS
    return f"{name} - {run.entity.math_property}"
