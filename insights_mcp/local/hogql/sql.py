"""Printed expressions: SQL text with what is known of its value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from insights_mcp.local.hogql.sqltypes import UNKNOWN, SqlType

Key = str | int


class _NoConstant:
    """The mark itself."""


NO_CONSTANT: Final = _NoConstant()


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression as ClickHouse reads it.

    `bare` is a DateTime column without its time zone: the primary key is only used when that is compared
    (measured: toTimeZone(timestamp, ..) reads every granule of the month). `number` is the same value as a number where
    that is read faster than by way of text. `constant` is the value of a literal. `document` is the JSON text whose
    property this is.
    """

    text: str
    type: SqlType = UNKNOWN
    bare: str | None = None
    number: str | None = None
    constant: object = NO_CONSTANT
    document: str | None = None

    @property
    def is_constant(self) -> bool:
        """Whether this is a literal."""
        return self.constant is not NO_CONSTANT


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A JSON document, or a place in one, not read yet: only what a query uses is read.

    `read(keys)` prints the text at a place, () for the whole document.
    """

    read: Callable[[tuple[Key, ...]], Sql]
    keys: tuple[Key, ...] = ()

    def descend(self, key: Key) -> "JsonValue":
        """Return the place under a key, or at a position counted from 1."""
        return JsonValue(self.read, (*self.keys, key))

    def value(self) -> Sql:
        """Return the expression that reads this place."""
        return self.read(self.keys)
