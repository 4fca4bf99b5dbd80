"""Writing the demo project into a backend: once, whole, and to its end after a crash."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights_mcp.local.backend import Backend
from insights_mcp.local.demo import seed_demo
from insights_mcp.local.demo.calendar import live_through
from insights_mcp.local.demo.saved import DASHBOARDS, INSIGHTS
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import create_project, current_project, update_project

NOW = datetime(2026, 9, 16, 12, 30, tzinfo=UTC)


@pytest.fixture
def backend(engine: Engine, tmp_path: Path) -> Iterator[Backend]:
    store = Store.open(tmp_path / "insights.sqlite3", clock=lambda: NOW)
    queries = QueryService(store, engine, lambda: NOW)
    yield Backend(
        store=store,
        engine=engine,
        queries=queries,
        intake=Intake(store, engine, lambda: NOW),
        data_dir=tmp_path,
        clock=lambda: NOW,
    )
    queries.close()
    store.close()


def count_events(backend: Backend) -> int:
    return int(str(backend.engine.command("SELECT count() FROM events").rows[0][0]))


def count_insights(backend: Backend) -> tuple[int, int]:
    with backend.store.read() as db:
        insights = db.execute("SELECT count(*) FROM insights").fetchone()[0]
        return insights, db.execute("SELECT count(*) FROM dashboards").fetchone()[0]


def test_demo_is_finished_after_a_crash_and_written_once(backend: Backend) -> None:
    story = [event for journey in live_through(NOW) for event in journey.events]
    with backend.store.write() as db:
        team = create_project(db, "Demo project", now=NOW, is_demo=True)
        team = update_project(db, team.id, {"settings": {"demo_began_at": NOW.isoformat()}}, NOW)
    backend.intake.capture(team, story[:3000])

    for _ in range(2):
        seed_demo(backend)

        assert count_events(backend) == len(story)
        assert count_insights(backend) == (len(INSIGHTS), len(DASHBOARDS))
    with backend.store.read() as db:
        assert current_project(db).id == team.id
