"""The engine over clickhouse-connect: what chDB and a ClickHouse server have in common."""

import contextlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as ConnectError
from clickhouse_connect.driver.exceptions import NotSupportedError, OperationalError

from insights_mcp.local.engine.base import (
    DEFAULT_LIMITS,
    EngineError,
    EngineUnavailable,
    Limits,
    Progress,
    QueryMistake,
    QueryRefused,
    Rows,
)
from insights_mcp.local.engine.ddl import DATABASE, upgrade_ddl
from insights_mcp.local.engine.failures import to_engine_error
from insights_mcp.local.engine.guard import AST_FORMAT, Guard
from insights_mcp.local.engine.headers import Header, Headers, place_in_zones
from insights_mcp.local.engine.running import Run, RunningQueries
from insights_mcp.local.engine.sessions import Key, Session, SessionPool
from insights_mcp.local.engine.settings import WRITING, SettingValue, reading_settings
from insights_mcp.local.engine.tables import TABLES

READERS = 8
WRITERS = 4
WRITE_WAIT_SECONDS = 60.0
CANCEL_SECONDS = 0.5

# Named tuples as tuples, addresses as text: what JSON answers hold.
_FORMATS = {"Tuple": "tuple", "IPv*": "string", "FixedString": "string"}
_COLUMN_TYPES = {table.name: {column.name: column.type for column in table.columns} for table in TABLES}


class ConnectedEngine(ABC):
    """Runs queries in read-only sessions and writes in others. Safe to call from any thread."""

    def __init__(self, database: str = DATABASE) -> None:
        self.database = database
        self._guard = Guard(database)
        self._headers = Headers()
        self._running = RunningQueries()
        self._readers = SessionPool(self._open_reader, READERS)
        self._writers = SessionPool(self._open_writer, WRITERS)
        self._control = SessionPool(self._open_writer, 1)

    @abstractmethod
    def _open_reader(self, key: Key) -> Session:
        """Open a session that can only read, with these settings for good."""

    @abstractmethod
    def _open_writer(self, key: Key) -> Session:
        """Open a session that may write."""

    @abstractmethod
    def _check(self, session: Session, sql: str, params: Mapping[str, object] | None) -> None:
        """Raise QueryRefused unless the statement is one SELECT over the application's tables."""

    def _query_settings(self, session: Session) -> dict[str, str]:  # noqa: ARG002  # a server's queries have ids
        """Return what is sent with one query beside the session's settings."""
        return {}

    def _insert_settings(self) -> dict[str, str]:
        """Return what is sent with one insert beside the session's settings."""
        return {}

    @abstractmethod
    def _condition(self, session: Session) -> str:
        """Return the condition that finds the session's running query in system.processes."""

    def run(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        query_id: str | None = None,
        settings: Mapping[str, SettingValue] | None = None,
    ) -> Rows:
        """Run one SELECT in the sandboxed reader session. `params` bind `{name:Type}`. Raises EngineError."""
        key = tuple(sorted(reading_settings(limits, settings).items()))
        started = time.monotonic()
        with self._reading(key, limits, query_id) as session:
            self._check(session, sql, params)
            result = session.client.query(
                sql, parameters=_bound(params), settings=self._query_settings(session), query_formats=_FORMATS
            )
            types = [kind.name for kind in result.column_types]
            header = self._headers.complete(
                sql, list(result.column_names), types, lambda: _describe(session, sql, params)
            )
            rows = place_in_zones(result.result_rows[: limits.max_rows], header.types)
            progress = _finished(result.summary, time.monotonic() - started)
            return Rows(list(header.columns), list(header.types), rows, progress)

    def stream(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        query_id: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and yield Arrow batches, of any number of rows. Raises EngineError."""
        key = tuple(sorted(reading_settings(replace(limits, max_rows=0)).items()))
        with self._reading(key, limits, query_id, streams=True) as session:
            self._check(session, sql, params)
            yield from self._batches(session, sql, _bound(params))

    @abstractmethod
    def _batches(self, session: Session, sql: str, params: dict[str, object]) -> Iterator[pa.RecordBatch]:
        """Yield a query's result as it is read."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Insert rows as the trusted writer. Return their number. Durable against process death on return."""
        if not rows:
            return 0
        types = [_COLUMN_TYPES[table][name] for name in columns]
        with translated(), self._writing() as session:
            session.client.insert(
                table,
                rows,
                column_names=list(columns),
                column_type_names=types,
                database=self.database,
                settings=self._insert_settings(),
            )
        return len(rows)

    def insert_arrow(self, table: str, batch: pa.Table) -> int:
        """Insert an Arrow table as the trusted writer. Return the number of rows."""
        if batch.num_rows:
            with translated(), self._writing() as session:
                session.client.insert_arrow(table, batch, database=self.database, settings=self._insert_settings())
        return int(batch.num_rows)

    def command(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """Run one trusted statement of ours (DDL, INSERT ... SELECT, mutation). Never text from a caller."""
        with translated(), self._writing() as session:
            if sql.lstrip().upper().startswith(("SELECT", "WITH", "SHOW", "DESCRIBE", "CHECK", "EXISTS")):
                result = session.client.query(sql, parameters=_bound(params), query_formats=_FORMATS)
                return Rows(
                    list(result.column_names),
                    [kind.name for kind in result.column_types],
                    [tuple(row) for row in result.result_rows],
                )
            session.client.command(sql, parameters=_bound(params))
            self._headers.forget()
            return Rows([], [], [])

    def cancel(self, query_id: str) -> bool:
        """Stop a running query within 0.5 s. Return whether it was running."""
        runs = self._running.of(query_id)
        deadline = time.monotonic() + CANCEL_SECONDS
        for run in runs:
            run.is_cancelled = True
        for run in runs:
            # A kill sent before the engine knows the query finds nothing: ask again until it is gone.
            while not run.done.is_set() and time.monotonic() < deadline:
                self._kill(run)
                run.done.wait(0.02)
        return bool(runs)

    def progress(self, query_id: str) -> Progress | None:
        """Return how far a running query is, None when it is not running."""
        runs = self._running.of(query_id)
        if not runs:
            return None
        condition = " OR ".join(self._condition(run.session) for run in runs if run.session is not None)
        if not condition:
            return Progress()
        with translated(), self._control.lease((), WRITE_WAIT_SECONDS) as session:
            found = session.client.query(
                "SELECT sum(read_rows), sum(read_bytes), sum(total_rows_approx), max(elapsed)"
                f" FROM {self._processes()} WHERE {condition}"
            ).result_rows
        rows_read, bytes_read, total, seconds = found[0] if found else (0, 0, 0, 0.0)
        return Progress(int(rows_read), int(bytes_read), int(total), float(seconds))

    def close(self) -> None:
        """Stop running queries and let go of the data directory."""
        for run in self._running.all():
            run.is_cancelled = True
            with contextlib.suppress(EngineError):
                self._kill(run)
        for run in self._running.all():
            run.done.wait(CANCEL_SECONDS)
        for pool in (self._readers, self._writers, self._control):
            pool.close()

    def _processes(self) -> str:
        return "system.processes"

    def _on_cluster(self) -> str:
        return ""

    def _kill(self, run: Run) -> None:
        session = run.session
        if session is None:
            return  # it still waits for a session, and ends by itself
        # The lock keeps the session from being lent to the next query before the kill is done.
        with session.lock:
            if run.done.is_set():
                return
            with translated(), self._control.lease((), WRITE_WAIT_SECONDS) as control:
                control.client.command(f"KILL QUERY{self._on_cluster()} WHERE {self._condition(session)} ASYNC")

    @contextlib.contextmanager
    def _reading(self, key: Key, limits: Limits, query_id: str | None, *, streams: bool = False) -> Iterator[Session]:
        with (
            self._running.entered(query_id) as run,
            translated(),
            self._readers.lease(key, limits.max_seconds, run.check) as session,
        ):
            run.session = session
            session.is_spoiled = True
            try:
                with translated():
                    yield session
                run.check()
                session.is_spoiled = False
            except EngineError as error:
                run.check()  # whatever a killed statement said of itself
                session.is_spoiled = streams or not isinstance(error, QueryMistake | QueryRefused)
                raise
            finally:
                run.done.set()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._writers.lease(tuple(sorted(WRITING.items())), WRITE_WAIT_SECONDS) as session:
            yield session


def make_tables(client: Client, statements: Sequence[str], database: str, cluster: str | None = None) -> None:
    """Make the database and its tables where they are missing, and the columns that they lack."""
    for statement in statements:
        client.command(statement)
    found = client.query(
        "SELECT table, groupArray(name) FROM system.columns WHERE database = {database:String} GROUP BY table",
        parameters={"database": database},
    ).result_rows
    for statement in upgrade_ddl({str(table): names for table, names in found}, database, cluster):
        client.command(statement)


class Labels:
    """Numbers the sessions of this process."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._lock = threading.Lock()
        self._next = 0

    def make(self) -> str:
        """Return a label nobody else has."""
        with self._lock:
            self._next += 1
            return f"{self._prefix}-{self._next}"


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the library's exceptions into those of `base.py`."""
    try:
        yield
    except OperationalError as error:
        known = to_engine_error(str(error), getattr(error, "code", 0) or 0)
        if known.code:
            raise known from error
        raise EngineUnavailable("The ClickHouse server does not answer.") from error
    except NotSupportedError as error:  # a type that has no value outside ClickHouse, as an aggregate's state
        raise QueryMistake(str(error), code=48, name="NOT_IMPLEMENTED") from error
    except ConnectError as error:
        raise to_engine_error(str(error), getattr(error, "code", 0) or 0) from error


def explain_ast(session: Session, sql: str, params: Mapping[str, object] | None) -> list[str]:
    """Return the lines of the statement's syntax tree. It must be known to be a single statement."""
    # Raw, because query() takes a statement that ends in LIMIT 0 for a question about columns.
    raw = session.client.raw_query(f"EXPLAIN AST {sql}", parameters=_bound(params), fmt=AST_FORMAT)
    return raw.decode("utf-8", "replace").removesuffix("\n").split("\n")


def _bound(params: Mapping[str, object] | None) -> dict[str, object]:
    return dict(params or {})


def _describe(session: Session, sql: str, params: Mapping[str, object] | None) -> Header:
    found = session.client.query(f"DESCRIBE ({sql}\n)", parameters=_bound(params)).result_rows
    return Header(tuple(str(row[0]) for row in found), tuple(str(row[1]) for row in found))


def _finished(summary: Mapping[str, object], seconds: float) -> Progress:
    def number(name: str) -> int:
        return int(str(summary.get(name, 0)))

    return Progress(number("read_rows"), number("read_bytes"), number("read_rows"), seconds)
