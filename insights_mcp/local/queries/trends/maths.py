"""The math of a series as an aggregate expression (facts/queries.md 1.0 Math enums, 1.1 Algorithm)."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import call, constant, field
from insights_mcp.local.queries.written import parse_written
from insights_mcp.schema.dates import Interval
from insights_mcp.schema.entities import Entity

QUANTILES = {"median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
PROPERTY_MATHS = ("avg", "sum", "min", "max", *QUANTILES)
PER_ACTOR_SUFFIX = "_count_per_actor"
# Days that a person stays active after an event.
ACTIVE_DAYS = {"weekly_active": 7, "monthly_active": 30}
FIRST_TIME_MATHS = (
    "first_time_for_user",
    "first_matching_event_for_user",
    "first_time_for_group",
    "first_matching_event_for_group",
)
_GROUP_MATHS = ("dau", "weekly_active", "monthly_active", "unique_group", *FIRST_TIME_MATHS)
_LONG_INTERVALS: dict[str, tuple[Interval, ...]] = {
    "weekly_active": ("week", "month", "quarter", "year"),
    "monthly_active": ("month", "quarter", "year"),
}
_SESSION_PROPERTIES = (
    "$session_duration",
    "$pageview_count",
    "$screen_count",
    "$autocapture_count",
    "$num_uniq_urls",
    "$is_bounce",
)
BASE_CURRENCY = "USD"


def effective_math(entity: Entity, interval: Interval) -> str:
    """Return the math to compute.

    Active users over an interval as long as their window are plain daily ones. Unique groups of no type are events.
    """
    math = entity.math or "total"
    if math == "unique_group" and entity.math_group_type_index is None:
        return "total"
    return "dau" if interval in _LONG_INTERVALS.get(math, ()) else math


def is_per_actor(math: str) -> bool:
    """Return whether events are counted per actor first."""
    return math.endswith(PER_ACTOR_SUFFIX)


def is_per_session(entity: Entity, math: str) -> bool:
    """Return whether a property of sessions is aggregated, each session counting once."""
    return math in PROPERTY_MATHS and aggregates_sessions(entity)


def aggregates_sessions(entity: Entity) -> bool:
    """Return whether the property of a series is one that a session has as a whole."""
    return entity.math_property == "$session_duration" or (
        entity.math_property_type == "session_properties" and entity.math_property in _SESSION_PROPERTIES
    )


def group_index(entity: Entity) -> int | None:
    """Return the type of group that acts instead of persons, None for persons."""
    if entity.math not in _GROUP_MATHS:
        return None
    if entity.math in ("first_time_for_group", "first_matching_event_for_group"):
        return entity.math_group_type_index or 0
    return entity.math_group_type_index


def actor(entity: Entity, context: QueryContext) -> ast.Field:
    """Return who acts: a group, a person, or a distinct id where the project counts those."""
    index = group_index(entity)
    if index is not None:
        return field(f"$group_{index}")
    return field("distinct_id" if context.team.settings.get("aggregate_users_by_distinct_id") else "person_id")


def aggregate(entity: Entity, math: str, context: QueryContext) -> ast.Expr:
    """Return the aggregate of a math over events; a math that misses its parts counts events. Raises QueryError."""
    if math in ("dau", "unique_group"):
        return call("count", actor(entity, context), distinct=True)
    if math == "unique_session":
        return call("count", field("$session_id"), distinct=True)
    if math == "hogql" and entity.math_hogql is not None:
        return call("ifNull", call("toFloat", parse_written(entity.math_hogql)), constant(0))
    if math in PROPERTY_MATHS and entity.math_property is not None:
        return aggregate_number(math, _number(entity))
    return call("count")


def aggregate_number(math: str, number: ast.Expr) -> ast.Expr:
    """Return avg, sum, min, max or a quantile of a number, 0 where there is none."""
    if math in QUANTILES:
        aggregated: ast.Expr = call("quantile", number, params=[constant(QUANTILES[math])])
    else:
        aggregated = call(math, number)
    return call("ifNull", aggregated, constant(0))


def session_number(entity: Entity) -> ast.Field:
    """Return the session property that a per-session math aggregates."""
    return field("session", str(entity.math_property))


def roll_up(math: str) -> str:
    """Return how the values of one interval merge into one (facts/queries.md 1.1, Algorithm 2)."""
    return math if math in ("max", "min", "avg") else "sum"


def is_fractional(math: str) -> bool:
    """Return whether values are fractions by nature, counts being whole numbers."""
    return math in PROPERTY_MATHS or math == "hogql" or (is_per_actor(math) and not math.startswith(("min", "max")))


def _number(entity: Entity) -> ast.Expr:
    _check_currency(entity)
    key = str(entity.math_property)
    if key == "$time":
        return call("toUnixTimestamp", call("toDateTime", call("toString", field("properties", "$time"))))
    number = call("toFloat", property_value(entity))
    if entity.math_multiplier is None:
        return number
    return ast.ArithmeticOperation(left=number, op="*", right=constant(entity.math_multiplier))


def property_value(entity: Entity) -> ast.Field:
    """Return the property whose values a series aggregates. Raises QueryError."""
    key = str(entity.math_property)
    if aggregates_sessions(entity):
        return session_number(entity)
    if entity.math_property_type == "person_properties":
        return field("person", "properties", key)
    if entity.math_property_type == "session_properties":
        return field("session", key)
    if entity.math_property_type == "group_properties":
        return field(f"group_{entity.math_group_type_index or 0}", "properties", key)
    if entity.math_property_type in ("data_warehouse_properties", "data_warehouse_person_properties"):
        raise QueryError("Data warehouse properties are not supported by the local backend.", attr="series")
    return field("properties", key)


def _check_currency(entity: Entity) -> None:
    currency = entity.math_property_revenue_currency
    if currency is not None and (currency.static or "").upper() != BASE_CURRENCY:
        raise QueryError(
            f"The local backend has no exchange rates: revenue can only be summed in {BASE_CURRENCY}.", attr="series"
        )
