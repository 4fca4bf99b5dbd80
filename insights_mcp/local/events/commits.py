"""Group commit: requests that arrive while one is being written are written together, then all are acknowledged."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Work = TypeVar("Work")


@dataclass(eq=False)
class _Waiting(Generic[Work]):
    work: Work
    is_done: bool = False
    failure: Exception | None = None


class CommitQueue(Generic[Work]):
    """Hands work to `commit` in as few calls as possible. A call returns once its work is committed."""

    def __init__(self, commit: Callable[[Sequence[Work]], None]) -> None:
        self._commit = commit
        self._guard = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Waiting[Work]] = []

    def put(self, work: Work) -> None:
        """Have the work committed, alone or with others. Raises what the commit of this work raised."""
        mine = _Waiting(work)
        with self._guard:
            self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                with self._guard:
                    taken, self._waiting = self._waiting, []
                self._commit_all(taken)
        if mine.failure:
            raise mine.failure
        if not mine.is_done:  # the thread that took it was ended in the middle
            raise RuntimeError("the commit was cut off")

    def _commit_all(self, taken: Sequence[_Waiting[Work]]) -> None:
        try:
            self._commit([waiting.work for waiting in taken])
        except Exception as failure:  # noqa: BLE001  # handed to the callers it concerns, below
            if len(taken) == 1:
                taken[0].failure = failure
            else:  # one caller's events must not fail another's
                for waiting in taken:
                    self._commit_all([waiting])
        for waiting in taken:
            waiting.is_done = True
