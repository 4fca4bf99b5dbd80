"""The engine's own tests run on every engine: embedded, over HTTP, and on a real server where one is given."""

import pytest

from insights_mcp.local.engine.base import Engine
from tests.conftest import CLICKHOUSE_URL

ENGINES = ["embedded_engine", "http_engine", *(["server_engine"] if CLICKHOUSE_URL else [])]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found
