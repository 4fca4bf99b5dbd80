"""An HTTP client on the backend's application, in this process."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.store.database import Store
from tests.backend.canned import KEY, CannedQueries, NoEngine, NoIntake


class TestClock:
    """A clock that tests set; it moves by a millisecond at every look, so that nothing happens twice at once."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def store(tmp_path: Path, clock: TestClock) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def queries() -> CannedQueries:
    return CannedQueries()


@pytest.fixture
def backend(store: Store, queries: CannedQueries, clock: TestClock, tmp_path: Path) -> Backend:
    return Backend(store, NoEngine(), queries, NoIntake(), tmp_path, clock=clock)  # type: ignore[arg-type]


@pytest.fixture
async def anonymous(backend: Backend) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    transport = httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def api(anonymous: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the key that may do everything."""
    anonymous.headers["Authorization"] = f"Bearer {KEY}"
    return anonymous
