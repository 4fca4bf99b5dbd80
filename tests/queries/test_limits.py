"""Limits of time and memory, and cancelling, through the service."""

import threading

import pytest

from insights_mcp.local.engine.base import Engine, Limits
from insights_mcp.local.problems import Problem
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from tests.queries.conftest import SetClock
from tests.queries.world import TestTeam

TEAM = TestTeam()
SLOW = {"kind": "HogQLQuery", "query": "select count() from numbers(10000000000) where sipHash64(number) = 1"}
LARGE = {"kind": "HogQLQuery", "query": "select length(groupArray(toString(number))) from numbers(5000000)"}


def test_query_that_runs_too_long_is_a_504(store: Store, engine: Engine, clock: SetClock) -> None:
    service = QueryService(store, engine, clock, limits=Limits(max_seconds=0.3))
    with pytest.raises(Problem) as caught:
        service.answer(TEAM, SLOW)
    problem = caught.value
    assert (problem.status, problem.type, problem.code) == (504, "server_error", "error")
    assert problem.detail.startswith("Query has hit the max execution time before completing.")


def test_query_that_needs_too_much_memory_is_a_513(store: Store, engine: Engine, clock: SetClock) -> None:
    service = QueryService(store, engine, clock, limits=Limits(max_memory_bytes=20 << 20))
    with pytest.raises(Problem) as caught:
        service.answer(TEAM, LARGE)
    problem = caught.value
    assert (problem.status, problem.code) == (513, "clickhouse_memory_limit_exceeded")
    assert problem.detail.startswith("This query ran out of memory before it could finish")


def test_background_query_is_cancelled_and_says_so(service: QueryService, engine: Engine) -> None:
    service.answer(TEAM, SLOW, refresh="force_async", client_query_id="slow")
    wait_until_running(engine, "1_slow")
    assert service.cancel(TEAM, "slow") == "Cancelled query on clickhouse"
    service.close()  # waits for the work to end
    status = service.status(TEAM, "slow").status()
    assert (status["complete"], status["error"], status["error_message"]) == (True, True, "The query was cancelled.")
    assert service.cancel(TEAM, "slow") == "Query already complete"


def test_same_question_in_the_background_is_one_job(service: QueryService, engine: Engine) -> None:
    first = service.answer(TEAM, SLOW, refresh="force_async", client_query_id="first")
    second = service.answer(TEAM, SLOW, refresh="force_async", client_query_id="second")
    assert first.query_status is not None
    assert second.query_status is not None
    assert second.query_status["id"] == first.query_status["id"] == "first"
    assert service.cancel(TEAM, "first", dequeue_only=True).startswith("Only tried to dequeue")


def test_closing_ends_what_runs(service: QueryService, engine: Engine) -> None:
    problems: list[Problem] = []

    def ask() -> None:
        try:
            service.answer(TEAM, SLOW, client_query_id="slow")
        except Problem as problem:
            problems.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until_running(engine, "1_slow")
    service.close()
    thread.join(5)
    assert [problem.code for problem in problems] == ["query_was_cancelled"]


def wait_until_running(engine: Engine, query_id: str) -> None:
    while True:
        progress = engine.progress(query_id)
        if progress is not None and progress.rows_read > 0:
            return


def test_light_query_is_answered_beside_slow_ones(service: QueryService, engine: Engine) -> None:
    for number in range(3):
        slow = {**SLOW, "query": f"{SLOW['query']} + {number}"}
        service.answer(TEAM, slow, refresh="force_async", client_query_id=f"slow{number}")
        wait_until_running(engine, f"1_slow{number}")
    answer = service.answer(TEAM, {"kind": "HogQLQuery", "query": "select 1"})
    assert answer.results == [[1]]
    assert not any(service.status(TEAM, f"slow{number}").is_complete for number in range(3))
