"""The conditions of a dynamic cohort, read from its JSON.

`{"properties": {"type": "OR", "values": [...]}}` with groups inside groups, and in them conditions on person
properties, on what somebody did (`behavioral`), on other cohorts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from insights_mcp.schema.dates import Interval
from insights_mcp.schema.filters import Connective, PropertyFilter

MAX_DEPTH = 20
Behaviour = Literal[
    "performed_event",
    "performed_event_first_time",
    "performed_event_multiple",
    "performed_event_regularly",
    "performed_event_sequence",
    "stopped_performing_event",
    "restarted_performing_event",
]
BEHAVIOURS: tuple[Behaviour, ...] = Behaviour.__args__  # type: ignore[attr-defined]  # a Literal's values
# The letters that dates know the intervals by.
_INTERVALS = {"minute": "M", "hour": "h", "day": "d", "week": "w", "month": "m", "year": "y"}
_PERIODS: tuple[Interval, ...] = ("hour", "day", "week", "month")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}
_COUNT_OPERATORS = ("gte", "lte", "gt", "lt", "eq", "exact")
_PERSON_TYPES = ("person", "person_metadata")
_COHORT_TYPES = ("cohort", "static-cohort", "dynamic-cohort", "precalculated-cohort")


class CohortInvalid(Exception):
    """The conditions of a cohort cannot be understood. `str()` says why, for the one who wrote them."""


@dataclass(frozen=True)
class PersonCondition:
    """A property that a person has now."""

    filter: PropertyFilter
    negated: bool = False


@dataclass(frozen=True)
class CohortCondition:
    """Being in another cohort."""

    cohort_id: int
    negated: bool = False


@dataclass(frozen=True)
class Period:
    """When something was done: date texts as queries take them (`-30d`, `2026-01-31`)."""

    date_from: str
    date_to: str | None = None


@dataclass(frozen=True)
class Regularity:
    """In how many of how many periods something was done; a period is so many intervals long."""

    interval: Interval
    length: int
    periods: int
    least: int


@dataclass(frozen=True)
class Following:
    """What must be done next, and within how many seconds."""

    event: str | int
    seconds: int


@dataclass(frozen=True)
class BehaviourCondition:
    """Having done something. `later` is the second period of those who stopped or came back."""

    behaviour: Behaviour
    event: str | int
    period: Period
    later: Period | None = None
    regularity: Regularity | None = None
    following: Following | None = None
    operator: str = "eq"
    times: int = 1
    filters: Sequence[PropertyFilter] = ()
    negated: bool = False


@dataclass(frozen=True)
class Criteria:
    """Conditions joined by AND or OR. None of them is nobody."""

    connective: Connective
    conditions: "Sequence[Criteria | PersonCondition | CohortCondition | BehaviourCondition]"

    def cohorts(self) -> Iterator[int]:
        """Return the numbers of the cohorts they speak of."""
        for one in self.conditions:
            if isinstance(one, Criteria):
                yield from one.cohorts()
            elif isinstance(one, CohortCondition):
                yield one.cohort_id


def read_criteria(filters: Mapping[str, object]) -> Criteria:
    """Return the conditions of a cohort's `filters`. Raises CohortInvalid."""
    properties = filters.get("properties")
    if not isinstance(properties, Mapping):
        raise CohortInvalid("Filters must contain a 'properties' key with a group of conditions.")
    return _read_group(properties, MAX_DEPTH)


def _read_group(group: Mapping[str, object], depth: int) -> Criteria:
    if depth == 0:
        raise CohortInvalid("The groups of conditions are nested too deeply.")
    connective, values = group.get("type"), group.get("values")
    if connective not in ("AND", "OR") or not isinstance(values, list):
        raise CohortInvalid("A group of conditions has a 'type' (AND or OR) and a list of 'values'.")
    conditions = []
    for value in values:
        if not isinstance(value, Mapping):
            raise CohortInvalid("Each condition must be an object.")
        conditions.append(_read_group(value, depth - 1) if "values" in value else _read_condition(value))
    return Criteria("AND" if connective == "AND" else "OR", tuple(conditions))


def _read_condition(value: Mapping[str, object]) -> PersonCondition | CohortCondition | BehaviourCondition:
    type_ = value.get("type")
    if type_ in _PERSON_TYPES:
        return PersonCondition(_read_filter(value), negated=bool(value.get("negation")))
    if type_ in _COHORT_TYPES:
        number = _read_number(value.get("value"), "The value of a cohort condition must be a cohort's number.")
        return CohortCondition(number, negated=bool(value.get("negation")))
    if type_ == "behavioral":
        return _read_behaviour(value)
    raise CohortInvalid(f"Conditions of a cohort are of type person, behavioral or cohort, not '{type_}'.")


def _read_filter(value: Mapping[str, object]) -> PropertyFilter:
    """Return a property filter; fields it does not know, such as compiled code, are passed over."""
    known = {name: value[name] for name in ("key", "value", "operator", "type", "group_type_index") if name in value}
    try:
        read = PropertyFilter.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise CohortInvalid(f"The condition on '{value.get('key')}' does not fit: {where}: {first['msg']}") from None
    needs_value = read.operator not in ("is_set", "is_not_set")
    if read.key is None or (needs_value and read.value is None):
        raise CohortInvalid("A condition on a property needs a key, and a value unless its operator is is_set.")
    return read


def _read_behaviour(value: Mapping[str, object]) -> BehaviourCondition:
    behaviour = next((one for one in BEHAVIOURS if one == value.get("value")), None)
    if behaviour is None:
        raise CohortInvalid(f"The behaviour '{value.get('value')}' is not supported. Use {', '.join(BEHAVIOURS)}.")
    times, operator = 1, str(value.get("operator") or "eq")
    if behaviour in ("performed_event_multiple", "performed_event_regularly"):
        times = _read_number(value.get("operator_value"), "operator_value must be a whole number above 0.")
        if operator not in _COUNT_OPERATORS:
            raise CohortInvalid(f"The count's operator is one of {', '.join(_COUNT_OPERATORS)}, not '{operator}'.")
    regularity = _read_regularity(value) if behaviour == "performed_event_regularly" else None
    filters = value.get("event_filters") or []
    if not isinstance(filters, list) or not all(isinstance(one, Mapping) for one in filters):
        raise CohortInvalid("event_filters must be a list of property filters.")
    has_later = behaviour in ("stopped_performing_event", "restarted_performing_event")
    return BehaviourCondition(
        behaviour=behaviour,
        event=_read_event(value, "key", "event_type"),
        period=_read_period(value) if regularity is None else _span_of(regularity),
        later=Period(_read_span(value, "seq_time_value", "seq_time_interval")) if has_later else None,
        regularity=regularity,
        following=_read_following(value) if behaviour == "performed_event_sequence" else None,
        operator=operator,
        times=times,
        filters=tuple(_read_filter(one) for one in filters),
        negated=bool(value.get("negation")),
    )


def _read_regularity(value: Mapping[str, object]) -> Regularity:
    length = _read_number(value.get("time_value"), "time_value must be a whole number above 0.")
    interval = str(value.get("time_interval"))
    if interval == "year":
        interval, length = "month", 12 * length
    known = next((one for one in _PERIODS if one == interval), None)
    if known is None:
        raise CohortInvalid(f"time_interval is one of {', '.join(_PERIODS)} or year.")
    periods = _read_number(value.get("total_periods"), "total_periods must be a whole number above 0.")
    least = _read_number(value.get("min_periods"), "min_periods must be a whole number above 0.")
    if least > periods:
        raise CohortInvalid(f"min_periods ({least}) cannot be greater than total_periods ({periods})")
    return Regularity(known, length, periods, least)


def _span_of(regularity: Regularity) -> Period:
    """Return all the periods together; today is not over, so it is in none."""
    return Period(f"-{regularity.length * regularity.periods}{_INTERVALS[regularity.interval]}", "-1d")


def _read_following(value: Mapping[str, object]) -> Following:
    amount = _read_number(value.get("seq_time_value"), "seq_time_value must be a whole number above 0.")
    interval = str(value.get("seq_time_interval"))
    if interval not in _SECONDS:
        raise CohortInvalid(f"seq_time_interval is one of {', '.join(_SECONDS)}.")
    return Following(_read_event(value, "seq_event", "seq_event_type"), amount * _SECONDS[interval])


def _read_event(value: Mapping[str, object], name: str, type_name: str) -> str | int:
    event, kind = value.get(name), value.get(type_name, "events")
    if kind == "actions":
        return _read_number(event, f"The {name} of an action's condition must be the action's number.")
    if kind != "events" or not isinstance(event, str) or not event:
        raise CohortInvalid(f"A behaviour needs the name of an event as {name}; {type_name} is events or actions.")
    return event


def _read_period(value: Mapping[str, object]) -> Period:
    start, end = value.get("explicit_datetime"), value.get("explicit_datetime_to")
    if isinstance(start, str) and start:
        return Period(start, end if isinstance(end, str) and end else None)
    return Period(_read_span(value, "time_value", "time_interval"))


def _read_span(value: Mapping[str, object], number: str, interval: str) -> str:
    amount = _read_number(value.get(number), f"{number} must be a whole number above 0.")
    letter = _INTERVALS.get(str(value.get(interval)))
    if letter is None:
        raise CohortInvalid(f"{interval} is one of {', '.join(_INTERVALS)}.")
    return f"-{amount}{letter}"


def _read_number(value: object, complaint: str) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:12]) < 1 << 31:
        raise CohortInvalid(complaint)
    return int(text)
