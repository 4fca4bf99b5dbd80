"""The results of a trends query with formulas: one per formula, breakdown value and period (facts/queries.md 1.1)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from insights_mcp.local.queries.breakdowns import ALL_USERS
from insights_mcp.local.queries.buckets import list_buckets
from insights_mcp.local.queries.trends.formulas import apply_formula
from insights_mcp.local.queries.trends.results import Number, Result, Value, place_of, size_of
from insights_mcp.local.queries.trends.runs import Period, TrendsPlan
from insights_mcp.schema.trends import FormulaNode, TrendsQuery

_DIGITS = re.compile(r"(\d+)")


def list_formulas(query: TrendsQuery) -> list[FormulaNode]:
    """Return the formulas asked for; of the three ways to give them the last wins."""
    given = query.trendsFilter
    if given.formulaNodes:
        return given.formulaNodes
    texts = given.formulas or ([given.formula] if given.formula else [])
    return [FormulaNode(formula=text) for text in texts if text]


def answer_formulas(query: TrendsQuery, per_run: Sequence[list[Result]], plan: TrendsPlan) -> list[Result]:
    """Return the results of every formula: the current period's, then the previous one's. Raises QueryError."""
    answered = []
    skips_days = _skips_days(plan)
    for order, node in enumerate(list_formulas(query)):
        for period in ("current", "previous"):
            for series in _group(per_run, plan, period):
                for result in _apply(node, series, plan):
                    if skips_days and result["data"] is not None:
                        result["count"] = float(sum(result["data"]))
                    result["order"] = order
                    answered.append(result)
    return answered


def _skips_days(plan: TrendsPlan) -> bool:
    """Return whether some days have no bucket: then a formula counts what it gives for the others."""
    dates = plan.current
    if not dates.weekdays:
        return False
    return len(list_buckets(dates)) < len(list_buckets(replace(dates, weekdays=())))


def _group(per_run: Sequence[list[Result]], plan: TrendsPlan, period: Period) -> list[list[list[Result]]]:
    """Return the series that one formula is applied to at once: all of a period, cohort by cohort with "all"."""
    cohorts = plan.breakdown.cohorts if plan.breakdown else ()
    runs = [(run, results) for run, results in zip(plan.runs, per_run, strict=True) if run.period == period]
    if not runs:
        return []
    if ALL_USERS in cohorts:
        return [[results for run, results in runs if run.cohort == cohort] for cohort in cohorts]
    if not cohorts:
        return [[results for _, results in runs]]
    orders = sorted({run.order for run, _ in runs})
    return [[[one for run, results in runs if run.order == order for one in results] for order in orders]]


def _apply(node: FormulaNode, series: list[list[Result]], plan: TrendsPlan) -> list[Result]:
    if plan.breakdown is None:
        return [_combine(node, [results[0] for results in series])] if all(series) and series else []
    values = _list_values(series)
    results = [_combine(node, _pick(series, value)) for value in values]
    if plan.previous is not None:
        return sorted(results, key=lambda result: -result["count"])
    return sorted(results, key=_sort_key, reverse=True)


def _combine(node: FormulaNode, rows: list[Result]) -> Result:
    """Return the first series' result with the formula's numbers."""
    result = rows[0].copy()
    result["label"] = node.custom_name or f"Formula ({node.formula})"
    result["action"] = None
    if "aggregated_value" in result:
        numbers = apply_formula(node.formula, [[row["aggregated_value"]] for row in rows])
        result["aggregated_value"] = float(sum(numbers))
        result["data"] = None
        result["count"] = 0
        return result
    result["data"] = apply_formula(node.formula, [row["data"] or [] for row in rows])
    # of the sums: where points add up, a series' own count is its last point
    result["count"] = float(apply_formula(node.formula, [[sum(row["data"] or [])] for row in rows])[0])
    return result


def _pick(series: list[list[Result]], value: Value) -> list[Result]:
    """Return each series' result for a breakdown value, one of zeros where a series has none."""
    found = [next((one for one in results if one["breakdown_value"] == value), None) for results in series]
    sample = next(one for one in found if one is not None)
    return [one if one is not None else _empty(sample) for one in found]


def _empty(sample: Result) -> Result:
    empty = sample.copy()
    empty["data"] = [0] * len(sample["data"] or [])
    empty["count"] = 0
    if "aggregated_value" in sample:
        empty["aggregated_value"] = 0
    return empty


def _list_values(series: list[list[Result]]) -> list[Value]:
    """Return the breakdown values of all series in natural order: numbers by size, letters without case."""
    values: dict[str, Value] = {}
    for results in series:
        for result in results:
            values.setdefault(repr(result["breakdown_value"]), result["breakdown_value"])
    return sorted(values.values(), key=_natural_key)


def _natural_key(value: Value) -> list[tuple[int, Number, str]]:
    text = "\0".join(value) if isinstance(value, list) else str(value)
    parts = [part for part in _DIGITS.split(text.lower()) if part]
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _sort_key(result: Result) -> tuple[int, Number, Number, list[Number], str]:
    value = result["breakdown_value"]
    # PostHog tells the missing and the remaining values from real ones by their text: never in a list of several
    place = 0 if isinstance(value, list) else place_of(value)
    return -place, size_of(result), result["count"], result["data"] or [], repr(value)
