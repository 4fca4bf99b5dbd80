"""Nothing that a query can say reaches a file, the network, another table, settings or system tables."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from insights_mcp.local.engine.base import (
    Engine,
    EngineError,
    Limits,
    QueryMistake,
    QueryOutOfMemory,
    QueryRefused,
    QueryTimeout,
)
from insights_mcp.local.engine.tables import TABLES
from tests.engine.hostile import HARMLESS, HOSTILE


class Listener:
    """Counts who connects to a loopback port."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.visits = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    assert listener.visits == 0
    listener.close()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("outside") / "secret.txt"
    path.write_text("the secret\n")
    return path


@pytest.mark.parametrize("statement", HOSTILE)
def test_hostile_statement_is_refused(reading_engine: Engine, listener: Listener, secret: Path, statement: str) -> None:
    out = secret.parent / "out.txt"
    sql = statement.replace("SECRET", str(secret)).replace("OUT", str(out)).replace("PORT", str(listener.port))
    params = {"t": "system.one"} if "{t:" in sql else None
    # A statement the parser knows not (mistake) is as good as refused: nothing ran.
    with pytest.raises((QueryRefused, QueryMistake)) as caught:
        reading_engine.run(sql, params)
    assert "the secret" not in str(caught.value)
    assert not out.exists()
    assert listener.visits == 0


def test_corpus_holds_at_least_150_different_statements() -> None:
    assert len(HOSTILE) >= 150
    assert len(set(HOSTILE)) == len(HOSTILE)


def test_tables_are_whole_after_the_corpus(engine: Engine) -> None:
    found = {row[0] for row in engine.command("SELECT name FROM system.tables WHERE database = 'insights'").rows}
    assert found == {table.name for table in TABLES}


@pytest.mark.parametrize("sql", HARMLESS)
def test_what_insights_ask_passes(reading_engine: Engine, sql: str) -> None:
    reading_engine.run(sql)


def test_statement_that_passed_once_passes_again_and_refused_one_stays_refused(reading_engine: Engine) -> None:
    for _ in range(2):
        assert reading_engine.run("SELECT 1 AS a").rows == [(1,)]
        with pytest.raises(QueryRefused):
            reading_engine.run("SELECT hostName()")


def test_streams_are_guarded_as_runs_are(reading_engine: Engine) -> None:
    with pytest.raises(QueryRefused):
        next(reading_engine.stream("SELECT * FROM system.one"))


def test_reader_session_itself_can_neither_write_nor_read_files(engine: Engine, secret: Path) -> None:
    """The walls behind the guard: what a statement meets that slipped past it."""
    with engine._readers.lease((), 1.0) as session:  # type: ignore[attr-defined]  # the session itself is under test
        for sql in (
            "INSERT INTO events (event) VALUES ('x')",
            "DROP TABLE events",
            "SET readonly = 0",
            f"SELECT * FROM file('{secret}', LineAsString)",
            "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
            "CREATE TABLE x (a Int8) ENGINE = Memory",
        ):
            with pytest.raises(Exception, match=r"READONLY|ACCESS_DENIED"):
                session.client.command(sql)


def test_time_limit_holds(engine: Engine) -> None:
    with pytest.raises(QueryTimeout) as caught:
        engine.run(
            "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)", limits=Limits(max_seconds=0.5)
        )
    assert caught.value.code == 159


def test_memory_limit_holds(engine: Engine) -> None:
    with pytest.raises(QueryOutOfMemory) as caught:
        engine.run(
            "SELECT uniqExact(number) FROM numbers(100000000)", limits=Limits(max_seconds=20, max_memory_bytes=50 << 20)
        )
    assert caught.value.code == 241


def test_row_limit_cuts_the_answer(engine: Engine) -> None:
    assert len(engine.run("SELECT number FROM numbers(100000)", limits=Limits(max_rows=1234)).rows) == 1234


def test_error_says_nothing_of_paths(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        engine.run("SELECT * FROM '/etc/passwd'")
    assert "store" not in str(caught.value)
