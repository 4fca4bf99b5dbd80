"""How long conversions took, as a histogram (facts/queries.md 1.2, time_to_convert)."""

import math
from collections.abc import Sequence
from statistics import fmean, median

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import Outcome, Statement
from insights_mcp.local.queries.expressions import alias, call, constant, field, from_select
from insights_mcp.local.queries.funnels.arrays import both, opposite
from insights_mcp.local.queries.funnels.conversions import GAPS, did_step, may_be_hard, select_conversions
from insights_mcp.local.queries.funnels.histories import PACKED
from insights_mcp.local.queries.funnels.layout import lay_out
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD
from insights_mcp.local.queries.funnels.tallies import MAX_ROWS, walk_of

_MICROS = 1_000_000
_MOST_BINS = 90
_MOST_AUTO_BINS = 60
# The width of a bin where all times are one.
_FALLBACK_WIDTH = 60


def plan_durations(funnel: Funnel) -> Statement:
    """Return the statement of one run: all times, and the events of those to be walked. Raises QueryError."""
    layout = lay_out(funnel)
    from_step, to_step = _range(funnel)
    duration = call("arraySum", call("arraySlice", field(GAPS), constant(from_step + 1), constant(to_step - from_step)))
    reached = did_step(to_step + 1)
    columns = []
    if may_be_hard(funnel):
        reached = both(opposite(field(IS_HARD)), reached)
        columns.append(alias("hard", call("groupArrayIf", field(PACKED), field(IS_HARD))))
    columns.insert(0, alias("durations", call("groupArrayIf", duration, reached)))
    select = ast.SelectQuery(select=columns, select_from=from_select(select_conversions(funnel, layout)))
    return Statement(select, label="time to convert", max_rows=MAX_ROWS)


def shape_durations(funnels: Sequence[Funnel], rows: Sequence[Rows]) -> Outcome:
    """Return the histogram; of two periods both, over the same bins."""
    found: dict[str, list[float]] = {}
    for funnel, answer in zip(funnels, rows, strict=True):
        found.setdefault(funnel.run.period, []).extend(_read(funnel, answer))
    given = funnels[0].filter.binCount
    bin_count = given if isinstance(given, int) else None
    if len(found) == 1:
        times = found["current"]
        return Outcome(results=_histogram(times, _edges(times or [0.0], bin_count)))
    together = [time for times in found.values() for time in times]
    edges = _edges(together, bin_count) if together else []
    return Outcome(results=[{**_histogram(times, edges), "compare_label": period} for period, times in found.items()])


def _range(funnel: Funnel) -> tuple[int, int]:
    return funnel.filter.funnelFromStep or 0, funnel.filter.funnelToStep or funnel.size - 1


def _read(funnel: Funnel, rows: Rows) -> list[float]:
    """Return the seconds that each conversion took."""
    if not rows.rows:
        return []
    from_step, to_step = _range(funnel)
    durations, *hard = rows.rows[0]
    micros: list[int] = list(durations) if isinstance(durations, list) else []
    walk = walk_of(funnel, lay_out(funnel))
    for packed in hard[0] if hard and isinstance(hard[0], list) else ():
        conversion = walk(packed)
        if conversion is not None and conversion.done >> to_step & 1:
            micros.append(sum(conversion.gaps[from_step:to_step]))
    return [one / _MICROS for one in micros]


def _edges(times: list[float], bin_count: int | None) -> list[int]:
    """Return where the bins begin, one more than there are: the last is for the longest time alone."""
    low, high = math.floor(min(times)), math.ceil(max(times))
    if bin_count is None:
        # rounded first: the cube root of 27 must not be taken for more than 3
        bins = min(_MOST_AUTO_BINS, max(1, math.ceil(round(len(times) ** (1 / 3), 9))))
    else:
        bins = min(_MOST_BINS, max(1, bin_count))
    width = math.ceil((high - low) / bins) or _FALLBACK_WIDTH
    return [low + number * width for number in range(bins + 1)]


def _histogram(times: list[float], edges: list[int]) -> dict[str, object]:
    counts = [0] * len(edges)
    for time in times:
        counts[int((time - edges[0]) // (edges[1] - edges[0]))] += 1
    return {
        "bins": [[edge, count] for edge, count in zip(edges, counts, strict=True)],
        "average_conversion_time": fmean(times) if times else None,
        "median_conversion_time": median(times) if times else None,
    }
