"""Asks a query of the engine through its kind, without HTTP, store or cache: for many small questions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from insights_mcp.local.answers.answer import Calculated
from insights_mcp.local.answers.calculate import StatementRunner, calculate
from insights_mcp.local.answers.contexts import ProjectFacts, build_context
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.registry import KINDS
from insights_mcp.schema.queries import parse_query, unwrap_query
from tests.queries.world import TestDefinitions, TestTeam, TestTypes, moment

TEAM = TestTeam()
NO_TYPES = TestTypes()
NO_DEFINITIONS = TestDefinitions()


def ask(
    engine: Engine,
    query: Mapping[str, Any],
    now: datetime,
    *,
    team: TestTeam = TEAM,
    types: TestTypes = NO_TYPES,
    definitions: TestDefinitions = NO_DEFINITIONS,
) -> Calculated:
    """Return the calculated answer of a query."""
    parsed = unwrap_query(parse_query(dict(query)))
    runner = StatementRunner(engine, "test")
    facts = ProjectFacts(types, has_overrides=False)
    context = build_context(team, facts, definitions, now, runner.fetch)
    return calculate(KINDS[parsed.kind], parsed, context, runner)


def run_select(
    engine: Engine,
    build: Callable[[QueryContext], ast.AnySelect],
    now: str | datetime,
    *,
    team: TestTeam = TEAM,
    definitions: TestDefinitions = NO_DEFINITIONS,
) -> list[tuple[object, ...]]:
    """Return the rows of a SELECT that is built for a context, printed as text of a caller would be."""
    runner = StatementRunner(engine, "test")
    context = build_context(team, ProjectFacts(NO_TYPES, has_overrides=False), definitions, moment(now), runner.fetch)
    hogql = replace(context.hogql, trusted=False)
    return runner.fetch(hogql, Statement(build(context))).rows
