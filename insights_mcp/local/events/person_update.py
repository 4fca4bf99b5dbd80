"""What an event changes in its person's properties: `$set`, `$set_once`, `$unset`."""

from collections.abc import Mapping

from insights_mcp.local.events.captured import FOR_PERSON, mapping_of

# Processed beside the main pipeline upstream, without an order, so they never touch persons.
_NEVER = frozenset({"$exception", "$$heatmap"})
_ALWAYS = frozenset({"$identify", "$create_alias", "$merge_dangerously", "$set"})


def updated_properties(
    event: str, event_properties: Mapping[str, object], current: Mapping[str, object]
) -> dict[str, object] | None:
    """Return a person's properties after an event, None when nothing changes.

    Properties that only follow the person around ($browser, utm_source, $geoip_...) do not alone cause a change once
    they are known, unless the event is about the person.
    """
    if event in _NEVER:
        return None
    to_set = {key: value for key, value in mapping_of(event_properties.get("$set_once")).items() if key not in current}
    worth_it = bool(to_set)
    for key, value in mapping_of(event_properties.get("$set")).items():
        if key not in current or not _is_same(current[key], value):
            to_set[key] = value
            worth_it = worth_it or key not in current or event in _ALWAYS or not _follows_around(key)
    to_unset = [key for key in _unset_keys(event_properties.get("$unset")) if key in current]
    if not (worth_it or to_unset):
        return None
    merged = {**current, **to_set}
    for key in to_unset:
        merged.pop(key, None)
    return merged


def _unset_keys(value: object) -> list[str]:
    if isinstance(value, list):
        return [key for key in value if isinstance(key, str)]
    return list(mapping_of(value))


def _follows_around(key: str) -> bool:
    return key in FOR_PERSON or key.startswith("$geoip_")


def _is_same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right  # 1 == True in Python, but not in JSON
