"""What changed between two values, in words: `date range -30d -> -90d`."""

import json
from collections.abc import Iterator, Mapping, Sequence

from insights_mcp.render.marking import mark
from insights_mcp.render.tables import cell, word

_MAX_VALUE = 60
_PLAIN_PATHS = {
    "dateRange.date_from": "date range",
    "dateRange.date_to": "end of date range",
    "filterTestAccounts": "filter test accounts",
    "trendsFilter.display": "display",
    "breakdownFilter.breakdown": "breakdown",
    "query": "SQL",
}


def describe_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return one phrase per field that differs between two versions of an insight or a query."""
    return [phrase for key in _keys(before, after) for phrase in _field(key, before.get(key), after.get(key))]


def describe_field(field: str, before: object, after: object) -> list[str]:
    """Return the phrases for one field of an insight as the activity log tells it (facts/rest-api.md 7)."""
    return list(_field(field, before, after))


def _field(field: str, before: object, after: object) -> Iterator[str]:
    if before == after:
        return
    if field in ("tags", "dashboards"):
        yield _members(field, before, after)
    elif field == "query" and isinstance(before, Mapping) and isinstance(after, Mapping):
        if _source_kind(before) != _source_kind(after):
            yield f"query replaced, {_source_kind(before)} -> {_source_kind(after)}"
            return
        yield from (f"{_plain(path)} {_value(old)} -> {_value(new)}" for path, old, new in _walk("", before, after))
    elif field in ("query", "filters"):
        yield f"{field} replaced"
    else:
        yield f"{field.replace('_', ' ')} {_value(before)} -> {_value(after)}"


def _walk(path: str, before: object, after: object) -> Iterator[tuple[str, object, object]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in _keys(before, after):
            yield from _walk(f"{path}.{key}" if path else str(key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True), 1):
            yield from _walk(f"{path} {place}", old, new)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _entries(path, before, after)
    else:
        yield path, before, after


def _entries(path: str, before: Sequence[object], after: Sequence[object]) -> Iterator[tuple[str, object, object]]:
    """Compare what two lists both begin with; tell the rest as added or removed."""
    shared = min(len(before), len(after))
    for place in range(shared):
        yield from _walk(f"{path} {place + 1}", before[place], after[place])
    for place in range(shared, max(len(before), len(after))):
        yield (
            f"{path} {place + 1}",
            before[place] if place < len(before) else None,
            after[place] if place < len(after) else None,
        )


def _source_kind(query: Mapping[str, object]) -> str:
    source = query.get("source")
    return cell((source if isinstance(source, Mapping) else query).get("kind")) or "none"


def _keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys([*before, *after]))


def _plain(path: str) -> str:
    path = path.removeprefix("source.")
    return _PLAIN_PATHS.get(path, path)


def _members(field: str, before: object, after: object) -> str:
    old, new = _names(before), _names(after)
    added = [f"+{name}" for key, name in new.items() if key not in old]
    removed = [f"-{name}" for key, name in old.items() if key not in new]
    return f"{field} {' '.join(added + removed)}"


def _names(value: object) -> dict[str, str]:
    named: dict[str, str] = {}
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, Mapping):
            key = str(item.get("id", item.get("name")))
            named[key] = f"{key} {word(str(item['name']))}" if item.get("name") and "id" in item else key
        else:
            named[str(item)] = cell(item)
    return named


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return word(value if len(value) <= _MAX_VALUE else value[: _MAX_VALUE - 1] + "…")
    text = mark(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 1] + "…"
