"""What every test shares: one engine per test process, no real keys, nothing of the user's own files."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from insights_mcp.settings import VARIABLES

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine


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


@pytest.fixture(scope="session")
def process_engine(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Engine]":
    """Open chDB, once per test process: it allows one directory, and reopening leaks (facts/engine.md 0.2)."""
    from insights_mcp.local.engine import open_engine

    engine = open_engine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture
def engine(process_engine: "Engine") -> "Engine":
    """The engine with empty tables."""
    from insights_mcp.local.engine.tables import TABLES

    for table in TABLES:
        process_engine.command(f"TRUNCATE TABLE {table.name}")
    return process_engine


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"
