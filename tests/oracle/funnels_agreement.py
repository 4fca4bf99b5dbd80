"""Whether the engine and the oracle agree on a funnel."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights_mcp.local.answers.calculate import StatementRunner
from insights_mcp.local.answers.contexts import ProjectFacts, build_context
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.context import Statement
from insights_mcp.local.queries.funnels.histories import PACKED, histories_of
from insights_mcp.local.queries.funnels.layout import lay_out
from insights_mcp.local.queries.funnels.plan import list_funnels
from insights_mcp.local.queries.funnels.tallies import walk_of
from insights_mcp.schema.funnels import FunnelsQuery
from tests.oracle import funnels
from tests.oracle.agreement import is_close, load
from tests.oracle.events import Project
from tests.oracle.times import resolve
from tests.queries.asking import ask
from tests.queries.world import TestDefinitions, TestTeam, TestTypes


def check_funnels(engine: Engine, project: Project, queries: list[dict[str, Any]], now: datetime) -> None:
    """Raise AssertionError where the two answers differ."""
    load(engine, project)
    team = team_of(project)
    for query in queries:
        try:
            expected = funnels.answer(project, query, now)
        except funnels.Ambiguous:
            continue
        if query["funnelsFilter"]["funnelVizType"] == "steps":
            check_walk(engine, project, query, now)
        found = pick(ask(engine, query, now, team=team, types=TestTypes(project.property_types)).results, expected)
        assert is_close(found, expected), f"{query}\nengine {found}\noracle {expected}"


def pick(found: Any, expected: Any) -> Any:
    """Return the part of an answer that the oracle speaks of."""
    if isinstance(expected, dict):
        return {key: pick(found.get(key, "missing"), value) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [pick(one, other) for one, other in zip(found, expected, strict=True)]
    return found


def check_walk(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the walk over every actor differs from the oracle's; the tables are filled."""
    parsed = FunnelsQuery.model_validate(query)
    facts = ProjectFacts(TestTypes(project.property_types), has_overrides=False)
    runner = StatementRunner(engine, "test")
    team = team_of(project)
    context = build_context(team, facts, TestDefinitions(), now, runner.fetch)
    for funnel in list_funnels(parsed, context)[:1]:
        layout = lay_out(funnel)
        answer = context.fetch(Statement(histories_of(funnel, layout).select))
        place = answer.columns.index(PACKED)
        walk = walk_of(funnel, layout)
        walked = [one for row in answer.rows if (one := walk(row[place])) is not None]  # type: ignore[arg-type]
        zone = ZoneInfo(project.timezone)
        span = resolve(query, query.get("interval", "day"), now, zone, project.week_start_day)
        expected = funnels.conversions(funnels.Question(project, query, span))
        found = sorted((one.done, [gap / 1e6 for gap in one.gaps]) for one in walked)
        theirs = sorted((sum(1 << (step - 1) for step in steps), times) for _, steps, times in expected)
        assert is_close([list(one) for one in found], [list(one) for one in theirs]), (query, found, theirs)


def team_of(project: Project) -> TestTeam:
    return TestTeam(
        timezone=project.timezone,
        week_start_day=project.week_start_day,
        test_account_filters=project.test_account_filters,
    )
