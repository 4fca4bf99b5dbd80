"""Lifecycle: agreement with the oracle, and who is behind a point."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.lifecycle.actors import select_actors
from insights_mcp.schema.events import InsightActorsQuery
from tests.oracle.lifecycle import check_lifecycle
from tests.oracle.random_lifecycle import questions
from tests.queries.asking import run_select
from tests.queries.world import World

NOW = "2020-03-20T12:00:00Z"
QUERY = {
    "kind": "LifecycleQuery",
    "series": [{"kind": "EventsNode", "event": "seen"}],
    "dateRange": {"date_from": "2020-03-02", "date_to": "2020-03-05"},
}


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_lifecycles(engine: Engine, question: tuple[Any, ...]) -> None:
    check_lifecycle(engine, *question)


@pytest.mark.parametrize(
    ("day", "status", "expected"),
    [
        ("2020-03-02", "new", ["ann"]),
        ("2020-03-02", "resurrecting", ["bob"]),
        ("2020-03-03", "returning", ["ann"]),
        ("2020-03-03", "dormant", ["bob"]),
        ("2020-03-05", "dormant", []),
        ("2020-03-03", None, ["ann", "bob"]),
        (None, "resurrecting", ["bob"]),
        (None, None, ["ann", "bob"]),
    ],
)
def test_actors_behind_a_point_have_its_status(
    engine: Engine, world: World, day: str | None, status: str | None, expected: list[str]
) -> None:
    world.add_person(["ann"], created_at="2020-03-02T01:00:00Z")
    world.add_person(["bob"], created_at="2020-01-02T01:00:00Z")
    seen = [("ann", 2), ("ann", 3), ("bob", 2), ("bob", 5)]
    world.add_events(
        {"event": "seen", "distinct_id": one, "timestamp": f"2020-03-0{day}T10:00:00Z"} for one, day in seen
    )
    asked = InsightActorsQuery.model_validate({"source": QUERY, "day": day, "status": status})
    found = run_select(engine, lambda context: select_actors(asked, context), NOW)
    assert sorted(found) == sorted((world.persons[one],) for one in expected)


def test_unknown_status_is_refused(engine: Engine) -> None:
    asked = InsightActorsQuery.model_validate({"source": QUERY, "status": "gone"})
    with pytest.raises(QueryError, match="one of new, returning, resurrecting, dormant"):
        run_select(engine, lambda context: select_actors(asked, context), NOW)
