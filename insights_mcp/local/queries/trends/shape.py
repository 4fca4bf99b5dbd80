"""PostHog's results of a trends query, key by key in its order (facts/queries.md 1.1, Result list element)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.breakdowns import (
    ALL_USERS,
    ALL_USERS_LABEL,
    Breakdown,
    is_boolean,
    print_value,
)
from insights_mcp.local.queries.buckets import Bucket, list_buckets, list_starts, print_days, print_labels
from insights_mcp.local.queries.context import Outcome, QueryContext, QueryError
from insights_mcp.local.queries.entities import ALL_EVENTS, name_afresh, name_entity
from insights_mcp.local.queries.sampling import scale
from insights_mcp.local.queries.trends.displays import is_compared, is_cumulative, is_total_value
from insights_mcp.local.queries.trends.formula_results import answer_formulas, list_formulas
from insights_mcp.local.queries.trends.maths import effective_math, is_fractional, roll_up
from insights_mcp.local.queries.trends.points import (
    Finish,
    Line,
    read_line,
    read_lines,
    read_total,
    read_totals,
)
from insights_mcp.local.queries.trends.results import Result, Value, is_other, size_of
from insights_mcp.local.queries.trends.runs import Run, TrendsPlan, plan_runs
from insights_mcp.schema.filters import Filters
from insights_mcp.schema.trends import TrendsQuery


def shape_trends(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Outcome:
    """Return the results of the runs' rows. Raises QueryError."""
    plan = plan_runs(query, context)
    shaper = _Shaper(query, context, plan)
    per_run = [shaper.shape_run(run, answer) for run, answer in zip(plan.runs, rows, strict=True)]
    if list_formulas(query):
        results = answer_formulas(query, per_run, plan)
    else:
        results = [result for results in shaper.order_cohorts(per_run) for result in results]
    has_more = any(is_other(result.get("breakdown_value")) for result in results)
    if has_more and plan.breakdown is not None and plan.breakdown.hides_other:
        results = [result for result in results if not is_other(result.get("breakdown_value"))]
    return Outcome(
        results=results,
        has_more=has_more,
        dates=plan.current.span,
        compare_dates=plan.previous.span if plan.previous else None,
    )


class _Shaper:
    """Shapes the rows of each run; what all results share is worked out once."""

    def __init__(self, query: TrendsQuery, context: QueryContext, plan: TrendsPlan) -> None:
        self.query = query
        self.context = context
        self.plan = plan
        self.is_compared = is_compared(query)
        self.is_total = is_total_value(query)
        self._buckets: dict[str, list[Bucket]] = {}

    def shape_run(self, run: Run, rows: Rows) -> list[Result]:
        """Return the results of one run."""
        return [self._result(run, line) for line in self._read(run, rows)]

    def order_cohorts(self, per_run: list[list[Result]]) -> list[list[Result]]:
        """Put several cohorts of one series in order of their size, unless "all" is one of them.

        PostHog answers such a list with one statement per series, and only a list with "all" cohort by cohort.
        """
        cohorts = self.plan.breakdown.cohorts if self.plan.breakdown else ()
        if len(cohorts) < 2 or ALL_USERS in cohorts:
            return per_run
        grouped: dict[tuple[str, int], list[Result]] = {}
        for run, results in zip(self.plan.runs, per_run, strict=True):
            grouped.setdefault((run.period, run.order), []).extend(results)
        return [
            sorted(results, key=lambda one: (-size_of(one), str(one["breakdown_value"])))
            for results in grouped.values()
        ]

    def _read(self, run: Run, rows: Rows) -> list[Line]:
        math = effective_math(run.entity, self.query.interval)
        breakdown = self.plan.breakdown
        has_items = breakdown is not None and bool(breakdown.items)
        fractional = is_fractional(math)
        if self.is_total:
            if has_items:
                return read_totals(rows, is_fractional=fractional)
            return [Line(None, [read_total(rows, is_fractional=fractional)])] if rows.rows else []
        smoothing = self.query.trendsFilter.smoothingIntervals
        finish = Finish(is_cumulative(self.query), smoothing, fractional, breakdown is not None)
        buckets = self._list_buckets(run)
        if breakdown is not None and breakdown.items:
            return read_lines(rows, buckets, finish, roll_up(math), breakdown.limit)
        return [read_line(rows, buckets, finish)] if rows.rows or run.cohort is None else []

    def _list_buckets(self, run: Run) -> list[Bucket]:
        if run.period not in self._buckets:
            self._buckets[run.period] = list_buckets(run.dates)
        return self._buckets[run.period]

    def _result(self, run: Run, line: Line) -> Result:
        name = name_entity(run.entity, self.context)
        result = self._total(line) if self.is_total else self._series(run, line)
        result["label"] = ALL_EVENTS if name is None else name
        result["filter"] = self._filter
        result["action"] = self._action(run, name)
        if self.is_compared:
            result["compare"] = True
            result["compare_label"] = run.period
        self._add_breakdown(result, run, line)
        self._scale(result, run)
        result["order"] = run.order
        return result

    def _total(self, line: Line) -> Result:
        return {"data": [], "days": [], "count": 0, "aggregated_value": line.numbers[0]}

    def _series(self, run: Run, line: Line) -> Result:
        buckets = self._list_buckets(run)
        count = line.numbers[-1] if is_cumulative(self.query) and line.numbers else float(sum(line.numbers))
        return {
            "data": line.numbers,
            "labels": print_labels(buckets, self.plan.current),  # of previous weeks too: PostHog clips all of them so
            "days": print_days(buckets, run.dates.interval),
            "count": count,
        }

    def _action(self, run: Run, name: str | None) -> dict[str, object]:
        entity = run.entity
        return {
            "days": self._action_days,
            "id": name,
            "type": "events",
            "order": run.order,
            "name": name or ALL_EVENTS,
            "custom_name": name_afresh(entity, name),
            "math": entity.math,
            "math_property": entity.math_property,
            "math_hogql": entity.math_hogql,
            "math_group_type_index": entity.math_group_type_index,
            "properties": {},
        }

    @cached_property
    def _action_days(self) -> list[object]:
        dates = self.plan.current  # one number has no days that could be left out
        return list(list_starts(replace(dates, weekdays=()) if self.is_total else dates))

    def _add_breakdown(self, result: Result, run: Run, line: Line) -> None:
        breakdown = self.plan.breakdown
        if breakdown is None:
            return
        value, label = self._name_value(breakdown, run, line)
        many = len(self.query.series) * max(1, self._cohort_factor(breakdown)) > 1
        result["label"] = f"{result['label']} - {label}" if many else label
        result["breakdown_value"] = value

    def _cohort_factor(self, breakdown: Breakdown) -> int:
        # a list of cohorts that is run cohort by cohort counts as that many series
        return len(breakdown.cohorts) if ALL_USERS in breakdown.cohorts else 1

    def _name_value(self, breakdown: Breakdown, run: Run, line: Line) -> tuple[Value, str]:
        if run.cohort == ALL_USERS:
            return ALL_USERS, ALL_USERS_LABEL
        if run.cohort is not None:
            cohort = self.context.definitions.cohort(self.context.team.id, run.cohort)
            if cohort is None:
                raise QueryError(f"Cohort ID {run.cohort} does not exist!")
            return cohort.id, cohort.name
        booleans = [is_boolean(item, self.context) for item in breakdown.items]
        if isinstance(line.value, list):
            return line.value, "::".join(map(print_value, line.value, booleans))
        value = print_value(line.value or "", booleans[0])
        return value, value

    def _scale(self, result: Result, run: Run) -> None:
        factor = self.query.samplingFactor
        if not factor or factor == 1:
            return
        math = run.entity.math
        result["count"] = scale(result["count"], factor, math)
        if "aggregated_value" in result:
            result["aggregated_value"] = scale(result["aggregated_value"], factor, math)
        result["data"] = [scale(number, factor, math) for number in result["data"] or []]

    @cached_property
    def _filter(self) -> dict[str, object]:
        """The legacy form of the query that each result carries."""
        query, current = self.query, self.plan.current
        given: dict[str, object] = {
            "insight": "TRENDS",
            "properties": _dump(query.properties),
            "filter_test_accounts": query.filterTestAccounts,
            "date_to": current.date_to,
            "date_from": current.date_from,
            "entity_type": "events",
            "sampling_factor": query.samplingFactor,
            "aggregation_group_type_index": query.aggregation_group_type_index,
            "interval": query.interval,
            **query.trendsFilter.model_dump(mode="json"),
        }
        if query.breakdownFilter is not None:
            given |= query.breakdownFilter.model_dump(mode="json")
        return {key: value for key, value in given.items() if value is not None}


def _dump(filters: Filters) -> object:
    if isinstance(filters, list):
        return [one.model_dump(mode="json", exclude_unset=True) for one in filters]
    return filters.model_dump(mode="json", exclude_unset=True)
