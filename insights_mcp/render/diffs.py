"""What changed between two values, in words: `date range -30d -> -90d`."""

from collections.abc import Iterator, Mapping

from insights_mcp.render.phrases import phrase_change
from insights_mcp.render.query_diffs import describe_query
from insights_mcp.render.tables import cell, word


def describe_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return one phrase per field that differs between two versions of an insight or a query."""
    keys = list(dict.fromkeys([*before, *after]))
    return [phrase for key in keys for phrase in describe_field(key, before.get(key), after.get(key))]


def describe_field(field: str, before: object, after: object) -> list[str]:
    """Return the phrases for one field of an insight as the activity log tells it (facts/rest-api.md 7)."""
    return list(_describe(field, before, after)) if before != after else []


def _describe(field: str, before: object, after: object) -> Iterator[str]:
    if field in ("tags", "dashboards"):
        yield from _members(field, before, after)
    elif field == "deleted":
        yield "deleted" if after else "restored"
    elif field in ("query", "filters", "query_metadata"):
        yield from describe_query(field, before, after)
    else:
        name = field.replace("_", " ")
        yield f"{name} {phrase_change(before, after)}"


def _members(field: str, before: object, after: object) -> Iterator[str]:
    old, new = _names(before), _names(after)
    added = [f"+{name}" for key, name in new.items() if key not in old]
    removed = [f"-{name}" for key, name in old.items() if key not in new]
    renamed = [f"{old[key]} -> {name}" for key, name in new.items() if key in old and old[key] != name]
    if told := [*added, *removed, *renamed]:
        yield f"{field} {' '.join(told)}"


def _names(value: object) -> dict[str, str]:
    named: dict[str, str] = {}
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, Mapping):
            key = str(item.get("id", item.get("name")))
            named[key] = f"{key} {word(str(item['name']))}" if item.get("name") and "id" in item else key
        else:
            named[str(item)] = cell(item)
    return named
