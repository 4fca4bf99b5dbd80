"""Whether the engine and the oracle agree on a question."""

import math
from datetime import datetime
from typing import Any

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.engine.tables import TABLES
from tests.oracle import trends
from tests.oracle.events import Project
from tests.queries.asking import ask
from tests.queries.world import CREATED_AT, TestTeam, TestTypes, World


def check_trends(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the two answers differ."""
    load(engine, project)
    found = [simplify(result) for result in ask_loaded(engine, project, query, now)]
    expected = [simplify(result) for result in trends.answer(project, query, now)]
    check_equal(found, expected)


def ask_loaded(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the engine's results for a project that is loaded."""
    team = TestTeam(
        timezone=project.timezone,
        week_start_day=project.week_start_day,
        test_account_filters=project.test_account_filters,
        path_cleaning_filters=project.path_cleaning_filters,
    )
    results = ask(engine, query, now, team=team, types=TestTypes(project.property_types)).results
    assert isinstance(results, list)
    return results


def check_equal(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """Raise AssertionError with the first result that differs."""
    assert len(found) == len(expected), (found, expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert is_close(mine, theirs), (mine, theirs)


def load(engine: Engine, project: Project) -> None:
    """Put the project's events and persons into empty tables, in the order given."""
    for table in TABLES:
        if table.name in ("events", "persons", "person_distinct_ids", "groups"):
            engine.command(f"TRUNCATE TABLE {table.name}")
    world = World(engine)
    people = project.people
    owned = {
        person: [distinct_id for distinct_id, owner in people.person_of.items() if owner == person]
        for person in people.properties
    }
    world.add_people(
        [(owned[person], known, people.created.get(person, CREATED_AT)) for person, known in people.properties.items()]
    )
    for key, created_at in project.groups.items():
        world.add_group(0, key, {}, created_at)
    world.add_events([vars(event) for event in project.events])


def simplify(result: dict[str, Any]) -> dict[str, Any]:
    """Keep what both sides say."""
    value = result.get("breakdown_value")
    kept = {
        "breakdown_value": tuple(value) if isinstance(value, list) else value,
        "compare_label": result.get("compare_label"),
        "order": result["order"],
    }
    if "aggregated_value" in result:
        return {**kept, "aggregated_value": result["aggregated_value"]}
    return {**kept, **{key: result[key] for key in ("data", "days", "count")}}


def is_close(mine: Any, theirs: Any) -> bool:
    """Equal, but for the last digits of fractions."""
    if isinstance(mine, dict):
        return mine.keys() == theirs.keys() and all(is_close(mine[key], theirs[key]) for key in mine)
    if isinstance(mine, list):
        return len(mine) == len(theirs) and all(map(is_close, mine, theirs))
    if isinstance(mine, float) or isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(mine == theirs)
