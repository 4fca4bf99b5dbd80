"""The queries that run now, by the caller's id, so that they can be cancelled and watched."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from insights_mcp.local.engine.base import QueryCancelled
from insights_mcp.local.engine.sessions import Session


@dataclass(eq=False)
class Run:
    """One running query."""

    query_id: str | None
    # None while it waits for one.
    session: Session | None = None
    is_cancelled: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise QueryCancelled when somebody cancelled."""
        if self.is_cancelled:
            raise QueryCancelled("The query was cancelled.", code=394, name="QUERY_WAS_CANCELLED")


class RunningQueries:
    """Thread-safe set of runs. The same id may run more than once (two statements of one question)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[Run] = []

    @contextmanager
    def entered(self, query_id: str | None) -> Iterator[Run]:
        """Note a run for as long as the block lasts."""
        run = Run(query_id)
        with self._lock:
            self._runs.append(run)
        try:
            yield run
        finally:
            with self._lock:
                self._runs.remove(run)
            run.done.set()

    def of(self, query_id: str) -> list[Run]:
        """Return the runs with this id."""
        with self._lock:
            return [run for run in self._runs if run.query_id == query_id]

    def all(self) -> list[Run]:
        """Return every run."""
        with self._lock:
            return list(self._runs)
