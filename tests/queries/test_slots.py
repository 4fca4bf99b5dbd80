"""Slots: so many at once, oldest first, one kept from heavy queries."""

import threading
from collections.abc import Callable, Iterator

import pytest

from insights_mcp.local.answers.slots import HEAVY_SECONDS, Slots, Waiter
from insights_mcp.local.problems import Problem


class Holder:
    """Holds a slot until it is let go."""

    def __init__(self, slots: Slots, waiter: Waiter, key: str = "k") -> None:
        self.entered = threading.Event()
        self.release = threading.Event()
        self.problem: Problem | None = None
        self.thread = threading.Thread(target=self._hold, args=(slots, waiter, key))
        self.thread.start()

    def _hold(self, slots: Slots, waiter: Waiter, key: str) -> None:
        try:
            with slots.taken(waiter, key, "task", 1):
                self.entered.set()
                self.release.wait(10)
        except Problem as problem:
            self.problem = problem
            self.entered.set()

    def end(self) -> None:
        self.release.set()
        self.thread.join(10)


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    holders: list[Holder] = []

    def take(slots: Slots, *, is_heavy: bool = False) -> Holder:
        holders.append(Holder(slots, Waiter(is_heavy)))
        return holders[-1]

    yield take
    for holder in holders:
        holder.end()


def test_query_beyond_the_limit_waits_for_a_slot(hold: Callable[..., Holder]) -> None:
    slots = Slots(total=2, heavy=2, wait_seconds=10)
    first, second = hold(slots), hold(slots)
    assert first.entered.wait(5)
    assert second.entered.wait(5)
    third = hold(slots)
    assert not third.entered.wait(0.05)
    first.end()
    assert third.entered.wait(5)


def test_query_that_waits_too_long_is_refused(hold: Callable[..., Holder]) -> None:
    slots = Slots(total=1, heavy=1, wait_seconds=0.05)
    assert hold(slots).entered.wait(5)
    with pytest.raises(Problem) as caught, slots.taken(Waiter(is_heavy=False), "k", "TrendsQuery:x", 7):
        pass
    assert (caught.value.status, caught.value.code) == (429, "throttled")
    assert caught.value.detail == (
        "Exceeded maximum concurrency limit: 1 for key: api:query:per-team:7 and task: TrendsQuery:x"
    )


def test_light_query_runs_while_heavy_ones_hold_all_they_may(hold: Callable[..., Holder]) -> None:
    slots = Slots(total=2, heavy=1, wait_seconds=10)
    assert hold(slots, is_heavy=True).entered.wait(5)
    waiting = hold(slots, is_heavy=True)
    assert not waiting.entered.wait(0.05)
    assert hold(slots).entered.wait(5)


def test_query_that_took_long_is_heavy_the_next_time() -> None:
    slots = Slots()
    assert not slots.waiter("slow").is_heavy
    slots.remember("slow", HEAVY_SECONDS + 1)
    assert slots.waiter("slow").is_heavy


def test_cancelled_waiter_stops_waiting(hold: Callable[..., Holder]) -> None:
    slots = Slots(total=1, heavy=1, wait_seconds=10)
    assert hold(slots).entered.wait(5)
    waiter = Waiter(is_heavy=False)
    holder = Holder(slots, waiter)
    assert not holder.entered.wait(0.05)
    slots.cancel(waiter)
    assert holder.entered.wait(5)
    holder.end()
