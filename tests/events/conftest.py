"""A backend with a real engine and intake, and an HTTP client on it."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import Team, get_project

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


class SettableClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class StoredEvent:
    """An event as a query sees it: with its current person."""

    uuid: str
    event: str
    distinct_id: str
    timestamp: datetime
    person_id: str
    person_mode: str
    elements_chain: str
    properties: dict[str, object]


@dataclass
class Reader:
    """Reads what is stored, as queries do: overrides first, newest version of a person."""

    engine: Engine

    def events(self, team_id: int = 1) -> list[StoredEvent]:
        found = self.engine.command(
            "SELECT e.uuid, e.event, e.distinct_id, e.timestamp,"
            " if(notEmpty(o.distinct_id), o.person_id, e.person_id) AS person, e.person_mode, e.elements_chain,"
            " e.properties FROM events AS e LEFT JOIN (SELECT * FROM person_distinct_id_overrides FINAL) AS o"
            " ON o.team_id = e.team_id AND o.distinct_id = e.distinct_id"
            " WHERE e.team_id = {team:UInt32} ORDER BY e.timestamp, e.distinct_id",
            {"team": team_id},
        )
        return [
            StoredEvent(str(row[0]), *row[1:4], str(row[4]), *row[5:7], json.loads(str(row[7])))  # type: ignore[arg-type]
            for row in found.rows
        ]

    def persons(self, team_id: int = 1) -> dict[str, dict[str, object]]:
        """Return the properties of every living person by id."""
        found = self.engine.command(
            "SELECT id, properties FROM persons FINAL WHERE team_id = {team:UInt32} AND NOT is_deleted",
            {"team": team_id},
        )
        return {str(row[0]): json.loads(str(row[1])) for row in found.rows}

    def person(self) -> dict[str, object]:
        """Return the properties of the only person."""
        (only,) = self.persons().values()
        return only


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def store(tmp_path: Path, clock: SettableClock) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.sqlite", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def intake(store: Store, engine: Engine, clock: SettableClock) -> Intake:
    return Intake(store, engine, clock)


@pytest.fixture
def team(store: Store) -> Team:
    with store.read() as db:
        found = get_project(db, 1)
    assert found
    return found


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine)


@pytest.fixture
def backend(store: Store, engine: Engine, intake: Intake, clock: SettableClock, tmp_path: Path) -> Backend:
    return Backend(store, engine, None, intake, tmp_path, clock=clock)  # type: ignore[arg-type]  # no query runs here


@pytest.fixture
async def http(backend: Backend) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(backend, api_key="phx_of_these_tests"), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
