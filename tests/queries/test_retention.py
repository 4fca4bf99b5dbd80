"""Retention: agreement with the oracle, and who is behind a row."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.context import Cohort, QueryError
from insights_mcp.local.queries.retention.actors import select_actors
from insights_mcp.schema.events import InsightActorsQuery
from tests.oracle.random_retention import questions
from tests.oracle.retention import check_retention
from tests.queries.asking import run_select
from tests.queries.world import TestDefinitions, World

NOW = "2020-03-20T12:00:00Z"
SEEN = {"id": "seen", "type": "events"}
QUERY: dict[str, Any] = {
    "kind": "RetentionQuery",
    "retentionFilter": {"targetEntity": SEEN, "returningEntity": SEEN, "totalIntervals": 3},
    "dateRange": {"date_from": "2020-03-02", "date_to": "2020-03-04"},
}


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_retention(engine: Engine, question: tuple[Any, ...]) -> None:
    check_retention(engine, *question)


@pytest.mark.parametrize(
    ("source", "asked", "expected"),
    [
        ({}, {"interval": 0}, {"ann": [0, 1], "bob": [0, 2]}),
        ({}, {"interval": 1}, {"ann": [0]}),
        ({}, {}, {"ann": [0, 0, 1], "bob": [0, 0, 2]}),
        ({"breakdown": "plan"}, {"interval": 0, "breakdown": ["a"]}, {"ann": [0, 1]}),
        ({"breakdown": "plan"}, {"interval": 0, "breakdown": "b"}, {"bob": [0]}),
        ({"breakdown": [1], "breakdown_type": "cohort"}, {"interval": 0, "breakdown": ["1"]}, {"bob": [0, 2]}),
        ({"breakdown": ["all"], "breakdown_type": "cohort"}, {"interval": 1, "breakdown": "all"}, {"ann": [0]}),
    ],
)
def test_actors_behind_a_row_tell_when_they_came_back(
    engine: Engine, world: World, source: dict[str, Any], asked: dict[str, Any], expected: dict[str, list[int]]
) -> None:
    definitions = fill(world)
    query = InsightActorsQuery.model_validate(
        {"source": QUERY | ({"breakdownFilter": source} if source else {}), **asked}
    )
    found = run_select(engine, lambda context: select_actors(query, context), NOW, definitions=definitions)
    columns = {row[0]: list(row[1]) for row in found}  # type: ignore[call-overload]  # an array
    assert columns == {world.persons[one]: shown for one, shown in expected.items()}
    assert all(list(row[2:]) == [one in columns[row[0]] for one in range(3)] for row in found)


def test_cohort_breakdown_needs_a_cohort(engine: Engine, world: World) -> None:
    definitions = fill(world)
    source = QUERY | {"breakdownFilter": {"breakdown": [1], "breakdown_type": "cohort"}}
    query = InsightActorsQuery.model_validate({"source": source, "interval": 0})
    with pytest.raises(QueryError, match="cohort breakdown value is required"):
        run_select(engine, lambda context: select_actors(query, context), NOW, definitions=definitions)


def fill(world: World) -> TestDefinitions:
    world.add_person(["ann"])
    world.add_person(["bob"])
    world.add_cohort(1, ["bob"])
    seen = [("ann", 2, "a"), ("ann", 3, "a"), ("bob", 2, "b"), ("bob", 4, "a")]
    world.add_events(
        {
            "event": "seen",
            "distinct_id": one,
            "timestamp": f"2020-03-0{day}T10:00:00Z",
            "properties": {"plan": plan},
        }
        for one, day, plan in seen
    )
    return TestDefinitions(cohorts=[Cohort(1, "Bob")])
