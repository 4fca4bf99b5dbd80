"""The columns of an events table: what is asked for, and the SQL columns that it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.hogql.scope import contains_aggregate
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import call, constant, field
from insights_mcp.local.queries.people import display_names

# What `*` shows of an event, in this order.
STAR = (
    "uuid",
    "event",
    "properties",
    "timestamp",
    "team_id",
    "distinct_id",
    "elements_chain",
    "created_at",
    "person_mode",
)


class Role(Enum):
    """What becomes of a column's values."""

    PLAIN = "the value itself"
    STAR = "an object of the event"
    PERSON = "an object of the event's person"
    DISPLAY_NAME = "an object of what the person is called"


@dataclass(frozen=True)
class EventColumn:
    """One asked column: its text, and the expressions its values are made of."""

    text: str
    role: Role
    exprs: Sequence[ast.Expr]

    @property
    def is_aggregate(self) -> bool:
        """Whether it is computed over groups of events."""
        return any(contains_aggregate(expr) for expr in self.exprs)


def read_columns(select: Sequence[str], context: QueryContext) -> list[EventColumn]:
    """Return the asked columns; none is `*`. Raises HogQLError, QueryError."""
    return [_read_column(text, context) for text in (select or ["*"])]


def bare_name(text: str) -> str:
    """Return a column's text without its `-- Label`."""
    return text.split("--")[0].strip()


def name_expr(properties: Sequence[str | int], context: QueryContext, fallback: ast.Expr) -> ast.Expr:
    """Return what a person is called: the first of the project's display properties that they have."""
    names = [call("nullIf", call("toString", field(*properties, key)), constant("")) for key in display_names(context)]
    return call("coalesce", *names, fallback)


def _read_column(text: str, context: QueryContext) -> EventColumn:
    name = bare_name(text)
    if text == "*":
        return EventColumn(text, Role.STAR, [field(column) for column in STAR])
    if name == "person":
        return EventColumn(text, Role.PERSON, [field("distinct_id")])
    if name == "person_display_name":
        called = name_expr(("person", "properties"), context, field("distinct_id"))
        return EventColumn(
            text, Role.DISPLAY_NAME, [called, call("toString", field("person_id")), field("distinct_id")]
        )
    return EventColumn(text, Role.PLAIN, [parse_column(text)])


def parse_column(text: str) -> ast.Expr:
    """Return the expression of a column, its label left out. Raises HogQLError, QueryError for several columns."""
    expr = parse_expr(text)
    if isinstance(expr, ast.ColumnsExpr) or (isinstance(expr, ast.Field) and expr.chain[-1] == "*"):
        raise QueryError(f"'{text}' stands for several columns. Select '*' or each by its name.", attr="select")
    return expr
