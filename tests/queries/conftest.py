"""The backend's application over a real engine and store, with a clock that tests set."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from tests.queries.world import World

KEY = "phx_the_key_of_these_tests"


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 16, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store(tmp_path: Path, clock: SetClock) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def service(store: Store, engine: Engine, clock: SetClock) -> Iterator[QueryService]:
    service = QueryService(store, engine, clock)
    yield service
    service.close()


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
async def api(
    store: Store, engine: Engine, service: QueryService, clock: SetClock, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key that may do everything, on the project of the URL's choice."""
    backend = Backend(store, engine, service, Intake(store, engine, clock), tmp_path, clock=clock)
    transport = httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client
