"""Whether the engine and the oracle agree on paths, and on who is behind them."""

from datetime import datetime
from typing import Any

from insights_mcp.local.engine.base import Engine
from tests.oracle import funnels, paths
from tests.oracle.agreement import check_equal, load
from tests.oracle.events import Project
from tests.queries.asking import ask
from tests.queries.world import TestTeam, TestTypes, person_id

KEYS = (
    ("pathStartKey", "pathEndKey"),
    ("pathStartKey",),
    ("pathEndKey",),
    ("pathDropoffKey",),
    (),
)


def check_paths(
    engine: Engine, project: Project, queries: list[dict[str, Any]], chosen: list[int], now: datetime
) -> None:
    """Raise AssertionError where the two answers differ."""
    load(engine, project)
    team = TestTeam(
        timezone=project.timezone,
        week_start_day=project.week_start_day,
        test_account_filters=project.test_account_filters,
        path_cleaning_filters=project.path_cleaning_filters,
    )
    types = TestTypes(project.property_types)
    for query in queries:
        try:
            expected = paths.answer(project, query, now)
        except funnels.Ambiguous:
            continue
        found: Any = ask(engine, query, now, team=team, types=types).results
        try:
            check_equal(found, expected)
            keys = choose_keys(project, query, chosen, now)
            source = {**query, "pathsFilter": {**query["pathsFilter"], **keys}}
            found = ask(engine, {"kind": "InsightActorsQuery", "source": source}, now, team=team, types=types).results
            theirs = paths.actors(project, query, keys, now)
            assert sorted(found) == sorted([str(person_id(one)), times] for one, times in theirs.items()), keys
        except AssertionError as error:
            raise AssertionError(f"{query}\nengine {found}\noracle {expected}\n{error}") from error


def choose_keys(project: Project, query: dict[str, Any], chosen: list[int], now: datetime) -> dict[str, str]:
    """Name a node or an edge of the paths, now and then one that nobody walked."""
    walks = [paths.names_of(walk) for _, walk in paths.walks(project, query, now)]
    names = KEYS[chosen[0] % len(KEYS)]
    is_nowhere = not walks or chosen[1] % 10 == 0
    nodes = ["1_nowhere", "2_"] if is_nowhere else walks[chosen[0] % len(walks)]
    place = chosen[1] % len(nodes)
    return dict(zip(names, [*nodes[place:], nodes[0]], strict=False))
