"""The embedded engine: chDB in this process, opened once, through clickhouse-connect (facts/engine.md 0)."""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from insights_mcp.errors import ExtraMissing
from insights_mcp.local.engine.base import EngineBusy, QueryRefused
from insights_mcp.local.engine.configuration import EngineDirectory, write_configuration
from insights_mcp.local.engine.connected import ConnectedEngine, Labels, explain_ast, make_tables, translated
from insights_mcp.local.engine.ddl import DATABASE, embedded_ddl
from insights_mcp.local.engine.failures import to_engine_error
from insights_mcp.local.engine.sessions import Key, Session
from insights_mcp.local.engine.settings import WRITING

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection
    from clickhouse_connect.driver._backend.chdb_backend import ChdbBackend
    from clickhouse_connect.driver._chdbclient import ChdbClient

_import_lock = threading.Lock()


class EmbeddedEngine(ConnectedEngine):
    """chDB over `<data_dir>/engine`. One per process, and one process per directory."""

    def __init__(self, data_dir: Path, database: str = DATABASE) -> None:
        super().__init__(database)
        self._directory = write_configuration(data_dir.absolute() / "engine", database)
        self._labels = Labels("session")
        import_chdb(self._directory)
        with translated():
            # Kept open for as long as the engine lives: each full close and reopen leaks threads and memory.
            self._anchor = self._connect()
            make_tables(self._anchor, embedded_ddl(database), database)

    def close(self) -> None:
        """Stop running queries and let go of the data directory."""
        super().close()
        self._anchor.close()

    def _connect(self) -> "ChdbClient":
        from clickhouse_connect.driver._chdbclient import ChdbClient
        from clickhouse_connect.driver.exceptions import ProgrammingError

        try:
            client = ChdbClient(
                path=str(self._directory.store),
                chdb_options={"config-file": str(self._directory.config)},
                tz_mode="aware",
            )
        except ProgrammingError as error:
            raise EngineBusy(
                "The embedded engine could not open its directory: another process has it open,"
                " or its files cannot be read."
            ) from error
        # It asked for the machine's zone, before the session had its own (settings.py).
        client.server_tz = UTC
        return client

    def _open_reader(self, key: Key) -> Session:
        client, label = self._labelled(key)
        client.database = self.database
        client.command("SET ROLE NONE")
        client.set_client_setting("readonly", 1)
        return Session(client, key, label)

    def _open_writer(self, key: Key) -> Session:
        client, label = self._labelled(key or tuple(WRITING.items()))
        client.database = self.database
        return Session(client, key, label)

    def _labelled(self, key: Key) -> "tuple[ChdbClient, str]":
        label = self._labels.make()
        client = self._connect()
        # chDB takes no query id, so a running query is known by its session's log_comment (facts/engine.md 5).
        for name, value in (*key, ("log_comment", label)):
            client.set_client_setting(name, value)
        return client, label

    def _condition(self, session: Session) -> str:
        return f"Settings['log_comment'] = '{session.label}'"

    def _check(self, session: Session, sql: str, params: Mapping[str, object] | None) -> None:
        def explain() -> list[str]:
            self._classify(session, sql)
            return explain_ast(session, sql, params)

        self._guard.check(sql, explain)

    def _classify(self, session: Session, sql: str) -> None:
        """Refuse several statements and everything that does not read. EXPLAIN would run a second one."""
        verdict = _raw(session)._conn.classify_query(sql, self.database)
        kind, count = verdict["query_class"].name, verdict["statement_count"]
        if count == 0:
            # Not parsed. Let the engine say where, by a function that only parses.
            session.client.query("SELECT formatQuery({statement:String})", parameters={"statement": sql})
        if kind != "READ_ONLY" or count != 1:
            raise QueryRefused("Only one SELECT may run.")

    def _batches(self, session: Session, sql: str, params: dict[str, object]) -> Iterator[pa.RecordBatch]:
        from chdb import ChdbError
        from clickhouse_connect.driver.binding import bind_query

        statement, bound = bind_query(sql, params, session.client.server_tz)
        names = {name.removeprefix("param_"): value for name, value in bound.items()}
        try:
            result = _raw(session).send_query(str(statement), "Arrow", params=names)
            try:
                for chunk in result:
                    yield from pa.RecordBatchFileReader(chunk.bytes()).read_all().to_batches()
            finally:
                result.close()  # type: ignore[no-untyped-call]  # chDB's own code
        except ChdbError as error:
            raise to_engine_error(str(error)) from error


def _raw(session: Session) -> "Connection":
    """Return chDB's own connection, for what clickhouse-connect does not pass on: streaming, classify_query."""
    backend: ChdbBackend = cast("ChdbClient", session.client)._backend
    return cast("Connection", backend._handle.conn)


class _WithoutPandas(MetaPathFinder):
    """Makes pandas look uninstalled in this process.

    pyarrow and clickhouse-connect import it at the first insert, only to ask whether a list is a data frame: 0.4 to
    1.2 s of the first capture, and 60 MB.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002  # protocol
        """Raise ModuleNotFoundError for pandas, and leave every other module to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out of the engine's process", name="pandas")


def import_chdb(directory: EngineDirectory) -> None:
    """Import chDB in a clean working directory and give the process its signal handlers back.

    The import starts an engine that obeys `./config.xml`, and takes over SIGSEGV and its like (facts/engine.md 0.3,
    0.4). Raises ExtraMissing when the package is not installed.
    """
    with _import_lock:
        before = os.getcwd()
        os.chdir(directory.clean)
        try:
            from chdb import _chdb
        except ImportError as error:
            raise ExtraMissing("local", "The local backend") from error
        finally:
            os.chdir(before)
        if not any(isinstance(finder, _WithoutPandas) for finder in sys.meta_path):
            sys.meta_path.insert(0, _WithoutPandas())
        _chdb.reset_signal_handlers()  # type: ignore[attr-defined]  # its stub lists user functions only
        _chdb.set_signal_handlers_enabled(0)  # type: ignore[attr-defined]  # as above
