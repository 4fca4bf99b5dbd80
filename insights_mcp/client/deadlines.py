"""How long each kind of call may take, waiting and retries included."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deadlines:
    """Seconds for each kind of call.

    `query` covers the wait for a free slot too; `cancel` is the last word to a query given up; `progress` is the
    pause between two signs of life of a running one.
    """

    connect: float = 10.0
    read: float = 30.0
    write: float = 30.0
    query: float = 180.0
    read_back: float = 10.0
    cancel: float = 5.0
    progress: float = 2.0
