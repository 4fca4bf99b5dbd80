"""Corrected fragments for errors, made of what the caller wrote where that fits."""

import json
from collections.abc import Mapping

from pydantic import BaseModel

from insights_mcp.schema import hints
from insights_mcp.schema.places import field_members, item_members

_LONGEST = 60
# Fields whose right value is one text.
_TEXTS = frozenset({"display", "event", "interval", "key", "query"})


def show(value: object) -> str:
    """Write a caller's value for an error: JSON, one line, at most 60 characters."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def sample(name: str, value: object = None, *, known_fit: bool = False) -> object:
    """Return `{name: a right value}`: the caller's value where it fits or can be turned, else a standing example."""
    fitted = value if known_fit else _fit(name, value)
    if fitted is None or len(json.dumps(fitted, default=str)) > 2 * _LONGEST:
        fitted = hints.EXAMPLES.get(name)
    return None if fitted is None else {name: fitted}


def nested_sample(owner: type[BaseModel], field: str, name: str, value: object) -> object:
    """Return `{field: {name: value}}` for a value that was put one level too high, as `owner` has that field."""
    members = field_members(owner, field)
    entries = item_members(members)
    inner: dict[str, object] = {}
    for member in (*members, *entries):
        if member.model and name in member.model.model_fields:
            if member.tag and not member.tag.startswith("<"):
                inner["kind"] = member.tag
            words = [word for place in field_members(member.model, name) for word in place.words]
            text = value.get("type") if isinstance(value, Mapping) else value
            inner[name] = (hints.guess(text, words) or words[0]) if words and isinstance(text, str) else value
            break
    if len(json.dumps(inner, default=str)) > 2 * _LONGEST:
        inner[name] = hints.EXAMPLES.get(name, "…")
    return {field: [inner] if entries else inner}


def series_of(given: object) -> list[object] | None:
    """Turn event names, or the old `events` entries, into series; None when they are something else."""
    names = []
    for item in given if isinstance(given, list) else [given]:
        name = (item.get("event") or item.get("id") or item.get("name")) if isinstance(item, Mapping) else item
        if isinstance(name, str):
            names.append(name)
    return [{"kind": "EventsNode", "event": name} for name in names[:2]] or None


def filters_of(given: Mapping[str, object]) -> list[object] | None:
    """Turn a map of conditions into filters; None when it is something else."""
    if not given or not all(isinstance(value, str | int | float) for value in given.values()):
        return None
    return [
        {"key": key, "value": value, "operator": "exact", "type": "event"} for key, value in list(given.items())[:1]
    ]


def _fit(name: str, value: object) -> object:
    if name == "series":
        return series_of(value)
    if isinstance(value, str) and name in hints.MAIN_FIELDS:
        kept = {"type": "events"} if name.endswith("Entity") else {}
        return {hints.MAIN_FIELDS[name]: value, **kept}
    return value if isinstance(value, str) and name in _TEXTS else None
