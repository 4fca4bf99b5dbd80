"""A few queries at a time, oldest first, with one place that heavy queries never take (facts/rest-api.md 2.6)."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from insights_mcp.local.problems import Problem

TOTAL = 4
# A query is heavy when its last run took this long. One slot is kept from those, so that light ones keep moving.
HEAVY_SECONDS = 3.0
HEAVY = TOTAL - 1
WAIT_SECONDS = 30.0
_REMEMBERED = 2000


class Waiter:
    """One query that wants a slot. `cancel` gives up waiting, and is remembered while it runs."""

    def __init__(self, is_heavy: bool) -> None:  # what it is, not a switch
        self.is_heavy = is_heavy
        self.is_cancelled = False


class Slots:
    """Lets so many queries run at once. Thread-safe."""

    def __init__(self, total: int = TOTAL, heavy: int = HEAVY, wait_seconds: float = WAIT_SECONDS) -> None:
        self.total = total
        self.heavy = heavy
        self.wait_seconds = wait_seconds
        self._changed = threading.Condition()
        self._waiting: list[Waiter] = []
        self._running: list[Waiter] = []
        self._seconds: OrderedDict[str, float] = OrderedDict()

    def waiter(self, key: str) -> Waiter:
        """Return a waiter for a query known by its cache key."""
        with self._changed:
            return Waiter(is_heavy=self._seconds.get(key, 0.0) >= HEAVY_SECONDS)

    @contextmanager
    def taken(
        self, waiter: Waiter, key: str, task: str, team_id: int, *, wait_seconds: float | None = None
    ) -> Iterator[None]:
        """Run a block in a slot; a cancelled waiter runs at once, to find that out. Raises Problem 429."""
        self._enter(waiter, task, team_id, self.wait_seconds if wait_seconds is None else wait_seconds)
        started = monotonic()
        try:
            yield
        finally:
            self.remember(key, monotonic() - started)
            self._leave(waiter)

    def cancel(self, waiter: Waiter) -> None:
        """Let a waiter give up."""
        with self._changed:
            waiter.is_cancelled = True
            self._changed.notify_all()

    def _enter(self, waiter: Waiter, task: str, team_id: int, wait_seconds: float) -> None:
        with self._changed:
            self._waiting.append(waiter)
            try:
                is_free = self._changed.wait_for(
                    lambda: waiter.is_cancelled or self._may_run(waiter), timeout=wait_seconds
                )
            finally:
                self._waiting.remove(waiter)
                self._changed.notify_all()
            if not is_free:
                raise too_many(self.total, team_id, task)
            self._running.append(waiter)

    def _leave(self, waiter: Waiter) -> None:
        with self._changed:
            self._running.remove(waiter)
            self._changed.notify_all()

    def remember(self, key: str, seconds: float) -> None:
        """Note how long a query took."""
        with self._changed:
            self._seconds[key] = seconds
            self._seconds.move_to_end(key)
            while len(self._seconds) > _REMEMBERED:
                self._seconds.popitem(last=False)

    def _may_run(self, waiter: Waiter) -> bool:
        if not self._has_room(waiter):
            return False
        return not any(self._has_room(earlier) for earlier in self._waiting[: self._waiting.index(waiter)])

    def _has_room(self, waiter: Waiter) -> bool:
        if len(self._running) >= self.total:
            return False
        return not waiter.is_heavy or sum(one.is_heavy for one in self._running) < self.heavy


def too_many(limit: int, team_id: int, task: str) -> Problem:
    """429: the concurrency limit."""
    detail = f"Exceeded maximum concurrency limit: {limit} for key: api:query:per-team:{team_id} and task: {task}"
    return Problem(429, "throttled_error", "throttled", detail)
