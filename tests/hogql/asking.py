"""Asks HogQL of the engine: parse, print, run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import CohortMembers, HogQLContext
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.printer import print_select

NOW = datetime(2024, 3, 15, 12, 30, tzinfo=UTC)
CONTEXT = HogQLContext(team_id=1, now=NOW)


@dataclass(frozen=True)
class Saved:
    """Cohorts by number or name, actions by number or name."""

    cohorts: Mapping[int | str, CohortMembers] = field(default_factory=dict)
    actions: Mapping[int | str, ast.Expr] = field(default_factory=dict)
    static: Sequence[int] = ()

    def cohort(self, reference: int | str) -> CohortMembers | None:
        return self.cohorts.get(reference)

    def action(self, reference: int | str) -> ast.Expr | None:
        return self.actions.get(reference)

    def static_cohorts(self) -> Sequence[int]:
        return self.static


def ask(engine: Engine, text: str, context: HogQLContext = CONTEXT) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    printed = print_select(parse_select(text), context)
    return engine.run(printed.sql, printed.params).rows


def ask_one(engine: Engine, text: str, context: HogQLContext = CONTEXT) -> object:
    """Return the only value of a query."""
    ((value,),) = ask(engine, text, context)
    return value


def column(engine: Engine, text: str, context: HogQLContext = CONTEXT) -> list[object]:
    """Return the first column of a query."""
    return [row[0] for row in ask(engine, text, context)]


def sql_of(text: str, context: HogQLContext = CONTEXT) -> str:
    """Return the SQL of a query."""
    return print_select(parse_select(text), context).sql


def in_zone(timezone: str, context: HogQLContext = CONTEXT) -> HogQLContext:
    return replace(context, timezone=timezone)
