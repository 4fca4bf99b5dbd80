"""How many actors did each step and how long it took them, per breakdown value.

Where no actor may have to be walked, the engine ranks the values, merges those behind the limit and gives averages and
medians. Otherwise it gives the times of everybody else, and the walked actors are added here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import Statement
from insights_mcp.local.queries.expressions import alias, call, constant, from_select
from insights_mcp.local.queries.expressions import field as name
from insights_mcp.local.queries.funnels.arrays import both, choose, is_set, item, opposite
from insights_mcp.local.queries.funnels.conversions import (
    DONE,
    GAPS,
    did_step,
    may_be_hard,
    select_conversions,
)
from insights_mcp.local.queries.funnels.histories import PACKED, VALUE
from insights_mcp.local.queries.funnels.layout import Layout, lay_out
from insights_mcp.local.queries.funnels.question import UNLIMITED_ROWS, Funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD
from insights_mcp.local.queries.funnels.walk import Conversion, Packed, build_walker, walk_ordered, walk_unordered

Value = str | int | list[str]
OTHER = "Other"
MAX_ROWS = 1_000_000
_MICROS = 1_000_000


@dataclass
class Tally:
    """The numbers of one breakdown value: actors per step, seconds per gap (None without any)."""

    value: Value | None
    counts: list[int]
    averages: list[float | None]
    medians: list[float | None]


@dataclass
class Totals:
    """The tallies of one run, the largest first, and the median time of all complete conversions.

    Of one cohort there are their times instead: those of all cohorts have one median.
    """

    tallies: list[Tally]
    median: float | None = None
    times: list[int] = field(default_factory=list)


def plan_totals(funnel: Funnel) -> Statement:
    """Return the statement of one run. Raises QueryError."""
    layout = lay_out(funnel)
    times = _select_times(funnel, layout)
    select = times if may_be_hard(funnel) else _select_ranked(funnel, layout, times)
    return Statement(select, label="funnel", max_rows=MAX_ROWS)


def read_totals(funnel: Funnel, rows: Rows) -> Totals:
    """Return what the rows of the statement say."""
    if may_be_hard(funnel):
        return _read_times(funnel, rows)
    size = funnel.size
    tallies, overall = [], None
    for row in rows.rows:
        counts, averages = row[:size], row[size : 2 * size - 1]
        medians, overall = row[2 * size - 1 : 3 * size - 2], row[3 * size - 2]
        value = row[3 * size - 1] if funnel.attribution else None
        tallies.append(Tally(_value(value), _whole(counts), _seconds(averages), _seconds(medians)))
    if funnel.run.cohort is not None:
        return Totals(_ranked(funnel, tallies), times=_numbers(overall))
    return Totals(_ranked(funnel, tallies), _seconds([overall])[0])


def median_of(funnel: Funnel, totals: Sequence[Totals]) -> float | None:
    """Return the median time of all complete conversions of all runs of a period, None with optional steps.

    Optional steps do not count upstream for how far anybody got, so that nobody ever counts as having got to the end.
    """
    if funnel.optional:
        return None
    if funnel.run.cohort is None:
        return totals[0].median
    return _middle([time for one in totals for time in one.times])


def nobody_of(funnel: Funnel) -> Tally:
    """Return the tally of nobody at all."""
    nothing: list[float | None] = [None] * (funnel.size - 1)
    return Tally(None, [0] * funnel.size, nothing, list(nothing))


def _select_times(funnel: Funnel, layout: Layout) -> ast.SelectQuery:
    """Return per value: actors per step, all times per gap, all complete times, and the events to be walked."""
    is_known = opposite(name(IS_HARD))
    is_walked = may_be_hard(funnel)

    def when(condition: ast.Expr) -> ast.Expr:
        return both(is_known, condition) if is_walked else condition

    steps, gaps = range(1, layout.size + 1), range(1, layout.size)
    columns = [alias(f"count_{step}", call("countIf", when(did_step(step)))) for step in steps]
    columns += [
        alias(f"times_{gap}", call("groupArrayIf", item(name(GAPS), gap), when(is_set(item(name(GAPS), gap)))))
        for gap in gaps
    ]
    columns.append(alias("times", call("groupArrayIf", call("arraySum", name(GAPS)), when(did_step(layout.size)))))
    if is_walked:
        columns.append(alias("hard", call("groupArrayIf", name(PACKED), name(IS_HARD))))
    if funnel.attribution:
        columns.append(alias(VALUE, name(VALUE)))
    return ast.SelectQuery(
        select=columns,
        select_from=from_select(select_conversions(funnel, layout)),
        where=None if is_walked else is_set(name(DONE)),
        group_by=[name(VALUE)] if funnel.attribution else None,
    )


def _select_ranked(funnel: Funnel, layout: Layout, times: ast.SelectQuery) -> ast.SelectQuery:
    """Return counts, averages, medians, the overall median and the value, with the values behind the limit merged."""
    # the median of several cohorts is told from their times
    is_cohort = funnel.run.cohort is not None
    source, overall = times, call("any", name("times")) if is_cohort else _median(name("times"))
    if funnel.attribution is not None:
        source = _select_ranks(funnel, layout, times)
        overall = call("any", name("overall"))
    gaps = range(1, layout.size)
    columns = [alias(f"actors_{step}", call("sum", name(f"count_{step}"))) for step in range(1, layout.size + 1)]
    columns += [alias(f"average_{gap}", call("avgArray", name(f"times_{gap}"))) for gap in gaps]
    columns += [alias(f"median_{gap}", _median(name(f"times_{gap}"))) for gap in gaps]
    columns.append(alias("overall_median", overall))
    if funnel.attribution is not None:
        columns.append(alias("shown", name("merged")))
    return ast.SelectQuery(
        select=columns,
        select_from=from_select(source),
        group_by=[name("merged")] if funnel.attribution else None,
    )


def _select_ranks(funnel: Funnel, layout: Layout, times: ast.SelectQuery) -> ast.SelectQuery:
    limit = funnel.attribution.limit if funnel.attribution else None
    order = [ast.OrderExpr(expr=name(f"count_{step}"), order="DESC") for step in range(layout.size, 0, -1)]
    rank = ast.WindowFunction(
        name="row_number", over_expr=ast.WindowExpr(order_by=[*order, ast.OrderExpr(expr=name(VALUE))])
    )
    overall = ast.WindowFunction(
        name="quantileExactInclusiveArray",
        exprs=[constant(0.5)],
        args=[name("times")],
        over_expr=ast.WindowExpr(),
    )
    names = [one.alias for one in times.select if isinstance(one, ast.Alias)]
    ranked = ast.SelectQuery(
        select=[*(alias(one, name(one)) for one in names), alias("rank", rank), alias("overall", overall)],
        select_from=from_select(times),
    )
    other = constant(OTHER) if not _is_list(funnel) else ast.Array(exprs=[constant(OTHER)])
    merged: ast.Expr = name(VALUE)
    if limit is not None:
        merged = choose(call("_lessOrEquals", name("rank"), constant(limit)), name(VALUE), other)
    kept = [one for one in names if one != VALUE]
    return ast.SelectQuery(
        select=[*(alias(one, name(one)) for one in (*kept, "overall")), alias("merged", merged)],
        select_from=from_select(ranked),
    )


def _median(times: ast.Expr) -> ast.Expr:
    # upstream's median() samples above 8192 values; this one is exact and agrees below
    return call("quantileExactInclusiveArray", times, params=[constant(0.5)])


def _is_list(funnel: Funnel) -> bool:
    return funnel.attribution is not None and funnel.attribution.is_list


@dataclass
class _Times:
    """The numbers of one value before averaging, in microseconds."""

    counts: list[int]
    gaps: list[list[int]]
    complete: list[int] = field(default_factory=list)

    def add(self, conversion: Conversion) -> None:
        """Count one actor."""
        for step in range(len(self.counts)):
            self.counts[step] += conversion.done >> step & 1
        gaps = conversion.gaps
        for gap, times in zip(gaps, self.gaps, strict=False):
            if gap > 0:
                times.append(gap)
        if conversion.done >> (len(self.counts) - 1) & 1:
            self.complete.append(sum(gaps))

    def merge(self, other: "_Times") -> None:
        """Add another value's numbers."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        for mine, theirs in zip(self.gaps, other.gaps, strict=True):
            mine.extend(theirs)
        self.complete += other.complete


def walk_of(funnel: Funnel, layout: Layout) -> Callable[[Packed], Conversion | None]:
    """Return the walk over an actor's packed events."""
    walker = build_walker(funnel, layout)
    walk = walk_unordered if funnel.order == "unordered" else walk_ordered
    return lambda packed: walk(walker, packed)


def _read_times(funnel: Funnel, rows: Rows) -> Totals:
    size, walk = funnel.size, walk_of(funnel, lay_out(funnel))
    found: list[tuple[Value | None, _Times]] = []
    for row in rows.rows:
        times = _Times(_whole(row[:size]), [list(_numbers(one)) for one in row[size : 2 * size - 1]])
        times.complete = list(_numbers(row[2 * size - 1]))
        for packed in _histories(row[2 * size]):
            conversion = walk(packed)
            if conversion is not None:
                times.add(conversion)
        if times.counts[0] or funnel.attribution is None:
            found.append((_value(row[2 * size + 1]) if funnel.attribution else None, times))
    complete = [time for _, times in found for time in times.complete]
    limit = funnel.attribution.limit if funnel.attribution else None
    kept = _merge_rest(found, limit, [OTHER] if _is_list(funnel) else OTHER)
    tallies = _ranked(funnel, [_tally(value, times) for value, times in kept])
    return Totals(tallies, times=complete) if funnel.run.cohort is not None else Totals(tallies, _middle(complete))


def _merge_rest(
    found: list[tuple[Value | None, _Times]], limit: int | None, other: Value
) -> list[tuple[Value | None, _Times]]:
    ranked = sorted(found, key=lambda one: _rank(one[1].counts, one[0]))
    if limit is None or len(ranked) <= limit:
        return ranked
    # a value that is called like the rest is one with it
    rest = [times for value, times in ranked if value == other] + [
        times for value, times in ranked[limit:] if value != other
    ]
    merged = rest[0]
    for times in rest[1:]:
        merged.merge(times)
    return [*((value, times) for value, times in ranked[:limit] if value != other), (other, merged)]


def _tally(value: Value | None, times: _Times) -> Tally:
    averages = [fmean(one) / _MICROS if one else None for one in times.gaps]
    return Tally(value, times.counts, averages, [_middle(one) for one in times.gaps])


def _ranked(funnel: Funnel, tallies: list[Tally]) -> list[Tally]:
    """Put the largest first; values that are not cut off by a limit are by a number of rows."""
    ranked = sorted(tallies, key=lambda one: _rank(one.counts, one.value))
    if funnel.attribution is not None and funnel.attribution.limit is None:
        ranked = ranked[:UNLIMITED_ROWS]
    return [one for one in ranked if one.counts[0]]


def _rank(counts: list[int], value: Value | None) -> tuple[object, ...]:
    """Return the sort key of a value: by the furthest step, then those before it, then by the value."""
    return (*(-count for count in reversed(counts)), value if isinstance(value, list) else [str(value)])


def _middle(times: list[int]) -> float | None:
    return median(times) / _MICROS if times else None


def _seconds(micros: Sequence[object]) -> list[float | None]:
    return [one / _MICROS if isinstance(one, int | float) and one == one else None for one in micros]  # NaN


def _whole(numbers: Sequence[object]) -> list[int]:
    return [one if isinstance(one, int) else 0 for one in numbers]


def _numbers(value: object) -> list[int]:
    return value if isinstance(value, list) else []


def _histories(value: object) -> list[Packed]:
    return value if isinstance(value, list) else []


def _value(value: object) -> Value | None:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value if isinstance(value, str | int) else None
