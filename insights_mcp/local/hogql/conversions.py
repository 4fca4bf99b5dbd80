"""Conversions between types, the HogQL way: what cannot be read is null (facts/queries.md 2, Functions)."""

import re
from collections.abc import Callable, Mapping, Sequence

from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import DATE, DATETIME, Kind, SqlType
from insights_mcp.local.hogql.values import print_moment, print_timezone, read_written_date, read_written_moment

# Texts that toDateTime() reads to the second; others it reads to the microsecond, as PostHog does.
_WHOLE_SECONDS = re.compile(r"(?:19[7-9]|20\d)\d-\d\d-\d\d(?: \d\d:\d\d:\d\d)?")

Conversion = Callable[[Sql, Setting], Sql]

_DATES = ("date", "datetime")


def accurate(type_name: str, kind: Kind) -> Conversion:
    """Return the conversion that gives null for what does not fit the ClickHouse type."""

    def convert(value: Sql, setting: Setting) -> Sql:  # noqa: ARG001  # every conversion's form
        return Sql(f"accurateCastOrNull({value.text}, '{type_name}')", SqlType(kind))

    return convert


def to_string(value: Sql, setting: Setting) -> Sql:  # noqa: ARG001  # every conversion's form
    """Return the value as text."""
    if value.type.kind == "string":
        return Sql(value.text, value.type)
    return Sql(f"toString({value.text})", SqlType("string", value.type.nullable))


def to_float(value: Sql, setting: Setting) -> Sql:
    """Return the value as a number, null when it is none."""
    if value.type.kind == "float":
        return Sql(value.text, value.type)
    if value.number is not None:
        return Sql(value.number, SqlType("float"))
    return accurate("Float64", "float")(value, setting)


def as_number(value: Sql) -> Sql:
    """Return a property without a known type as a number, where only numbers make sense; anything else as it is."""
    if value.type.kind != "string" or value.number is None:
        return value
    return Sql(value.number, SqlType("float"))


def to_date(value: Sql, setting: Setting) -> Sql:
    """Return the day: of a moment in its own time zone, of a text as it is written."""
    if value.type.kind in (*_DATES, "int"):
        return Sql(f"toDate({value.text})", DATE.with_nullable(value.type.nullable))
    if isinstance(value.constant, str) and read_written_date(value.constant[:10]) is not None:
        day = value.constant[:10] if read_written_moment(value.constant) is not None else ""
        if day:
            return Sql(f"toDate({setting.parameters.bind(day)})", DATE)
    if value.type.kind == "string":
        return Sql(f"toDateOrNull({value.text})", SqlType("date"))
    return accurate("Date", "date")(value, setting)


def to_moment(value: Sql, setting: Setting, timezone: str | None = None) -> Sql:
    """Return the moment. A text without offset is on the clock of the time zone, the project's by default."""
    zone = timezone or print_timezone(setting.context.timezone)
    if value.type.kind in (*_DATES, "int", "float"):
        return Sql(f"toDateTime({value.text}, {zone})", DATETIME.with_nullable(value.type.nullable))
    if isinstance(value.constant, str) and timezone is None:
        return _to_written_moment(value, value.constant, setting)
    text = value.text if value.type.kind == "string" else f"toString({value.text})"
    return Sql(f"parseDateTime64BestEffortOrNull({text}, 6, {zone})", SqlType("datetime"))


def _to_written_moment(value: Sql, text: str, setting: Setting) -> Sql:
    """Return the moment of a literal: never null, so that comparing with it may use the primary key."""
    zone = print_timezone(setting.context.timezone)
    written = read_written_moment(text)
    if written is None:
        return Sql(f"parseDateTime64BestEffort({value.text}, 6, {zone})", DATETIME)
    if _WHOLE_SECONDS.fullmatch(text):
        return Sql(f"toDateTime({setting.parameters.bind(text)}, {zone})", DATETIME)
    return Sql(print_moment(written, setting.parameters, setting.context.timezone), DATETIME)


def to_bool(value: Sql, setting: Setting) -> Sql:
    """Return the value as a truth value, null when it is none."""
    if value.type.kind == "bool":
        return value
    return accurate("Bool", "bool")(value, setting)


CASTS: Mapping[str, Conversion] = {
    **dict.fromkeys(("int", "integer", "bigint", "int8", "int64", "long"), accurate("Int64", "int")),
    **dict.fromkeys(("int32", "int4"), accurate("Int32", "int")),
    **dict.fromkeys(("smallint", "int16", "int2"), accurate("Int16", "int")),
    **dict.fromkeys(("uint64", "uint32", "ubigint"), accurate("UInt64", "int")),
    **dict.fromkeys(
        ("float", "double", "real", "numeric", "decimal", "float64", "float8", "float32", "number"), to_float
    ),
    **dict.fromkeys(("string", "varchar", "char", "text"), to_string),
    **dict.fromkeys(("bool", "boolean"), to_bool),
    "date": to_date,
    **dict.fromkeys(("datetime", "timestamp", "timestamptz", "datetime64"), to_moment),
    "uuid": accurate("UUID", "uuid"),
}


def texts(values: Sequence[Sql]) -> str:
    """Return printed expressions as a list of arguments."""
    return ", ".join(value.text for value in values)
