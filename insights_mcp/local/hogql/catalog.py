"""What a HogQL table is: its fields, how they are read, what joins hang on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.sqltypes import SqlType


@dataclass(frozen=True, slots=True)
class Column:
    """A field with a value. `sql` reads it from the row at `{p}` (a prefix like `e.`). Hidden ones are not in `*`."""

    sql: str
    type: SqlType
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """A field that is a row of another table: `left` is the field here, `right` the field there, joined when used.

    `has_many`: there may be several rows there.
    """

    table: str
    left: str
    right: str
    has_many: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A field that is another one, of this table or behind a join: `person_id` of `pdi`."""

    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Virtual:
    """A field that stands for a row of another table, and needs no join: its fields are found here."""

    fields: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class PersonId:
    """The person of an event: the newest when its distinct id was given to another one after the event."""


Field = Column | Join | Path | Virtual | PersonId


@dataclass(frozen=True, slots=True)
class Table:
    """A HogQL table over a physical one. `guards` are conditions on every row, `{p}` as above.

    `group_by` makes the table a grouping of the physical one: its columns are aggregates. `time` is the physical column
    that bounds on `time_fields` may be pushed to, with room for a session's length.
    """

    name: str
    physical: str
    fields: Mapping[str, Field]
    guards: Callable[[HogQLContext], tuple[str, ...]] = field(default=lambda _: ())
    is_final: bool = False
    group_by: str = ""
    time_fields: tuple[str, ...] = ()
