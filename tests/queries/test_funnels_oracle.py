"""The engine and the plain-Python oracle agree on random small projects and funnels."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from insights_mcp.local.engine.base import Engine
from tests.oracle.funnels_agreement import check_funnels
from tests.oracle.random_funnels import questions


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions())
def test_engine_and_oracle_agree_on_random_funnels(engine: Engine, question: tuple[Any, ...]) -> None:
    check_funnels(engine, *question)
