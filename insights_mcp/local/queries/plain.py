"""Values of the engine as JSON has them. Times keep the project's offset; UTC is written as Z."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

# How this engine keeps a column is not what a query asks for.
_LOW_CARDINALITY = re.compile(r"LowCardinality\((\w+(?:\(\w+\))?)\)")


def to_plain(value: object) -> object:
    """Return the value made of JSON's own types only. Raises TypeError for what has no form there."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, datetime):
        return print_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, UUID | IPv4Address | IPv6Address):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted((to_plain(item) for item in value), key=str)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_moment(moment: datetime) -> str:
    """Return a time as ISO 8601 with its offset."""
    return moment.isoformat().replace("+00:00", "Z")


def print_type(name: str) -> str:
    """Return the type of a column as PostHog's columns have it."""
    return _LOW_CARDINALITY.sub(r"\1", name)
