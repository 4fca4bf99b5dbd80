"""Queries while they run: cancelled, watched, many at once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from insights_mcp.local.engine.base import Engine, Limits, QueryCancelled

SLOW = "SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) % 7 = 1"


def started(engine: Engine, query_id: str) -> None:
    """Wait until the engine reports that the query reads."""
    for _ in range(500):
        progress = engine.progress(query_id)
        if progress is not None and progress.rows_read > 0:
            return
        time.sleep(0.01)  # the engine has no event to wait for
    raise AssertionError("the query never started")


@pytest.fixture
def background() -> "Callable[[Callable[[], object]], Future[object]]":
    pool = ThreadPoolExecutor(4)
    return pool.submit


def test_cancelled_query_ends_within_half_a_second(
    engine: Engine, background: "Callable[[Callable[[], object]], Future[object]]"
) -> None:
    for number in range(3):
        query_id = f"slow-{number}"
        running = background(lambda query_id=query_id: engine.run(SLOW, query_id=query_id))
        started(engine, query_id)
        begin = time.monotonic()
        assert engine.cancel(query_id)
        with pytest.raises(QueryCancelled):
            running.result(5)
        assert time.monotonic() - begin < 0.5
    assert not engine.cancel("slow-0")


def test_cancelled_stream_ends(engine: Engine) -> None:
    batches = engine.stream("SELECT number FROM numbers(100000000000)", query_id="streamed")
    next(batches)
    engine.cancel("streamed")
    with pytest.raises(QueryCancelled):
        for _ in batches:
            pass


def test_progress_grows_and_is_none_when_nothing_runs(
    engine: Engine, background: "Callable[[Callable[[], object]], Future[object]]"
) -> None:
    assert engine.progress("watched") is None
    running = background(lambda: engine.run(SLOW, query_id="watched"))
    started(engine, "watched")
    first = engine.progress("watched")
    time.sleep(0.2)  # time for it to read more
    second = engine.progress("watched")
    assert first is not None
    assert second is not None
    assert 0 < first.rows_read < second.rows_read
    assert second.estimated_rows_total == 100_000_000_000
    engine.cancel("watched")
    with pytest.raises(QueryCancelled):
        running.result(5)
    assert engine.progress("watched") is None


def test_cancel_hits_only_the_query_it_names(engine: Engine) -> None:
    """Short queries reuse the cancelled one's session at once; none of them may be hit."""
    stop = threading.Event()

    def ask() -> int:
        count = 0
        while not stop.is_set():
            engine.run("SELECT sum(number) FROM numbers(200000)")
            count += 1
        return count

    with ThreadPoolExecutor(6) as pool:
        askers = [pool.submit(ask) for _ in range(3)]
        for number in range(15):
            query_id = f"victim-{number}"
            running = pool.submit(lambda query_id=query_id: engine.run(SLOW, query_id=query_id))
            time.sleep(0.01 * (number % 5))  # at different moments of its life
            while not engine.cancel(query_id):
                pass
            with pytest.raises(QueryCancelled):
                running.result(10)
        stop.set()
        assert all(asker.result(10) > 0 for asker in askers)


def test_light_queries_are_answered_while_heavy_ones_run(
    engine: Engine, background: "Callable[[Callable[[], object]], Future[object]]"
) -> None:
    heavy = [background(lambda n=n: engine.run(SLOW, query_id=f"heavy-{n}")) for n in range(3)]
    for number in range(3):
        started(engine, f"heavy-{number}")
    slowest = 0.0
    for _ in range(10):
        begin = time.monotonic()
        assert engine.run("SELECT sum(number) FROM numbers(1000)", limits=Limits(max_seconds=5)).rows == [(499500,)]
        slowest = max(slowest, time.monotonic() - begin)
    for number, running in enumerate(heavy):
        engine.cancel(f"heavy-{number}")
        with pytest.raises(QueryCancelled):
            running.result(5)
    assert slowest < 2.0
