"""Stickiness: agreement with the oracle, and who is behind a bar."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.stickiness.actors import select_actors
from insights_mcp.schema.events import StickinessActorsQuery
from tests.oracle.random_stickiness import questions
from tests.oracle.stickiness import check_stickiness
from tests.queries.asking import run_select
from tests.queries.world import World

NOW = "2020-03-20T12:00:00Z"
QUERY: dict[str, Any] = {
    "kind": "StickinessQuery",
    "series": [{"kind": "EventsNode", "event": "seen"}, {"kind": "EventsNode", "event": "left"}],
    "dateRange": {"date_from": "2020-03-05", "date_to": "2020-03-08"},
    "compareFilter": {"compare": True},
}


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_stickiness(engine: Engine, question: tuple[Any, ...]) -> None:
    check_stickiness(engine, *question)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"series": 0, "compare": "current", "day": 1}, ["bob"]),
        ({"series": 0, "compare": "current", "day": "3"}, ["ann"]),
        ({"series": 0, "compare": "current", "day": 2, "operator": "lte"}, ["bob"]),
        ({"series": 0, "compare": "current", "day": 1, "operator": "gte"}, ["ann", "bob"]),
        ({"series": 0, "compare": "previous", "day": 1}, ["cid"]),
        ({"series": 0, "compare": "current"}, ["ann", "bob"]),
        ({"series": 1, "day": 1}, ["dan"]),
        ({"day": 1}, ["bob", "cid", "dan"]),
    ],
)
def test_actors_behind_a_bar_came_in_so_many_intervals(
    engine: Engine, world: World, asked: dict[str, Any], expected: list[str]
) -> None:
    fill(world)
    query = StickinessActorsQuery.model_validate({"source": QUERY, **asked})
    found = run_select(engine, lambda context: select_actors(query, context), NOW)
    assert sorted(found) == sorted((world.persons[one],) for one in expected)


def test_actors_behind_a_cumulative_bar_came_in_as_many_or_more(engine: Engine, world: World) -> None:
    fill(world)
    source = {**QUERY, "stickinessFilter": {"computedAs": "cumulative"}, "compareFilter": {}}
    query = StickinessActorsQuery.model_validate({"source": source, "series": 0, "day": 1, "operator": "exact"})
    found = run_select(engine, lambda context: select_actors(query, context), NOW)
    assert sorted(found) == sorted((world.persons[one],) for one in ["ann", "bob"])


@pytest.mark.parametrize(
    ("asked", "problem"), [({"series": 5}, "no such series"), ({"day": "Monday"}, "a number of intervals")]
)
def test_bars_that_are_not_there_are_refused(engine: Engine, asked: dict[str, Any], problem: str) -> None:
    query = StickinessActorsQuery.model_validate({"source": QUERY, **asked})
    with pytest.raises(QueryError, match=problem):
        run_select(engine, lambda context: select_actors(query, context), NOW)


def fill(world: World) -> None:
    for person in ("ann", "bob", "cid", "dan"):
        world.add_person([person])
    seen = [("ann", 5), ("ann", 6), ("ann", 8), ("bob", 7), ("cid", 1)]
    world.add_events(
        [
            *({"event": "seen", "distinct_id": one, "timestamp": f"2020-03-0{day}T10:00:00Z"} for one, day in seen),
            {"event": "left", "distinct_id": "dan", "timestamp": "2020-03-06T10:00:00Z"},
        ]
    )
