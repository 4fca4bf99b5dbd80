"""What a funnel may not ask (facts/queries.md 1.2, Rules)."""

from collections import Counter
from itertools import pairwise

from insights_mcp.local.queries.context import QueryError
from insights_mcp.schema.entities import ActionsNode, EventsNode, Exclusion, GroupNode, Series
from insights_mcp.schema.filters import AnyFilter, PropertyFilter
from insights_mcp.schema.funnels import FunnelsQuery

MAX_STEPS = 32
# Each step is one bit of a number.
MAX_TREND_STEPS = 60


def check_funnel(query: FunnelsQuery) -> None:
    """Raise QueryError for a funnel that cannot be answered."""
    if len(query.series) < 2:
        raise QueryError(
            "Funnels require at least two steps.", code="funnels_require_at_least_two_steps", attr="series"
        )
    if any(isinstance(step, GroupNode) and step.operator != "OR" for step in query.series):
        raise QueryError("Funnel step event groups only support the OR operator.", attr="series")
    _check_range(query)
    _check_exclusions(query)
    _check_optional_steps(query)
    most = MAX_TREND_STEPS if query.funnelsFilter.funnelVizType == "trends" else MAX_STEPS
    if len(query.series) > most:
        raise QueryError(f"Funnels have at most {most} steps.", code="funnel_max_steps_exceeded", attr="series")
    _check_attribution(query)


def _check_range(query: FunnelsQuery) -> None:
    code, last = "funnel_step_range_invalid", len(query.series) - 1
    from_step, to_step = query.funnelsFilter.funnelFromStep, query.funnelsFilter.funnelToStep
    if from_step is not None and not 0 <= from_step <= last - 1:
        raise QueryError(f"funnelFromStep is out of bounds. It must be between 0 and {last - 1}.", code=code)
    if to_step is not None and not 1 <= to_step <= last:
        raise QueryError(f"funnelToStep is out of bounds. It must be between 1 and {last}.", code=code)
    if from_step is not None and to_step is not None and from_step >= to_step:
        raise QueryError("Funnel step range is invalid. funnelToStep should be greater than funnelFromStep.", code=code)


def _check_exclusions(query: FunnelsQuery) -> None:
    last, exclusions = len(query.series) - 1, query.funnelsFilter.exclusions
    if query.funnelsFilter.funnelOrderType == "unordered":
        for one in exclusions:
            if one.funnelFromStep != 0 or one.funnelToStep != last:
                raise _exclusion_error("Partial Exclusions not allowed in unordered funnels")
    for one in exclusions:
        if one.funnelFromStep >= one.funnelToStep:
            raise _exclusion_error("Exclusion event range is invalid. End of range should be greater than start.")
        if not 0 <= one.funnelFromStep < last:
            raise _exclusion_error("Exclusion event range is invalid. Start of range is greater than number of steps.")
        if one.funnelToStep > last:
            raise _exclusion_error("Exclusion event range is invalid. End of range is greater than number of steps.")
        if any(_covers(step, one) for step in query.series[one.funnelFromStep : one.funnelToStep + 1]):
            raise _exclusion_error("Exclusion steps cannot contain an event that's part of funnel steps.")


def _exclusion_error(message: str) -> QueryError:
    return QueryError(message, code="funnel_exclusions_invalid")


def _check_optional_steps(query: FunnelsQuery) -> None:
    if not any(step.optionalInFunnel for step in query.series):
        return
    shown = query.funnelsFilter
    if shown.funnelVizType not in ("steps", "flow") or shown.funnelOrderType == "unordered":
        raise _optional_error(
            "Optional funnel steps are only supported in funnels with step order Sequential or Strict and the graph "
            'type "Conversion Steps".'
        )
    if query.series[0].optionalInFunnel:
        raise _optional_error("The first step of a funnel cannot be optional.")
    for one, following in pairwise(query.series):
        if one.optionalInFunnel and not following.optionalInFunnel and _covers(following, one):
            raise _optional_error("An optional step cannot be the same as the following required step.")


def _optional_error(message: str) -> QueryError:
    return QueryError(message, code="funnel_optional_steps_invalid")


def _check_attribution(query: FunnelsQuery) -> None:
    given = query.funnelsFilter
    if query.breakdownFilter is None or given.breakdownAttributionType != "step":
        return
    step = given.breakdownAttributionValue or 0
    if given.funnelOrderType == "unordered" and step != 0:
        raise QueryError("Only the first step can be used for breakdown attribution in unordered funnels")
    if not 0 <= step < len(query.series):
        raise QueryError(
            f"breakdownAttributionValue is out of bounds. It must be between 0 and {len(query.series) - 1}."
        )


def _covers(step: Series, other: Series | Exclusion) -> bool:
    """Return whether every event of the other entity is one of the step: the same event, with no filter less."""
    return _name(step) == _name(other) and not (
        Counter(_print_filters(step.properties)) - Counter(_print_filters(other.properties))
        or Counter(_print_filters(step.fixedProperties)) - Counter(_print_filters(other.fixedProperties))
    )


def _name(entity: Series | Exclusion) -> object:
    if isinstance(entity, EventsNode):
        return "event", entity.event
    if isinstance(entity, ActionsNode):
        return "action", entity.id
    if isinstance(entity, GroupNode):
        return "group", tuple((_name(node), tuple(sorted(_print_filters(node.properties)))) for node in entity.nodes)
    return entity.kind, entity.id


def _print_filters(filters: list[PropertyFilter] | list[AnyFilter]) -> list[str]:
    return [repr(one.model_dump(mode="json", exclude_defaults=True)) for one in filters]
