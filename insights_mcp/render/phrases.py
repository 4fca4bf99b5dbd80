"""Parts of a query in a few words: a series, a filter, a value that changed."""

import json
from collections.abc import Mapping

from insights_mcp.render.marking import mark
from insights_mcp.render.reading import rows_of, text_of
from insights_mcp.render.tables import cell, word
from insights_mcp.render.trends import name_math

_LONGEST = 60
# How much of what two long texts share stands before the place where they part.
_LEAD = 12
_OPERATORS = {
    "exact": "=",
    "is_not": "!=",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "icontains": "contains",
    "not_icontains": "does not contain",
    "regex": "matches",
    "not_regex": "does not match",
    "is_date_before": "before",
    "is_date_after": "after",
}


def phrase_change(before: object, after: object) -> str:
    """Return `old -> new`; of two long texts the parts that differ."""
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _LONGEST:
        parts = next((place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
        shared = max(0, parts - _LEAD)
        if shared:
            before, after = f"…{before[shared:]}", f"…{after[shared:]}"
    return f"{phrase_value(before)} -> {phrase_value(after)}"


def phrase_value(value: object) -> str:
    """Return a value in at most sixty characters; nodes and filters in words."""
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, str):
        return word(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
    if isinstance(value, Mapping) and (phrase := _phrase_part(value)):
        return phrase
    text = mark(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def identify(part: object) -> str:
    """Return what makes two versions of a part of a list the same part: its event, its property, its name."""
    if not isinstance(part, Mapping):
        return text_of(part)
    keys = ("kind", "event", "id", "key", "property", "name", "formula", "type")
    return json.dumps([text_of(part.get(key)) for key in keys])


def label_part(part: Mapping[str, object]) -> str:
    """Return what a part of a list is called in short: its event or its property; nothing if it has no name."""
    name = part.get("event") or part.get("key") or part.get("property") or part.get("custom_name") or part.get("name")
    return word(name[:_LONGEST]) if isinstance(name, str) else ""


def _phrase_part(part: Mapping[str, object]) -> str:
    if "event" in part or text_of(part.get("kind")).endswith("Node") or part.get("type") in ("events", "actions"):
        name = text_of(part.get("custom_name") or part.get("event") or part.get("name") or part.get("id"))
        math = name_math(part)
        shown = word(name[:_LONGEST]) if name else "all events"
        return f"{shown} ({mark(math)})" if math else shown
    if "key" in part and ("value" in part or "operator" in part):
        return _phrase_filter(part)
    if isinstance(part.get("property"), str) and set(part) <= {"property", "type", "group_type_index", "normalize_url"}:
        return word(text_of(part["property"])[:_LONGEST])
    return ""


def _phrase_filter(found: Mapping[str, object]) -> str:
    key, operator = word(text_of(found.get("key"))[:_LONGEST]), text_of(found.get("operator")) or "exact"
    if operator in ("is_set", "is_not_set"):
        return f"{key} {operator.replace('_', ' ')}"
    value = found.get("value")
    values = [one[:_LONGEST] if isinstance(one, str) else one for one in (rows_of(value) or (value,))]
    told = " or ".join(map(cell, values[:3])) + (" or …" if len(values) > 3 else "")
    return f"{key} {_OPERATORS.get(operator, operator.replace('_', ' '))} {told}"
