"""The statements of a funnel, one per run, and the results of their rows (facts/queries.md 1.2)."""

from collections.abc import Sequence
from dataclasses import replace

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.context import DateSpan, Outcome, QueryContext, Statement
from insights_mcp.local.queries.funnels.question import (
    Funnel,
    is_by_cohort,
    list_runs,
    read_attribution,
)
from insights_mcp.local.queries.funnels.rules import check_funnel
from insights_mcp.local.queries.funnels.steps_shape import shape_steps
from insights_mcp.local.queries.funnels.tallies import plan_totals
from insights_mcp.local.queries.funnels.time_to_convert import plan_durations, shape_durations
from insights_mcp.local.queries.funnels.trends_plan import plan_entrances
from insights_mcp.local.queries.funnels.trends_shape import shape_trends
from insights_mcp.schema.funnels import FunnelsQuery


def list_funnels(query: FunnelsQuery, context: QueryContext) -> list[Funnel]:
    """Return the funnel of every run. Raises QueryError for a funnel that cannot be answered."""
    check_funnel(query)
    attribution = read_attribution(query, context)
    return [Funnel(query, run, attribution, context) for run in list_runs(query, context)]


def plan_funnel(query: FunnelsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statements of a funnel. Raises QueryError."""
    plan = {"trends": plan_entrances, "time_to_convert": plan_durations}.get(
        query.funnelsFilter.funnelVizType, plan_totals
    )
    return [plan(funnel) for funnel in list_funnels(query, context)]


def shape_funnel(rows: Sequence[Rows], query: FunnelsQuery, context: QueryContext) -> Outcome:
    """Return PostHog's results. Raises QueryError."""
    funnels = list_funnels(query, context)
    is_broken_down = funnels[0].attribution is not None or is_by_cohort(query, context)
    if query.funnelsFilter.funnelVizType == "trends":
        outcome = shape_trends(funnels, rows, is_broken_down=is_broken_down)
    elif query.funnelsFilter.funnelVizType == "time_to_convert":
        outcome = shape_durations(funnels, rows)
    else:
        outcome = shape_steps(funnels, rows, is_broken_down=is_broken_down)
    return replace(outcome, dates=_span(funnels, "current"), compare_dates=_span(funnels, "previous"))


def _span(funnels: Sequence[Funnel], period: str) -> DateSpan | None:
    return next((funnel.run.dates.span for funnel in funnels if funnel.run.period == period), None)
