"""The results of a stickiness query as PostHog prints them: one per run (facts/queries.md 1.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import ceil

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.buckets import list_buckets
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.entities import ALL_EVENTS, name_entity
from insights_mcp.local.queries.stickiness.runs import Run, plan_runs
from insights_mcp.schema.stickiness import StickinessQuery


def shape_stickiness(rows: Sequence[Rows], query: StickinessQuery, context: QueryContext) -> Outcome:
    """Return the results of the runs' rows. Raises QueryError."""
    plan = plan_runs(query, context)
    return Outcome(
        results=[_result(run, answer, query, context) for run, answer in zip(plan.runs, rows, strict=True)],
        dates=plan.current.span,
        compare_dates=plan.previous.span if plan.previous else None,
    )


def _result(run: Run, rows: Rows, query: StickinessQuery, context: QueryContext) -> Mapping[str, object]:
    counts: dict[int, int] = dict.fromkeys(range(1, _count_intervals(run, query) + 1), 0)
    counts |= {int(intervals): int(actors) for intervals, actors in rows.rows}  # type: ignore[call-overload]  # UInt64
    numbers, data = list(counts), list(counts.values())
    is_cumulative = query.stickinessFilter.computedAs == "cumulative"
    if is_cumulative:
        data = list(accumulate(reversed(data)))[::-1]
    name = name_entity(run.entity, context)
    result: dict[str, object] = {
        "count": sum(counts.values()),
        "data": data,
        "days": numbers,
        "label": ALL_EVENTS if name is None else name,
        "labels": [_print(number, query, is_cumulative=is_cumulative) for number in numbers],
        "action": {
            "order": run.order,
            "type": "events",
            "name": name or ALL_EVENTS,
            "id": name,
            "custom_name": run.entity.custom_name,
        },
    }
    if query.compareFilter.compare:
        result |= {"compare": True, "compare_label": run.period}
    return result


def _count_intervals(run: Run, query: StickinessQuery) -> int:
    return ceil(len(list_buckets(replace(run.dates, weekdays=()))) / (query.intervalCount or 1))


def _print(number: int, query: StickinessQuery, *, is_cumulative: bool) -> str:
    return f"{number} {query.interval}{'' if number == 1 else 's'}{' or more' if is_cumulative else ''}"
