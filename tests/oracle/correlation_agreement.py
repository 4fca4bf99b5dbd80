"""Whether the engine and the oracle agree on a correlation."""

from datetime import datetime
from typing import Any

from insights_mcp.local.engine.base import Engine
from tests.oracle import correlation
from tests.oracle.agreement import is_close, load
from tests.oracle.events import Project
from tests.oracle.funnels_agreement import team_of
from tests.queries.asking import ask
from tests.queries.world import TestTypes


def check_correlation(engine: Engine, project: Project, queries: list[dict[str, Any]], now: datetime) -> None:
    """Raise AssertionError where the two answers differ."""
    load(engine, project)
    for query in queries:
        expected = correlation.answer(project, query, now)
        found = ask(engine, query, now, team=team_of(project), types=TestTypes(project.property_types)).results
        assert is_close(found, expected), f"{query}\nengine {found}\noracle {expected}"
