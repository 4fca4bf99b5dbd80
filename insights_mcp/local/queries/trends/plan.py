"""The statements of a trends query: one grouped SELECT per run (facts/queries.md 1.1, Algorithm)."""

from collections.abc import Sequence
from dataclasses import replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import Breakdown
from insights_mcp.local.queries.buckets import MAX_BUCKETS, list_buckets
from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import FINE_INTERVALS, start_of
from insights_mcp.local.queries.entities import name_entity
from insights_mcp.local.queries.expressions import alias, call, compare, constant, field, from_select
from insights_mcp.local.queries.histograms import Bin, cut_bins
from insights_mcp.local.queries.positions import Positions
from insights_mcp.local.queries.trends.formula_results import list_formulas
from insights_mcp.local.queries.trends.grouping import select_grouped
from insights_mcp.local.queries.trends.maths import PROPERTY_MATHS, roll_up
from insights_mcp.local.queries.trends.question import BUCKET, TOTAL, Question
from insights_mcp.local.queries.trends.ranking import Bins, select_ranked_series, select_ranked_totals
from insights_mcp.local.queries.trends.runs import Run, plan_runs
from insights_mcp.local.queries.trends.top_values import fits_top_values, select_top_values
from insights_mcp.schema.trends import TrendsQuery

# A cohort without events has no result, where one number without a breakdown would be zero.
_HAS_EVENTS = compare(call("count"), ">", constant(0))
MAX_POINTS = 2_000_000
_HISTOGRAM_MATHS = ("sum", "avg", "min", "max")


def plan_trends(query: TrendsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return one statement per run. Raises QueryError."""
    if list_formulas(query):
        for series in query.series:  # letters go by the places of the series: none may be missing
            name_entity(series, context)
    plan = plan_runs(query, context)
    return [_statement(query, run, plan.breakdown, context) for run in plan.runs]


def _statement(query: TrendsQuery, run: Run, breakdown: Breakdown | None, context: QueryContext) -> Statement:
    items = breakdown if breakdown is not None and breakdown.items else None
    question = Question(query, run, items, context)
    return Statement(_select(question), label=f"series {run.order + 1}, {run.period}", max_rows=_max_rows(question))


def _max_rows(question: Question) -> int:
    """Return how many rows there may be. Raises QueryError for more points than anybody could look at."""
    if question.breakdown is None or question.is_total_value:
        return MAX_BUCKETS
    if len(list_buckets(question.dates)) * (question.breakdown.limit + 1) > MAX_POINTS:
        raise QueryError(
            f"This would be more than {MAX_POINTS:,} points. Choose a longer interval or a lower breakdown limit.",
            attr="interval",
        )
    return MAX_POINTS


def _select(question: Question) -> ast.SelectQuery:
    if question.breakdown is not None and fits_top_values(question):
        return select_top_values(question, question.breakdown.limit)
    grouped = select_grouped(question)
    if question.breakdown is None:
        is_cohort_total = question.is_total_value and question.run.cohort is not None
        return replace(grouped, having=_HAS_EVENTS) if is_cohort_total else grouped
    bins = _find_bins(question, grouped)
    ranked = grouped, question.breakdown_names, question.breakdown, roll_up(question.math), bins
    return select_ranked_totals(*ranked) if question.is_total_value else select_ranked_series(*ranked, _weigh(question))


def _weigh(question: Question) -> ast.Expr:
    """Return what a point adds to the rank of its value: where points add up, it is in every later one as well."""
    if not question.is_cumulative:
        return field(TOTAL)
    dates = question.dates
    first = start_of(dates.date_from, dates.interval, dates.week_start_day)
    moment = call("toDateTime", field(BUCKET)) if dates.interval in FINE_INTERVALS else field(BUCKET)
    count = constant(len(list_buckets(replace(dates, weekdays=()))))
    later = ast.ArithmeticOperation(left=count, op="-", right=Positions(first, dates.interval).of(moment))
    return ast.ArithmeticOperation(left=field(TOTAL), op="*", right=later)


def _find_bins(question: Question, grouped: ast.SelectQuery) -> Bins:
    """Cut the range of every numeric item into its bins. Runs a query over the same events."""
    items = question.breakdown.items if question.breakdown else ()
    counts = {
        name: item.bins for name, item in zip(question.breakdown_names, items, strict=True) if item.bins is not None
    }
    if not counts:
        return {}
    if question.math in PROPERTY_MATHS and question.math not in _HISTOGRAM_MATHS:
        raise QueryError(f"A histogram breakdown does not work with the math '{question.math}'.", attr="series")
    columns = [alias(f"{end}_{name}", call(end, field(name))) for name in counts for end in ("min", "max")]
    rows = question.context.fetch(
        Statement(ast.SelectQuery(select=columns, select_from=from_select(grouped), limit=constant(1)), label="bins")
    ).rows
    ends = rows[0] if rows else (None,) * len(columns)
    return {
        name: _cut(ends[2 * index], ends[2 * index + 1], count) for index, (name, count) in enumerate(counts.items())
    }


def _cut(low: object, high: object, count: int) -> list[Bin]:
    if count < 1:
        raise QueryError("A histogram needs at least one bin.", attr="breakdownFilter")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return []
    return cut_bins(float(low), float(high), count)
