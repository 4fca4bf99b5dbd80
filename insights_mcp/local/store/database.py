"""The one SQLite file of a data directory: connections, transactions, migrations."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insights_mcp.local.clock import Clock, read_clock
from insights_mcp.local.store.migrations import MIGRATIONS
from insights_mcp.local.store.projects import ensure_first_project
from insights_mcp.local.store.times import print_time

BUSY_SECONDS = 15.0
_IDLE_CONNECTIONS = 8


class StoreBusy(Exception):
    """Another process held the write lock for too long; the same request may be sent again."""


class Store:
    """Everything but events: one SQLite database in WAL mode, safe for many threads and processes.

    Functions that read or write take the connection of a running transaction: `with store.write() as db: ...`.
    A transaction is all or nothing, and what was committed survives the death of the process.
    """

    def __init__(self, path: Path, clock: Clock, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.clock = clock
        self._busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._is_closed = False

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        first_project_id: int = 1,
        clock: Clock = read_clock,
        busy_seconds: float = BUSY_SECONDS,
    ) -> "Store":
        """Open the database, creating and migrating it as needed, with its first user and project.

        A writer waits `busy_seconds` for another one. Raises StoreBusy when another process keeps it locked.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        store = cls(path, clock, busy_seconds)
        store._migrate()
        with store.write() as db:
            ensure_first_project(db, first_project_id, clock())
        return store

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Run a read-only transaction: one consistent snapshot that never waits for a writer."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run a write transaction; it commits at the end and rolls back on any exception. Never nest two.

        Raises StoreBusy when another writer held the lock for too long.
        """
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    def close(self) -> None:
        """Close the idle connections; those in use close when their transaction ends."""
        with self._guard:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            _begin(connection, begin)
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return _connect(self.path, self._busy_seconds)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            keep = not self._is_closed and not connection.in_transaction and len(self._idle) < _IDLE_CONNECTIONS
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def _migrate(self) -> None:
        with self.write() as db:
            db.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)")
            applied = {row["name"] for row in db.execute("SELECT name FROM migrations")}
            for name, sql in MIGRATIONS:
                if name not in applied:
                    for statement in split_statements(sql):
                        db.execute(statement)
                    db.execute("INSERT INTO migrations VALUES (?, ?)", (name, print_time(self.clock())))


def split_statements(sql: str) -> list[str]:
    """Split a script at its statements' ends, so that it can run inside a transaction of ours."""
    statements, pending = [], ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    if pending.strip():
        statements.append(pending.strip())
    return statements


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    # A connection serves one transaction at a time but not always the same thread.
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _begin(connection: sqlite3.Connection, begin: str) -> None:
    try:
        connection.execute(begin)
    except sqlite3.OperationalError as error:
        raise StoreBusy(str(error)) from error
