"""Property filters of filters as those of queries."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.legacy.values import Filters, read_json

Filter = dict[str, object]

# The fields a property filter of a query has.
_KNOWN = ("key", "value", "operator", "type", "label", "group_type_index", "cohort_name", "negation")
_COHORTS = ("precalculated-cohort", "static-cohort", "cohort")
_COHORT_OPERATORS = ("in", "not_in")


def global_properties(filters: Filters) -> Filter | None:
    """Return the properties of a whole question as groups of groups; None without any."""
    properties = read_json(filters, "properties")
    if isinstance(properties, list) and properties:
        return _and([_and(_clean_each(properties))])
    if not isinstance(properties, Mapping) or not properties:
        return None
    if not _is_group(properties):
        return _and([_and(_read_pairs(properties))])
    values = _values(properties)
    if any(_is_group(value) for value in values):
        return {"type": properties["type"], "values": [_clean_member(value) for value in values]}
    return _and([{"type": properties["type"], "values": _clean_each(values)}])


def entity_properties(entity: Mapping[str, object]) -> list[Filter] | None:
    """Return the properties of one event or action; None without any."""
    properties = read_json(entity, "properties")
    if isinstance(properties, list):
        return _clean_each(_flatten(properties)) or None
    if not isinstance(properties, Mapping) or not properties:
        return None
    if _is_group(properties):
        return _clean_each(_flatten(_values(properties))) or None
    return _read_pairs(properties)


def _and(values: Sequence[object]) -> Filter:
    return {"type": "AND", "values": list(values)}


def _is_group(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("type") in ("AND", "OR")


def _values(group: Mapping[str, object]) -> list[object]:
    values = group.get("values")
    return values if isinstance(values, list) else []


def _flatten(values: Sequence[object]) -> list[object]:
    """Return the filters of groups inside an entity's list, which knows no groups."""
    flat: list[object] = []
    for value in values:
        flat += _flatten(_values(value)) if isinstance(value, Mapping) and _is_group(value) else [value]
    return flat


def _clean_member(value: object) -> Filter:
    """Return a member of the outermost group: always a group itself."""
    if isinstance(value, Mapping) and _is_group(value):
        return {"type": value["type"], "values": [_clean_any(one) for one in _values(value)]}
    return _and(_clean_each([value]))


def _clean_any(value: object) -> Filter:
    return _clean_member(value) if _is_group(value) else (_clean_each([value]) or [_and([])])[0]


def _clean_each(values: Sequence[object]) -> list[Filter]:
    return [_clean(value) for value in values if isinstance(value, Mapping)]


def _clean(given: Mapping[str, object]) -> Filter:
    """Return one filter with its usual mistakes mended."""
    cleaned: Filter = dict(given)
    if cleaned.get("type") == "events":
        cleaned["type"] = "event"
    if cleaned.get("values") is not None and cleaned.get("value") is None:
        cleaned["value"] = cleaned.pop("values")
    if cleaned.get("type") in _COHORTS:
        cleaned |= {"type": "cohort", "key": "id", "operator": _cohort_operator(cleaned), "negation": None}
    elif cleaned.get("type") == "hogql":
        cleaned.pop("operator", None)
    elif cleaned.get("operator") is None:
        cleaned["operator"] = "exact"
    value = cleaned.get("value")
    if isinstance(value, list):
        cleaned["value"] = [item for item in value if item is not None]
    return {name: cleaned[name] for name in _KNOWN if cleaned.get(name) is not None}


def _cohort_operator(given: Mapping[str, object]) -> str:
    """Return whether people of a cohort are meant or all others, which `negation` once said."""
    operator = given.get("operator")
    if isinstance(operator, str) and operator in _COHORT_OPERATORS:
        return operator
    return "not_in" if given.get("negation") is True else "in"


def _read_pairs(properties: Mapping[str, object]) -> list[Filter]:
    """Return the oldest form, `{"utm_medium__icontains": "email"}`, as filters."""
    filters = []
    for name, value in properties.items():
        key, _, operator = name.partition("__")
        filters.append({"key": key, "value": value, "operator": operator or "exact", "type": "event"})
    return filters
