"""The type of a property from its name and a value, by the rules of PostHog's property-defs service."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from insights_mcp.local.store.property_types import PropertyType

# A wrong first guess would lock these to a number or a boolean, so they are always text.
_TEXT_PREFIXES = ("utm_", "$initial_utm_", "$feature/", "$survey_response")
_TIME_WORDS = re.compile(r"time|date|_at|-at|createdat|updatedat")
_DATE = re.compile(
    r"(?:\d{4}[/-][0-2]\d[/-][0-3]\d|[0-2]\d[/-][0-3]\d[/-]\d{4})(?:[ T][0-2]\d:[0-6]\d:[0-6]\d.*)?", re.DOTALL
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_BOOLEANS = frozenset({"true", "false", "TRUE", "FALSE"})
_SIX_MONTHS = 15_768_000
# Keys of an event that are no properties of its own.
NOT_PROPERTIES = frozenset(
    {"$set", "$set_once", "$unset", "$groups", "$group_set", *(f"$group_{index}" for index in range(5))}
)


def infer_type(key: str, value: object, now: datetime) -> PropertyType | None:
    """Return the type of a property, None for null, lists and objects."""
    lowered = key.lower()
    if lowered.startswith(_TEXT_PREFIXES) or lowered == "$feature_flag_response":
        return "String"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "DateTime" if _is_unix_time(lowered, value, now) else "Numeric"
    if isinstance(value, str):
        return _infer_text(value.strip())
    return None


def is_date_text(text: str) -> bool:
    """Return whether a text is likely meant as a date: ISO 8601, day-first or year-first, or as in an e-mail."""
    return bool(_RFC3339.fullmatch(text) or _DATE.fullmatch(text)) or _is_mail_date(text)


def _infer_text(text: str) -> PropertyType:
    if text in _BOOLEANS:
        return "Boolean"
    return "DateTime" if is_date_text(text) else "String"


def _is_unix_time(lowered_key: str, value: float, now: datetime) -> bool:
    is_recent = isinstance(value, int) and value >= int(now.timestamp()) - _SIX_MONTHS
    return is_recent and bool(_TIME_WORDS.search(lowered_key))


def _is_mail_date(text: str) -> bool:
    if not text[:3].isalpha() or text[3:4] != "," or len(text) > 40:
        return False
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True
