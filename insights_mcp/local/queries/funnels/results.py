"""Funnel steps as PostHog prints them (facts/queries.md 1.2, steps results)."""

from collections.abc import Sequence
from typing import TypedDict

from insights_mcp.local.queries.breakdowns import ALL_USERS, ALL_USERS_LABEL
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.entities import ALL_EVENTS, name_entity
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.tallies import Tally, Value
from insights_mcp.local.queries.sampling import scale
from insights_mcp.schema.entities import ActionsNode, GroupNode, Series


class StepResult(TypedDict, total=False):
    """One step of one breakdown value."""

    action_id: str | int | None
    name: str | None
    custom_name: str | None
    order: int
    people: list[object]
    count: float
    type: str
    average_conversion_time: float | None
    median_conversion_time: float | None
    breakdown: Value | None
    breakdown_value: Value | None
    compare_label: str


def print_steps(funnel: Funnel, tally: Tally) -> list[StepResult]:
    """Return the steps of one tally. Raises QueryError."""
    steps = [_print_step(funnel, step, index, tally.counts[index]) for index, step in enumerate(funnel.series)]
    for index, result in enumerate(steps):
        result["average_conversion_time"] = tally.averages[index - 1] if index else None
        result["median_conversion_time"] = tally.medians[index - 1] if index else None
        if tally.value is not None:
            result["breakdown"] = name_value(funnel, tally.value)
            result["breakdown_value"] = tally.value
    return steps


def name_value(funnel: Funnel, value: Value) -> Value:
    """Return what a breakdown value is shown as: a cohort by its name. Raises QueryError."""
    if funnel.run.cohort is None:
        return value
    return name_cohort_of(funnel)


def name_cohort_of(funnel: Funnel) -> str:
    """Return the name of who a run is about: a cohort, or those who are not in it. Raises QueryError."""
    cohort = funnel.run.cohort
    name = name_cohort(int(cohort) if cohort is not None and cohort != ALL_USERS else 0, funnel.context)
    return f"Not in {name or 'cohort'}" if funnel.run.is_outside else name


def name_cohort(cohort_id: int, context: QueryContext) -> str:
    """Return the name of a cohort, everybody being number 0. Raises QueryError."""
    if cohort_id == 0:
        return ALL_USERS_LABEL
    cohort = context.definitions.cohort(context.team.id, cohort_id)
    if cohort is None:
        raise QueryError(f"Cohort ID {cohort_id} does not exist!")
    return cohort.name


def zero_steps(steps: Sequence[StepResult]) -> list[StepResult]:
    """Return the same steps with nobody in them."""
    nobody: StepResult = {"count": 0, "people": [], "average_conversion_time": None, "median_conversion_time": None}
    return [{**step, **nobody} for step in steps]


def _print_step(funnel: Funnel, step: Series, index: int, count: int) -> StepResult:
    result: StepResult = {
        "action_id": None,
        "name": f"Completed {index + 1} step{'s' if index else ''}",
        "custom_name": None,
        "order": index,
        "people": [],
        "count": _scale(count, funnel),
        "type": _type(step),
    }
    if funnel.order != "unordered":
        result["name"] = _name(step, funnel.context)
        result["action_id"] = step.id if isinstance(step, ActionsNode) else result["name"]
        result["custom_name"] = step.custom_name
    return result


def _scale(count: int, funnel: Funnel) -> float:
    factor = funnel.query.samplingFactor
    return scale(count, float(factor), None) if factor else count


def _type(step: Series) -> str:
    if isinstance(step, GroupNode):
        return "group"
    return "actions" if isinstance(step, ActionsNode) else "events"


def _name(step: Series, context: QueryContext) -> str | None:
    """Return what a step is called; a group of events by its events, whatever its own name is."""
    if isinstance(step, GroupNode):
        return ", ".join(name_entity(node, context) or ALL_EVENTS for node in step.nodes)
    return name_entity(step, context)
