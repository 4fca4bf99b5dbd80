"""One series of a query in words, for summaries and for names."""

from collections.abc import Sequence

from insights_mcp.naming.text import clean, clean_label, quote
from insights_mcp.naming.words import (
    AGGREGATES,
    MATH,
    OPERATORS,
    event_label,
    events_label,
    property_label,
    shorten_label,
    title_case,
)
from insights_mcp.schema.entities import Entity, EventsNode, GroupNode
from insights_mcp.schema.filters import PropertyFilter, PropertyFilterGroup, PropertyFilterRoot
from insights_mcp.schema.retention import RetentionEntity

_VALUELESS = frozenset({"is_set", "is_not_set"})
_MOST_VALUES = 3


def raw_name(entity: Entity | RetentionEntity) -> str:
    """Return what a series is called in the project: custom name, event, name, action number, else all events."""
    event = entity.event if isinstance(entity, EventsNode) else None
    if isinstance(entity, RetentionEntity) and entity.type != "actions" and entity.id is not None:
        event = str(entity.id)
    found = entity.custom_name or event or entity.name
    if found:
        return found
    if isinstance(entity, GroupNode):
        return " or ".join(raw_name(node) for node in entity.nodes)
    if getattr(entity, "table_name", None):
        return str(getattr(entity, "table_name", ""))
    number = getattr(entity, "id", None)
    return "All events" if number is None else f"Action #{number}"


def label_of(entity: Entity | RetentionEntity) -> str:
    """Return one occurrence of a series for people: `Pageview`."""
    if entity.custom_name and clean_label(entity.custom_name):
        return shorten_label(title_case(clean_label(entity.custom_name)))
    name = raw_name(entity)
    if isinstance(entity, GroupNode) and not entity.name:
        return shorten_label(" or ".join(label_of(node) for node in entity.nodes[:2]))
    if name.startswith("Action #"):
        return name.replace("#", "")
    return event_label(None if name == "All events" else name)


def labels_of(entity: Entity) -> str:
    """Return many occurrences of a series: `Pageviews`, `User Signed Up Events`."""
    if isinstance(entity, EventsNode) and not entity.custom_name:
        return events_label(entity.event)
    label = label_of(entity)
    return label if entity.custom_name else f"{label} Events"


def math_text(entity: Entity) -> str:
    """Return what is computed of a series: `unique users`, `average of "price"`."""
    math = entity.math or "total"
    if math in MATH:
        return f"{MATH[math]} {quote(entity.math_hogql)}" if math == "hogql" and entity.math_hogql else MATH[math]
    if math.endswith("_count_per_actor"):
        return f"{AGGREGATES[math.removesuffix('_count_per_actor')].lower()} count per user"
    word = "sum" if math == "sum" else AGGREGATES[math].lower()
    return f"{word} of {quote(entity.math_property or 'property')}"


def series_label(entity: Entity, who: str) -> str:
    """Return a series with its math as part of a name: `Unique Users for Signup`, `Total Price for Order`."""
    math, label = entity.math or "total", label_of(entity)
    if math == "total":
        return labels_of(entity)
    if math == "dau":
        return f"Unique {who} for {label}"
    if math in ("weekly_active", "monthly_active"):
        return f"{'Weekly' if math == 'weekly_active' else 'Monthly'} Active {who} for {label}"
    if math == "unique_session":
        return f"Unique Sessions for {label}"
    if math.startswith("first_"):
        return f"First-Time {'Groups' if math.endswith('group') else who} for {label}"
    if math == "unique_group":
        return f"Unique Groups for {label}"
    if math == "hogql":
        return f"Custom Metric for {label}"
    if math.endswith("_count_per_actor"):
        word = AGGREGATES[math.removesuffix("_count_per_actor")]
        return f"{word} {labels_of(entity)} per {who.removesuffix('s')}"
    return f"{AGGREGATES[math]} {property_label(entity.math_property or 'value')} for {label}"


def series_phrase(entity: Entity, who: str) -> str:
    """Return a series with its math inside a sentence: `unique users of Signup`, `the total Price of Order`."""
    math, label, people = entity.math or "total", label_of(entity), who.lower()
    of = "" if label == "All Events" else f" of {label}"
    if math == "total":
        return "all events" if label == "All Events" else labels_of(entity)
    if math.endswith("_count_per_actor"):
        word = AGGREGATES[math.removesuffix("_count_per_actor")].lower()
        return f"the {word} number{of} per {people.removesuffix('s')}"
    if math in AGGREGATES:
        word = AGGREGATES[math]
        word = word if word.startswith("P") else word.lower()
        return f"the {word} {property_label(entity.math_property or 'value')}{of}"
    phrases = {
        "dau": f"unique {people}",
        "weekly_active": f"weekly active {people}",
        "monthly_active": f"monthly active {people}",
        "unique_session": "unique sessions",
        "unique_group": "unique groups",
        "hogql": "a custom metric",
    }
    return f"{phrases.get(math, f'first-time {people}')}{of}"


def filter_text(
    filters: Sequence[PropertyFilter | PropertyFilterGroup] | PropertyFilterRoot | PropertyFilterGroup,
) -> str:
    """Return filters in words, values quoted: `"$browser" is "Chrome" and "plan" is set`."""
    if isinstance(filters, PropertyFilterRoot | PropertyFilterGroup):
        return _join_filters(filters.values, filters.type.lower())
    return _join_filters(filters, "and")


def short_condition(item: PropertyFilter) -> str:
    """Return one filter for a description, without quotes: `Browser is Chrome`."""
    operator = item.operator or "exact"
    if item.type == "hogql":
        return "a SQL condition holds"
    if item.type.endswith("cohort"):
        name = clean(item.cohort_name or "") or f"{item.value}"
        return f"the person is {'not ' if operator == 'not_in' or item.negation else ''}in cohort {name[:40]}"
    words = OPERATORS.get(operator, operator.replace("_", " "))
    if operator in _VALUELESS:
        return f"{property_label(item.key)} {words}"
    return f"{property_label(item.key)} {words} {' or '.join(clean(value)[:40] for value in _values(item))}"


def _join_filters(values: Sequence[PropertyFilter | PropertyFilterGroup], word: str) -> str:
    parts = []
    for value in values:
        inner = _condition(value) if isinstance(value, PropertyFilter) else filter_text(value)
        several = isinstance(value, PropertyFilterGroup) and len(value.values) > 1 and len(values) > 1
        parts.append(f"({inner})" if several else inner)
    return f" {word} ".join(part for part in parts if part)


def _condition(item: PropertyFilter) -> str:
    operator = item.operator or ("in" if item.type.endswith("cohort") else "exact")
    words = OPERATORS.get(operator, operator.replace("_", " "))
    key = quote(str(item.key), 200)
    if item.type == "hogql":
        return f"SQL {key}"
    if item.type.endswith("cohort"):
        return f"person {words} cohort {quote(item.cohort_name or str(item.value))}"
    whose = "" if item.type == "event" else f"{item.type} "
    if operator in _VALUELESS:
        return f"{whose}{key} {words}"
    return f"{whose}{key} {words} {' or '.join(quote(value, 60) for value in _values(item))}"


def _values(item: PropertyFilter) -> list[str]:
    values = item.value if isinstance(item.value, list) else [item.value]
    texts = ["null" if value is None else str(value) for value in values[:_MOST_VALUES]]
    return [*texts, f"{len(values) - _MOST_VALUES} more"] if len(values) > _MOST_VALUES else texts
