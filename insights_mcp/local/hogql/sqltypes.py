"""What the printer knows of an expression's type: enough for null rules, dates and JSON, no more."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "unknown",
    "null",
    "string",
    "int",
    "float",
    "bool",
    "date",
    "datetime",
    "interval",
    "uuid",
    "array",
    "tuple",
    "map",
    "json",
    "state",
]


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type. `entity` of JSON says whose properties it holds, for the property-type registry."""

    kind: Kind = "unknown"
    nullable: bool = True
    entity: str | None = None
    item: "SqlType | None" = None
    items: "tuple[SqlType, ...]" = ()

    def with_nullable(self, nullable: bool) -> "SqlType":
        """Return the same type, nullable or not."""
        return self if self.nullable == nullable else replace(self, nullable=nullable)


UNKNOWN = SqlType()
NULL = SqlType("null")
STRING = SqlType("string", nullable=False)
INT = SqlType("int", nullable=False)
FLOAT = SqlType("float", nullable=False)
BOOL = SqlType("bool", nullable=False)
DATE = SqlType("date", nullable=False)
DATETIME = SqlType("datetime", nullable=False)
INTERVAL = SqlType("interval", nullable=False)
UUID = SqlType("uuid", nullable=False)
STATE = SqlType("state", nullable=False)
STRINGS = SqlType("array", nullable=False, item=STRING)

_NUMBERS = ("int", "float", "bool")


def array_of(item: SqlType) -> SqlType:
    """Return the type of a list. Arrays themselves are never null in ClickHouse."""
    return SqlType("array", nullable=False, item=item)


def unite(types: "list[SqlType]") -> SqlType:
    """Return the type of a value that is one of several: of IF, of a list's items, of a UNION's column."""
    known = [one for one in types if one.kind != "null"]
    nullable = len(known) < len(types) or any(one.nullable for one in known)
    if not known:
        return NULL
    first = known[0]
    if all(one.kind == first.kind for one in known):
        return first.with_nullable(nullable)
    if all(one.kind in _NUMBERS for one in known):
        return SqlType("float" if any(one.kind == "float" for one in known) else "int", nullable)
    if all(one.kind in ("date", "datetime") for one in known):
        return SqlType("datetime", nullable)
    return SqlType("unknown", nullable)
