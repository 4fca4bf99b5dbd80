"""Tables of events and of actors at random: the engine against the oracle."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from tests.oracle.random_tables import actors_questions, events_questions
from tests.oracle.tables import check_actors, check_events

few = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@few
@given(question=events_questions())
def test_engine_and_oracle_agree_on_random_tables_of_events(engine: Engine, question: tuple[Any, ...]) -> None:
    check_events(engine, *question)


@few
@given(question=actors_questions())
def test_engine_and_oracle_agree_on_random_people_behind_trends(engine: Engine, question: tuple[Any, ...]) -> None:
    check_actors(engine, *question)
