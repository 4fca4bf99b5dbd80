"""The results of a funnel shown as steps or as a flow."""

from collections.abc import Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.context import Outcome
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.results import StepResult, print_steps, zero_steps
from insights_mcp.local.queries.funnels.tallies import Tally, Totals, median_of, nobody_of, read_totals

Group = list[StepResult]
# Decides which of two breakdown values are one.
Key = tuple[object, ...]


def shape_steps(funnels: Sequence[Funnel], rows: Sequence[Rows], *, is_broken_down: bool) -> Outcome:
    """Return the results of all runs: steps, or with a breakdown a list of steps per value. Raises QueryError."""
    current, totals = _read_period(funnels, rows, "current")
    extra = {"total_median_conversion_time": median_of(funnels[0], totals)}
    has_previous = any(funnel.run.period == "previous" for funnel in funnels)
    if not has_previous:
        return Outcome(results=current if is_broken_down else _flat(current), extra=extra)
    previous, _ = _read_period(funnels, rows, "previous")
    merged = _merge(current, previous)
    return Outcome(results=merged if is_broken_down else [step for group in merged for step in group])


def _flat(groups: list[Group]) -> Group:
    return groups[0] if groups else []


def _read_period(funnels: Sequence[Funnel], rows: Sequence[Rows], period: str) -> tuple[list[Group], list[Totals]]:
    """Return the steps per breakdown value, the largest first."""
    found: list[tuple[Funnel, Tally]] = []
    totals = []
    for funnel, answer in zip(funnels, rows, strict=True):
        if funnel.run.period != period:
            continue
        one = read_totals(funnel, answer)
        totals.append(one)
        # those who are not in the only cohort are shown even when there are none
        tallies = one.tallies or ([nobody_of(funnel)] if funnel.run.is_outside else [])
        for tally in tallies:
            tally.value = funnel.run.cohort_value if funnel.run.cohort is not None else tally.value
            found.append((funnel, tally))
    if len(totals) > 1:
        found.sort(key=lambda one: [-count for count in reversed(one[1].counts)])
    return [print_steps(funnel, tally) for funnel, tally in found], totals


def _merge(current: list[Group], previous: list[Group]) -> list[Group]:
    """Return the groups of both periods, every value in each: one that is missing has nobody."""
    now, then = ({_key(group): group for group in groups} for groups in (current, previous))
    keys = [*now, *(key for key in then if key not in now)]
    current = [now[key] if key in now else zero_steps(then[key]) for key in keys]
    previous = [then[key] if key in then else zero_steps(now[key]) for key in keys]
    return [_tag(group, "current") for group in current] + [_tag(group, "previous") for group in previous]


def _key(group: Group) -> Key:
    value = group[0].get("breakdown_value")
    return tuple(value) if isinstance(value, list) else (value,)


def _tag(group: Group, label: str) -> Group:
    return [{**step, "compare_label": label} for step in group]
