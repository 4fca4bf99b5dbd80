"""What every test shares: one engine per test process, no real keys, nothing of the user's own files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import settings

from insights_mcp.settings import VARIABLES

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine
    from insights_mcp.local.engine.chdb import EmbeddedEngine
    from tests.clickhouse_http import ClickHouseStandIn

# The same examples in every run; `pytest --hypothesis-profile=default` and tests/oracle/run.py look for new ones.
settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")

# A real server to test against as well. Its database must be one for tests: its tables are emptied.
CLICKHOUSE_URL = os.environ.get("INSIGHTS_CLICKHOUSE_URL")
# The fixtures of the engines there are: embedded, over HTTP, and a real server where one is given.
ENGINES = ("embedded_engine", "http_engine", *(["server_engine"] if CLICKHOUSE_URL else []))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def keep_away_from_the_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's keys, or writes where the user's data is."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def process_engine(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[EmbeddedEngine]":
    """Open chDB, once per test process: it allows one directory, and reopening leaks (facts/engine.md 0.2)."""
    from insights_mcp.local.engine.chdb import EmbeddedEngine

    engine = EmbeddedEngine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture
def embedded_engine(process_engine: "EmbeddedEngine") -> "Engine":
    """Return the embedded engine with empty tables."""
    return emptied(process_engine)


@pytest.fixture
def engine(embedded_engine: "Engine") -> "Engine":
    """Return the engine with empty tables: the embedded one, unless a directory's conftest says otherwise."""
    return embedded_engine


@pytest.fixture(scope="session")
def stand_in(process_engine: "EmbeddedEngine") -> "Iterator[ClickHouseStandIn]":
    """Run a stand-in for a ClickHouse server over the embedded engine."""
    from tests.clickhouse_http import ClickHouseStandIn

    with ClickHouseStandIn(process_engine) as server:
        yield server


@pytest.fixture(scope="session")
def process_http_engine(stand_in: "ClickHouseStandIn") -> "Iterator[Engine]":
    """Open the server engine on the stand-in."""
    from insights_mcp.local.engine import open_engine
    from tests.clickhouse_http import PASSWORD, USER

    engine = open_engine(
        Path("/unused"), f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{stand_in.port}/insights"
    )
    yield engine
    engine.close()


@pytest.fixture
def http_engine(process_http_engine: "Engine") -> "Engine":
    """Return the server engine on the stand-in with empty tables. It shares them with the embedded engine."""
    return emptied(process_http_engine)


@pytest.fixture(scope="session")
def process_server_engine() -> "Iterator[Engine]":
    """Open the real server that INSIGHTS_CLICKHOUSE_URL names."""
    from insights_mcp.local.engine import open_engine

    if CLICKHOUSE_URL is None:
        pytest.skip("INSIGHTS_CLICKHOUSE_URL names no ClickHouse server")
    engine = open_engine(Path("/unused"), CLICKHOUSE_URL)
    yield engine
    engine.close()


@pytest.fixture
def server_engine(process_server_engine: "Engine") -> "Engine":
    """Return the real server's engine with empty tables."""
    return emptied(process_server_engine)


def emptied(engine: "Engine") -> "Engine":
    """Return the engine after emptying the tables that hold something."""
    filled = "SELECT name FROM system.tables WHERE database = currentDatabase() AND ifNull(total_rows, 1) > 0"
    for (name,) in engine.command(filled).rows:
        engine.command(f"TRUNCATE TABLE {name}")
    return engine
