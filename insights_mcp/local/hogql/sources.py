"""What stands in a FROM: a table of the catalog, a subquery, a row of numbers.

A table is printed plainly when it comes first, with its conditions in WHERE and its joins right after it. Anywhere else
it is a subquery of its own that holds all of that and gives out only the columns that are used.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from insights_mcp.local.hogql.catalog import Column, Join, Path, PersonId, Table, Virtual
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.errors import HogQLResolutionError
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.properties import convert_property, extract_text, hot_column
from insights_mcp.local.hogql.sql import JsonValue, Key, Sql
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.tables import find_table
from insights_mcp.local.hogql.values import Parameters, print_timezone
from insights_mcp.schema.text import nearest

# Names that a subquery's columns keep; longer and stranger ones are numbered.
_PLAIN_COLUMN = re.compile(r"[\w$ .-]{1,60}")


@dataclass(frozen=True, slots=True)
class Setting:
    """What every part of one statement is printed with."""

    context: HogQLContext
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Namespace:
    """A row of a table behind a name: `person` of an event. `field` finds what hangs on it."""

    field: "Callable[[str], Value]"
    name: str


Value = Sql | JsonValue | Namespace


class Source(Protocol):
    """Something in FROM. `alias` is its name in the SQL, `name` in the author's text (None: it has none)."""

    alias: str
    name: str | None

    def has_field(self, name: str) -> bool:
        """Return whether it has a field of that name."""
        ...

    def field(self, name: str) -> Value:
        """Return the field. Raises HogQLResolutionError."""
        ...

    def columns(self) -> list[str]:
        """Return the names that `*` stands for."""
        ...

    def print_from(self) -> str:
        """Return its text in FROM, once everything that uses it is printed."""
        ...

    def conditions(self) -> list[str]:
        """Return what WHERE must hold for it."""
        ...


class TableSource:
    """A table of the catalog."""

    def __init__(self, table: Table, alias: str, name: str | None, setting: Setting, *, is_wrapped: bool) -> None:
        self.table = table
        self.alias = alias
        self.name = name
        self.sample = ""
        self._bounds: list[str] = []
        self._setting = setting
        self.is_wrapped = is_wrapped or bool(table.group_by)
        self._prefix = f"{quote_identifier(alias)}."
        self._given: dict[str, str] = {}
        self._joined: dict[str, _Joined] = {}

    def has_field(self, name: str) -> bool:
        """Return whether the table has a field of that name; our own start with an underscore and are hidden."""
        return name in self.table.fields and (not name.startswith("_") or self._setting.context.trusted)

    def field(self, name: str) -> Value:
        """Return a field of the table. Raises HogQLResolutionError."""
        if not self.has_field(name):
            raise unknown_field(name, self.table.fields, self.table.name)
        return self._give(name, self._inner(name))

    def column(self, name: str) -> Sql:
        """Return a column of the table, for our own use."""
        return _as_sql(self._give(name, self._inner(name)), name)

    def columns(self) -> list[str]:
        """Return the plain columns: no joins, no repeated names, not the project's number."""
        return [name for name, field in self.table.fields.items() if isinstance(field, Column) and not field.is_hidden]

    def print_from(self) -> str:
        """Return the table with its joins, or its subquery."""
        if not self.is_wrapped:
            return self._print_plain()
        given = ", ".join(f"{sql} AS {quote_identifier(name)}" for name, sql in self._given.items()) or "1"
        conditions = " AND ".join(self._guards() + self._bounds)
        group = f" GROUP BY {self._place(self.table.group_by)}" if self.table.group_by else ""
        return (
            f"(SELECT {given} FROM {self._print_plain()} WHERE {conditions}{group}) AS {quote_identifier(self.alias)}"
        )

    def conditions(self) -> list[str]:
        """Return the guards of a plainly printed table; a subquery holds its own."""
        return [] if self.is_wrapped else self._guards()

    def join(self, name: str) -> "TableSource":
        """Return the table behind a join field, joined now if it was not yet."""
        if name not in self._joined:
            field = self.table.fields[name]
            table = find_table(field.table) if isinstance(field, Join) else None
            if table is None or not isinstance(field, Join):
                raise HogQLResolutionError(f"'{name}' is no table.")
            left = _as_sql(self._inner(field.left), field.left)
            child = TableSource(table, f"{self.alias}__{name.lstrip('_')}", None, self._setting, is_wrapped=True)
            right = _as_sql(child.field(field.right), field.right)
            self._joined[name] = _Joined(child, f"{left.text} = {right.text}", field.has_many)
        return self._joined[name].table

    def is_joined(self, name: str) -> bool:
        """Return whether the table behind a join field is joined already."""
        return name in self._joined

    def joined(self) -> "list[TableSource]":
        """Return the tables joined so far."""
        return [one.table for one in self._joined.values()]

    def add_bound(self, condition: str) -> None:
        """Add a condition on the physical rows of a grouped table; `{p}` stands before their columns."""
        self._bounds.append(self._place(condition))

    def _print_plain(self) -> str:
        physical, alias = self.table.physical, quote_identifier(self.alias)
        own = (physical if physical == alias else f"{physical} AS {alias}") + (" FINAL" if self.table.is_final else "")
        joins = "".join(one.print_join() for one in self._joined.values())
        return f"{own}{self.sample}{joins}"

    def _guards(self) -> list[str]:
        return [self._place(guard) for guard in self.table.guards(self._setting.context)]

    def _place(self, sql: str) -> str:
        return sql.replace("{p}", self._prefix)

    def _inner(self, name: str) -> Value:
        """Return a field as it is read inside this table's own FROM."""
        field = self.table.fields[name]
        if isinstance(field, Path):
            return self._follow(field)
        if isinstance(field, Virtual):
            return Namespace(lambda key: self._follow_virtual(field, key, name), name)
        if isinstance(field, Join):
            return Namespace(lambda key: self.join(name).field(key), name)
        if isinstance(field, PersonId):
            return self._person_id()
        text = self._place(field.sql)
        if field.type.kind == "json":
            return JsonValue(lambda keys: self._read_json(text, field.type, keys))
        return Sql(text, field.type)

    def _follow(self, path: Path) -> Value:
        value = self._inner(path.chain[0])
        for key in path.chain[1:]:
            value = value.field(key) if isinstance(value, Namespace) else value
        return value

    def _follow_virtual(self, field: Virtual, key: str, name: str) -> Value:
        if key not in field.fields:
            raise unknown_field(key, field.fields, name)
        return self._follow(field.fields[key])

    def _person_id(self) -> Sql:
        person_id = Sql(f"{self._prefix}person_id", SqlType("uuid", nullable=False))
        if not self._setting.context.has_overrides:
            return person_id
        child = self.join("_override")
        moved = _as_sql(child._give("person_id", child._inner("person_id")), "person_id")
        known = _as_sql(child.field("distinct_id"), "distinct_id")
        return Sql(f"if(notEmpty({known.text}), {moved.text}, {person_id.text})", person_id.type)

    def _read_json(self, column: str, type_: SqlType, keys: tuple[Key, ...]) -> Sql:
        if not keys:
            return Sql(column, type_)
        context = self._setting.context
        hot = context.materialized.get(str(keys[0])) if type_.entity == "event" and len(keys) == 1 else None
        if hot is not None:
            text = hot_column(f"{self._prefix}{quote_identifier(hot)}")
        else:
            text = extract_text(column, keys, self._setting.parameters)
        return convert_property(text, type_.entity, keys, context)

    def _give(self, name: str, value: Value) -> Value:
        """Return a value of inside as it is read outside: itself, or a column of the subquery."""
        if isinstance(value, Namespace):
            return Namespace(lambda key: self._give(f"{name}__{key}", value.field(key)), value.name)
        if isinstance(value, JsonValue):
            return JsonValue(
                lambda keys: self._give_sql("___".join([name, *map(str, keys)]), value.read(keys)), value.keys
            )
        return self._give_sql(name, value)

    def _give_sql(self, name: str, value: Sql) -> Sql:
        if not self.is_wrapped:
            return self._with_time_zone(value)
        column = self._name_column(name, value.bare or value.text)
        return self._with_time_zone(Sql(f"{self._prefix}{quote_identifier(column)}", value.type))

    def _name_column(self, name: str, text: str) -> str:
        """Note that the subquery gives out this text, and return the column's name."""
        plain = name if _PLAIN_COLUMN.fullmatch(name) else f"column_{len(self._given)}"
        while self._given.get(plain, text) != text:
            plain += "_"
        self._given[plain] = text
        return plain

    def _with_time_zone(self, value: Sql) -> Sql:
        if value.type.kind != "datetime" or value.type.nullable or value.bare is not None:
            return value
        zone = print_timezone(self._setting.context.timezone)
        return Sql(f"toTimeZone({value.text}, {zone})", value.type, bare=value.text)


@dataclass(frozen=True, slots=True)
class _Joined:
    """A table joined to another one's rows."""

    table: TableSource
    condition: str
    has_many: bool

    @property
    def multiplies(self) -> bool:
        """Whether a row may find several: there, or by what is joined there in turn."""
        return self.has_many or any(one.multiplies for one in self.table._joined.values())

    def print_join(self) -> str:
        """Return the join. The engine is quicker when told to look for one row only."""
        words = "LEFT JOIN" if self.multiplies else "LEFT ANY JOIN"
        return f" {words} {self.table.print_from()} ON {self.condition}"


class SelectSource:
    """A subquery: its columns by name, in order."""

    def __init__(
        self, text: str, alias: str, name: str | None, columns: Mapping[str, SqlType], setting: Setting
    ) -> None:
        self.alias = alias
        self.name = name
        self._text = text
        self._columns = columns
        self._setting = setting

    def has_field(self, name: str) -> bool:
        """Return whether the subquery gives out such a column."""
        return name in self._columns

    def field(self, name: str) -> Value:
        """Return a column. Raises HogQLResolutionError."""
        if name not in self._columns:
            raise unknown_field(name, self._columns, self.name or "the subquery")
        text = f"{quote_identifier(self.alias)}.{quote_identifier(name)}"
        type_ = self._columns[name]
        if type_.kind == "json":
            return JsonValue(lambda keys: read_json(text, type_, keys, self._setting))
        return Sql(text, type_)

    def type_of(self, name: str) -> SqlType:
        """Return the type of a column."""
        return self._columns[name]

    def columns(self) -> list[str]:
        """Return the names of all columns."""
        return list(self._columns)

    def print_from(self) -> str:
        """Return the subquery under its alias."""
        return f"{self._text} AS {quote_identifier(self.alias)}"

    def conditions(self) -> list[str]:
        """Return nothing: what is inside guards itself."""
        return []


def read_json(text: str, type_: SqlType, keys: tuple[Key, ...], setting: Setting) -> Sql:
    """Return what is at a place of a JSON document that is no column of a table."""
    if not keys:
        return Sql(text, type_)
    found = extract_text(text, keys, setting.parameters)
    return convert_property(found, type_.entity, keys, setting.context)


def unknown_field(name: str, known: Mapping[str, object], where: str) -> HogQLResolutionError:
    """Return the error for a field that is not there, with the nearest that is."""
    return HogQLResolutionError(f"Unable to resolve field: {name} (of {where})", nearest=nearest(name, _public(known)))


def _public(names: Mapping[str, object]) -> Iterator[str]:
    return (name for name in names if not name.startswith("_"))


def _as_sql(value: Value, name: str) -> Sql:
    if isinstance(value, Sql):
        return value
    raise HogQLResolutionError(f"'{name}' has no value of its own.")
