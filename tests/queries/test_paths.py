"""Paths: agreement with the oracle, and what a sample stands for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from tests.oracle.paths_agreement import check_paths
from tests.oracle.random_paths import questions
from tests.queries.asking import ask
from tests.queries.world import World

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
WALKERS = 60


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_paths(engine: Engine, question: tuple[Any, ...]) -> None:
    check_paths(engine, *question)


def test_edges_of_a_sample_stand_for_all(engine: Engine, world: World) -> None:
    world.add_events(
        {"event": name, "distinct_id": f"walker {number}", "timestamp": NOW - timedelta(hours=1, minutes=-minute)}
        for number in range(WALKERS)
        for minute, name in enumerate(("one", "two"))
    )
    query: dict[str, Any] = {"kind": "PathsQuery", "pathsFilter": {}}
    edges = [ask(engine, {**query, "samplingFactor": factor}, NOW).results for factor in (1, 0.5)]
    ((whole,), (half,)) = edges  # type: ignore[misc]  # lists of one edge
    assert whole == {"source": "1_one", "target": "2_two", "value": WALKERS, "average_conversion_time": 60_000}
    assert half["value"] % 2 == 0
    assert 0 < half["value"] < 2 * WALKERS
    assert {**half, "value": WALKERS} == whole
