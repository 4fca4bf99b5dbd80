"""Property filters as conditions (facts/queries.md 1.0, Property filters): one, lists, nested groups, test accounts."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import ValidationError

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import TRUE, all_of, any_of, call, compare, constant, field
from insights_mcp.local.queries.operators import NEGATIVE_OPERATORS, Operand, Storage, apply_operator
from insights_mcp.local.queries.selectors import match_selector, match_tag
from insights_mcp.local.queries.written import parse_written
from insights_mcp.schema.filters import PropertyFilter, PropertyFilterGroup, PropertyFilterRoot

# Which table the condition is for: its own properties need no join there.
Scope = Literal["event", "person", "group", "session"]
Filter = PropertyFilter | PropertyFilterGroup | PropertyFilterRoot

_COHORT_TYPES = ("cohort", "static-cohort", "dynamic-cohort", "precalculated-cohort")
_IGNORED_TYPES = ("flag", "empty")
# Fields of persons that filters may name, and the marks of fields that are computed from properties.
_PERSON_COLUMNS = ("created_at",)
_VIRTUAL = "$virt_"
_SESSION_TRUTHS = ("$is_bounce",)
_GROUP_KEYS = tuple(f"$group_{index}" for index in range(5))
# Lists inside the JSON of error events: a filter holds when any of their entries fits.
_LIST_PROPERTIES = ("$exception_types", "$exception_values", "$exception_sources", "$exception_functions")


def match_filters(filters: Sequence[Filter] | Filter | None, context: QueryContext, scope: Scope = "event") -> ast.Expr:
    """Return the condition of a list of filters (all of them) or of a group. None and empty groups are true.

    Raises QueryError for what its author can mend.
    """
    if filters is None:
        return TRUE
    if isinstance(filters, PropertyFilter):
        return _match_filter(filters, context, scope)
    if isinstance(filters, PropertyFilterGroup | PropertyFilterRoot):
        conditions = [match_filters(one, context, scope) for one in filters.values]
        return all_of(conditions) if filters.type == "AND" else any_of(conditions)
    return all_of(match_filters(one, context, scope) for one in filters)


def match_saved_filters(
    filters: Sequence[Mapping[str, object]], context: QueryContext, scope: Scope = "event"
) -> ast.Expr:
    """Return the condition of filters stored as JSON. A malformed one is passed over, as if it were not there."""
    return all_of(match_filters(_read_saved(one), context, scope) for one in filters)


def match_test_accounts(is_wanted: bool, context: QueryContext) -> ast.Expr:
    """Return the project's condition for real users when `filterTestAccounts` asks for it."""
    return match_saved_filters(context.team.test_account_filters, context) if is_wanted else TRUE


def in_cohort(
    cohort_id: int | str, context: QueryContext, *, negated: bool = False, scope: Scope = "event"
) -> ast.Expr:
    """Return the condition that the person is in the cohort. Raises QueryError when there is no such cohort."""
    cohort = context.definitions.cohort(context.team.id, cohort_id)
    if cohort is None:
        raise QueryError(f"Cohort ID {cohort_id} does not exist!")
    person = field("id") if scope == "person" else field("person_id")
    return compare(person, "not in cohort" if negated else "in cohort", constant(cohort.id))


def property_field(type_: str, key: str, group_type_index: int | None = None, scope: Scope = "event") -> ast.Field:
    """Return the field of a property by its filter type. Raises QueryError for a type without a home here."""
    _refuse_elsewhere(type_, key, scope)
    if type_ in ("event", "feature", "internal_event"):
        return field("elements_chain") if key == "$elements_chain" else field("properties", key)
    if type_ == "person":
        return _person_field(key, scope)
    if type_ == "group":
        return (
            field("properties", key) if scope == "group" else field(f"group_{group_type_index or 0}", "properties", key)
        )
    if type_ == "session":
        return field(key) if scope == "session" else field("session", key)
    if type_ == "event_metadata":
        return field(key)
    if type_ == "person_metadata":
        return field(key) if scope == "person" else field("person", key)
    raise QueryError(f"Properties of type '{type_}' are not supported here.")


def storage_of(type_: str, key: str, context: QueryContext, group_type_index: int | None = None) -> Storage:
    """Return how a property is stored, by its definition: text without one."""
    if type_ == "session" and key in _SESSION_TRUTHS:
        return "Boolean"
    if type_ in ("session", "event_metadata", "person_metadata") or key == "$elements_chain":
        return "column"
    if type_ == "person" and (key == "distinct_id" or key.startswith(_VIRTUAL)):
        return "column"
    kind = f"group_{group_type_index or 0}" if type_ == "group" else "person" if type_ == "person" else "event"
    return context.hogql.property_types.type_of(kind, key) or "String"


def _refuse_elsewhere(type_: str, key: str, scope: Scope) -> None:
    """Raise QueryError for a filter on what rows of this scope do not have."""
    if (
        (scope == "person" and type_ not in ("person", "person_metadata"))
        or (scope == "session" and type_ != "session")
        or (scope != "event" and type_ == "event_metadata")
    ):
        raise QueryError(f"The '{type_}' property filter does not work in '{scope}' scope")
    if type_ == "person_metadata" and key not in _PERSON_COLUMNS:
        raise QueryError(f"Unsupported person_metadata field: {key}. Use {', '.join(_PERSON_COLUMNS)}.")


def _person_field(key: str, scope: Scope) -> ast.Field:
    if key == "distinct_id":  # not a property of a person, but of what points at one
        return field("pdi", "distinct_id") if scope == "person" else field("distinct_id")
    if key.startswith(_VIRTUAL):
        return field(key) if scope == "person" else field("person", key)
    return field("properties", key) if scope == "person" else field("person", "properties", key)


def _read_saved(saved: Mapping[str, object]) -> Filter | None:
    try:
        model = PropertyFilterGroup if "values" in saved else PropertyFilter
        return model.model_validate(saved)
    except ValidationError:
        return None


def _match_filter(given: PropertyFilter, context: QueryContext, scope: Scope) -> ast.Expr:
    if given.type in _IGNORED_TYPES or _is_incomplete(given):
        return TRUE
    if given.type == "hogql":
        return parse_written(str(given.key))
    if given.type in _COHORT_TYPES:
        return _match_cohort(given, context, scope)
    if given.type == "element":
        return _match_element(given, context)
    return _match_property(given, context, scope)


def _is_incomplete(given: PropertyFilter) -> bool:
    """Return whether a filter lacks its key or value; it then counts as not there (facts/queries.md 1.0)."""
    if given.key is None and given.type not in _COHORT_TYPES:
        return True
    if given.type == "group" and given.group_type_index is None:
        return True
    return given.value is None and given.type != "hogql" and given.operator not in ("is_set", "is_not_set")


def _match_cohort(given: PropertyFilter, context: QueryContext, scope: Scope) -> ast.Expr:
    value = given.value[0] if isinstance(given.value, list) and len(given.value) == 1 else given.value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise QueryError("Cohort property value must be a cohort ID")
    cohort = int(value) if str(value).isdecimal() else str(value)
    return in_cohort(cohort, context, negated=bool(given.negation) or given.operator == "not_in", scope=scope)


def _match_element(given: PropertyFilter, context: QueryContext) -> ast.Expr:
    operator = given.operator or "exact"
    if given.key == "href":
        return apply_operator(Operand(field("elements_chain_href"), "column"), operator, given.value, context)
    if given.key == "text":
        condition = apply_operator(Operand(field("text"), "column"), operator, given.value, context)
        return call("arrayExists", ast.Lambda(args=["text"], expr=condition), field("elements_chain_texts"))
    if given.key not in ("selector", "tag_name"):
        raise QueryError(f"Element filters know selector, tag_name, href and text, not '{given.key}'.")
    if operator not in ("exact", "is_not"):
        raise QueryError(f"The element filter '{given.key}' only supports exact and is_not, not {operator}.")
    match = match_selector if given.key == "selector" else match_tag
    values = given.value if isinstance(given.value, list) else [given.value]
    conditions = [match(str(value)) for value in values]
    if operator in NEGATIVE_OPERATORS:
        return all_of(call("not", condition) for condition in conditions)
    return any_of(conditions)


def _match_property(given: PropertyFilter, context: QueryContext, scope: Scope) -> ast.Expr:
    key, operator = str(given.key), given.operator or "exact"
    if given.type == "event_metadata" and key in _GROUP_KEYS:
        return _match_group_key(given, context, scope)
    left = property_field(given.type, key, given.group_type_index, scope)
    if given.type == "event" and key in _LIST_PROPERTIES and operator not in ("is_set", "is_not_set"):
        condition = apply_operator(Operand(field("v"), "column"), operator, given.value, context)
        entries = call("JSONExtract", call("ifNull", left, constant("")), constant("Array(String)"))
        return call("arrayExists", ast.Lambda(args=["v"], expr=condition), entries)
    storage = storage_of(given.type, key, context, given.group_type_index)
    return apply_operator(Operand(left, storage), operator, given.value, context)


def _match_group_key(given: PropertyFilter, context: QueryContext, scope: Scope) -> ast.Expr:
    """Return the condition on a group's key, which is a text: numbers are compared as they are written."""
    key, operator = str(given.key), given.operator or "exact"
    values = [_print_key(one) for one in given.value] if isinstance(given.value, list) else _print_key(given.value)
    if scope != "group":
        left = property_field("event_metadata", key, None, scope)
        return apply_operator(Operand(left, "column"), operator, values, context)
    if isinstance(values, list) and len(values) > 1:
        raise QueryError(f"The '{key}' property filter only supports one value in 'group' scope")
    is_key = apply_operator(Operand(field("key"), "column"), operator, values, context)
    return all_of([is_key, compare(field("index"), "==", constant(_GROUP_KEYS.index(key)))])


def _print_key(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)
