"""The engine and the plain-Python oracle agree on random small projects and questions."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from tests.oracle.agreement import check_trends
from tests.oracle.random_trends import questions


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_trends(engine: Engine, question: tuple[Any, ...]) -> None:
    check_trends(engine, *question)
