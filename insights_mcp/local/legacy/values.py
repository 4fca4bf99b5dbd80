"""Values of filters: they come from JSON and from query strings, with the mistakes of years in them."""

import json
import math
from collections.abc import Mapping

Filters = Mapping[str, object]

_TRUE = ("true", "t", "yes", "y", "on", "1")


def read_text(filters: Filters, name: str) -> str | None:
    """Return a text, None for an empty one or anything else."""
    value = filters.get(name)
    return value if isinstance(value, str) and value else None


def read_flag(filters: Filters, name: str) -> bool | None:
    """Return whether a flag is set; None when it is not given."""
    value = filters.get(name)
    if value is None or value == "":
        return None
    return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE


def read_integer(filters: Filters, name: str) -> int | None:
    """Return a whole number, also from its text; None for anything else."""
    number = read_number(filters, name)
    return int(number) if number is not None and float(number).is_integer() else None


def read_number(filters: Filters, name: str) -> int | float | None:
    """Return a number, also from its text; None for anything else."""
    value = filters.get(name)
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_json(filters: Filters, name: str) -> object:
    """Return a value whose text may be JSON: an object, a list, or what it is."""
    value = filters.get(name)
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def read_objects(filters: Filters, name: str) -> list[Mapping[str, object]]:
    """Return the objects of a list; templates that were never filled in are passed over."""
    value = read_json(filters, name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def read_texts(filters: Filters, name: str) -> list[str] | None:
    """Return the texts of a list, None when there is no list; one text is a list of one."""
    value = read_json(filters, name)
    if isinstance(value, str):
        return [value] if value else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else None


def given(values: Mapping[str, object]) -> dict[str, object]:
    """Return what has a value."""
    return {name: value for name, value in values.items() if value is not None}
