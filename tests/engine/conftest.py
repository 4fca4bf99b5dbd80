"""The engine's own tests run on every engine: embedded, over HTTP, and on a real server where one is given."""

import pytest

from insights_mcp.local.engine.base import Engine
from tests.conftest import ENGINES

UNEMPTIED = {
    "embedded_engine": "process_engine",
    "http_engine": "process_http_engine",
    "server_engine": "process_server_engine",
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=ENGINES)
def reading_engine(request: pytest.FixtureRequest) -> Engine:
    """Return an engine whatever its tables hold, for the many tests that write nothing."""
    found: Engine = request.getfixturevalue(UNEMPTIED[request.param])
    return found
