"""A whole backend over a real engine: events come in by capture, questions by HTTP."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from insights_mcp.local.answers.definitions import StoredDefinitions
from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_project

KEY = "phx_the_key_of_these_tests"
PROJECT = "/api/projects/1"


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 16, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Project:
    """One project of a backend, by capture and HTTP."""

    backend: Backend
    http: httpx.AsyncClient

    def capture(self, *events: tuple[str, str, str] | tuple[str, str, str, Mapping[str, Any]]) -> None:
        """Store events: (event, distinct id, time) and perhaps properties."""
        with self.backend.store.read() as db:
            team = get_project(db, 1)
        assert team is not None
        names = ("event", "distinct_id", "timestamp", "properties")
        self.backend.intake.capture(team, [dict(zip(names, one, strict=False)) for one in events])

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """Post and expect success."""
        answer = await self.http.post(PROJECT + path, json=body)
        assert answer.status_code in (200, 201), answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def patch(self, path: str, body: object) -> dict[str, Any]:
        """Patch and expect success."""
        answer = await self.http.patch(PROJECT + path, json=body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def get(self, path: str, **params: Any) -> Any:
        """Get and expect success."""
        answer = await self.http.get(PROJECT + path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, query: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Run a query and expect an answer."""
        return await self.post("/query/", {"query": query, **more})

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str | None, str]:
        """Send a request that must be refused; return status, the field it is about, and the reason."""
        answer = await self.http.request(method, PROJECT + path, json=body)
        assert answer.status_code >= 400, answer.text
        told = answer.json()
        return answer.status_code, told["attr"], told["detail"]

    async def totals(self, series: Mapping[str, Any], **more: Any) -> Sequence[float]:
        """Return the counts of a trend over the last seven days."""
        answer = await self.ask({"kind": "TrendsQuery", "series": [series], **more})
        return [one["count"] for one in answer["results"]]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def backend(engine: Engine, clock: SetClock, tmp_path: Path) -> Iterator[Backend]:
    store = Store.open(tmp_path / "store.db", clock=clock)
    queries = QueryService(store, engine, clock, definitions=StoredDefinitions(store, engine, clock))
    yield Backend(store, engine, queries, Intake(store, engine, clock), tmp_path, clock=clock)
    queries.close()
    store.close()


@pytest.fixture
async def project(backend: Backend) -> AsyncIterator[Project]:
    transport = httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield Project(backend, client)
