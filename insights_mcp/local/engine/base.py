"""What an engine can do, and how it fails. Blocking calls: the app runs them in worker threads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Limits:
    """Limits of one query. `max_rows` caps the rows returned, the rest is what the engine may use."""

    max_seconds: float = 60.0
    max_rows: int = 50_000
    max_memory_bytes: int = 4 << 30
    max_threads: int | None = None


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Progress:
    """How far a running query is, as PostHog's `query_progress` reports it."""

    rows_read: int = 0
    bytes_read: int = 0
    estimated_rows_total: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Rows:
    """A query's answer: column names, ClickHouse type names, and rows of Python values."""

    columns: list[str]
    types: list[str]
    rows: list[tuple[object, ...]]
    progress: Progress = field(default_factory=Progress)


class Engine(Protocol):
    """A ClickHouse, wherever it runs. `run` sees only the application's database, read-only and limited."""

    def run(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        query_id: str | None = None,
        settings: Mapping[str, str | int | float] | None = None,
    ) -> Rows:
        """Run one SELECT in the sandboxed reader session. `params` bind `{name:Type}`. Raises EngineError."""
        ...

    def stream(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        query_id: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and yield Arrow batches, for results larger than memory: `max_rows` does not apply.

        Raises EngineError.
        """
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Insert rows as the trusted writer. Return their number. Durable against process death on return."""
        ...

    def insert_arrow(self, table: str, batch: pa.Table) -> int:
        """Insert an Arrow table as the trusted writer. Return the number of rows."""
        ...

    def command(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """Run one trusted statement of ours (DDL, INSERT ... SELECT, mutation). Never text from a caller."""
        ...

    def cancel(self, query_id: str) -> bool:
        """Stop a running query within 0.5 s. Return whether it was running."""
        ...

    def progress(self, query_id: str) -> Progress | None:
        """Return how far a running query is, None when it is not running."""
        ...

    def close(self) -> None:
        """Stop running queries and let go of the data directory."""
        ...


class EngineError(Exception):
    """ClickHouse refused or failed. `code` is its number, `name` its constant, `message` its trimmed text."""

    def __init__(self, message: str, *, code: int = 0, name: str = "UNKNOWN") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.name = name


class EngineBusy(EngineError):
    """Another process owns the data directory, or the engine has no room for the query."""


class EngineUnavailable(EngineError):
    """The engine cannot be reached or has ended."""


class QueryRefused(EngineError):
    """The sandbox refused the statement: not one read-only SELECT over the application's tables."""


class QueryMistake(EngineError):
    """The query's author can mend it: unknown function, wrong type, wrong number of arguments."""


class QueryTimeout(EngineError):
    """The query ran longer than `Limits.max_seconds`."""


class QueryOutOfMemory(EngineError):
    """The query needed more than `Limits.max_memory_bytes`."""


class QueryCancelled(EngineError):
    """Somebody cancelled the query."""
