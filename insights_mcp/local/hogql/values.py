"""Values in SQL text: text and everything made of it is bound, plain numbers and truth values are printed."""

import math
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.sqltypes import BOOL, DATE, DATETIME, FLOAT, INT, NULL, STRING, UUID, SqlType, array_of

_PARAMETER = re.compile(r"\{(hogql_val_\d+):")
# What a written date looks like; anything else is left to ClickHouse.
_WRITTEN_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WRITTEN_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")
_LARGEST = 2**63


class Parameters:
    """The bound values of one statement, each once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, object], str] = {}
        self._values: dict[str, object] = {}

    def bind(self, value: str | Sequence[str], type_: str = "String") -> str:
        """Return the text that stands for the value."""
        key = (type_, value if isinstance(value, str) else tuple(value))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"hogql_val_{len(self._names)}"
            self._values[name] = value if isinstance(value, str) else list(value)
        return f"{{{name}:{type_}}}"

    def used_in(self, sql: str) -> dict[str, object]:
        """Return the values that the text asks for.

        Values nobody asks for must not be sent: without one placeholder in the text the client formats it with `%`.
        """
        return {name: self._values[name] for name in dict.fromkeys(_PARAMETER.findall(sql)) if name in self._values}


def print_value(value: object, parameters: Parameters, timezone: str) -> tuple[str, SqlType]:
    """Return a value's text and type. Raises HogQLQueryError for one that has no SQL form."""
    if value is None:
        return "NULL", NULL
    if isinstance(value, bool):
        return ("true" if value else "false"), BOOL
    if isinstance(value, int | float):
        return _print_number(value)
    if isinstance(value, str):
        return parameters.bind(value), STRING
    if isinstance(value, uuid.UUID):
        return f"toUUID({parameters.bind(str(value))})", UUID
    if isinstance(value, datetime):
        return print_moment(value, parameters, timezone), DATETIME
    if isinstance(value, date):
        return f"toDate({parameters.bind(value.isoformat())})", DATE
    if isinstance(value, list | tuple | set | frozenset):
        return _print_list(list(value), parameters, timezone)
    raise HogQLQueryError(f"A value of type {type(value).__name__} cannot be used in a query.")


def print_moment(value: datetime, parameters: Parameters, timezone: str) -> str:
    """Return a moment with microseconds: an aware one exactly, a naive one on the clock of the time zone."""
    zone = print_timezone(timezone)
    if value.tzinfo is None:
        return f"toDateTime64({parameters.bind(value.isoformat(sep=' '))}, 6, {zone})"
    # As text in UTC: an hour that comes twice in the zone has one name only there.
    written = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return f"toTimeZone(toDateTime64({parameters.bind(written)}, 6, 'UTC'), {zone})"


def print_timezone(name: str) -> str:
    """Return the name of a time zone as text. Raises HogQLQueryError when it cannot be one."""
    if not _TIMEZONE.fullmatch(name):
        raise HogQLQueryError(f"Unknown time zone: {name[:60]}")
    return f"'{name}'"


def read_written_moment(text: str) -> datetime | None:
    """Return the moment that a text names, None when it is not written as ISO 8601 has it."""
    if not _WRITTEN_MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_written_date(text: str) -> date | None:
    """Return the day that a text names, None when it is not written as ISO 8601 has it."""
    if not _WRITTEN_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _print_number(value: int | float) -> tuple[str, SqlType]:
    if isinstance(value, int):
        if not -_LARGEST <= value < 2 * _LARGEST:
            return f"toFloat64({float(value)!r})", FLOAT
        return str(value), INT
    if math.isnan(value):
        return "nan", FLOAT
    if math.isinf(value):
        return ("inf" if value > 0 else "-inf"), FLOAT
    return repr(value), FLOAT


def _print_list(values: list[object], parameters: Parameters, timezone: str) -> tuple[str, SqlType]:
    if values and all(isinstance(one, str) for one in values):
        return parameters.bind([str(one) for one in values], "Array(String)"), array_of(STRING)
    printed = [print_value(one, parameters, timezone) for one in values]
    item = printed[0][1] if printed else STRING
    return "[" + ", ".join(text for text, _ in printed) + "]", array_of(item)
