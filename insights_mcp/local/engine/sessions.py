"""Sessions on the engine: one ClickHouse client each, used by one thread at a time, kept for the next query.

A session's settings are fixed when it is opened, because a reader (readonly=1) may not change any afterwards. So
sessions are kept by their settings; most queries share one set.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from insights_mcp.local.engine.base import EngineBusy, EngineUnavailable

Key = tuple[tuple[str, str | int | float], ...]


@dataclass
class Session:
    """One client. `label` is how a running query of it is found in system.processes."""

    client: Client
    key: Key
    label: str
    # After a stream that failed or was given up, chDB's connection answers the next statement with nothing, and without
    # an error (seen in 2 of 3 test runs). A session whose last statement did not end well is not used again.
    is_spoiled: bool = False
    # Held while somebody cancels what runs here, so that the kill cannot hit the session's next query.
    lock: threading.Lock = field(default_factory=threading.Lock)


class SessionPool:
    """At most `limit` sessions in use; as many are kept idle, the longest unused is closed first."""

    def __init__(self, open_session: Callable[[Key], Session], limit: int) -> None:
        self._open = open_session
        self._limit = limit
        self._slots = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._idle: list[Session] = []
        self._closed = False

    @contextmanager
    def lease(self, key: Key, wait_seconds: float, check: Callable[[], None] = lambda: None) -> Iterator[Session]:
        """Lend a session with these settings. `check` is asked while waiting and raises to give up.

        Raises EngineBusy when none gets free in time.
        """
        deadline = time.monotonic() + wait_seconds
        check()
        while not self._slots.acquire(timeout=0.05):
            check()
            if time.monotonic() > deadline:
                raise EngineBusy("Too many queries are running.", code=202, name="TOO_MANY_SIMULTANEOUS_QUERIES")
        try:
            session = self._take(key)
            try:
                yield session
            finally:
                self._put(session)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close the idle sessions now and the others when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            session.client.close()

    def _take(self, key: Key) -> Session:
        with self._lock:
            if self._closed:
                raise EngineUnavailable("The engine is closed.")
            for index in range(len(self._idle) - 1, -1, -1):
                if self._idle[index].key == key:
                    return self._idle.pop(index)
        return self._open(key)

    def _put(self, session: Session) -> None:
        with session.lock:  # wait for a cancel that is under way
            surplus = session
            with self._lock:
                if not self._closed and not session.is_spoiled:
                    self._idle.append(session)
                    if len(self._idle) <= self._limit:
                        return
                    surplus = self._idle.pop(0)
        surplus.client.close()
