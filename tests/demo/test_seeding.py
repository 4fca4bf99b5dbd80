"""Writing the demo project into a backend: once, whole, and to its end after a crash."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insights_mcp.local.backend import Backend
from insights_mcp.local.demo import seed_demo
from insights_mcp.local.demo.calendar import live_through
from insights_mcp.local.demo.journey import DROP_DAYS
from insights_mcp.local.demo.saved import DASHBOARDS, INSIGHTS
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import Team, create_project, current_project, update_project

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


def ask(backend: Backend, team: Team, query: dict[str, object]) -> Any:
    return backend.queries.answer(team, query, refresh="force_blocking").results


def browsers_by_loss(backend: Backend, team: Team) -> list[str]:
    """Return the browsers by how many fewer subscriptions a day they bring since the drop, the most first."""
    paid = {"kind": "EventsNode", "event": "subscription_started"}
    before, since = (
        {
            row["breakdown_value"]: row["aggregated_value"] / days
            for row in ask(
                backend,
                team,
                {
                    "kind": "TrendsQuery",
                    "series": [paid],
                    "dateRange": dates,
                    "trendsFilter": {"display": "ActionsTable"},
                    "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event"},
                },
            )
        }
        for dates, days in (
            ({"date_from": f"-{DROP_DAYS + 60}d", "date_to": f"-{DROP_DAYS + 1}d"}, 60),
            ({"date_from": f"-{DROP_DAYS - 1}d"}, DROP_DAYS),
        )
    )
    return sorted(before, key=lambda browser: since.get(browser, 0) - before[browser])


def what_goes_with_dropping_out(backend: Backend, team: Team) -> list[str]:
    """Return the events that people who started a checkout and did not pay have done, the tellest first."""
    funnel = {
        "kind": "FunnelsQuery",
        "series": [{"kind": "EventsNode", "event": name} for name in ("checkout_started", "subscription_started")],
        "dateRange": {"date_from": "-30d"},
    }
    query = {
        "kind": "FunnelCorrelationQuery",
        "source": {"kind": "FunnelsActorsQuery", "source": funnel},
        "funnelCorrelationType": "events",
    }
    events = ask(backend, team, query)["events"]
    failures = [one for one in events if one["correlation_type"] == "failure"]
    return [one["event"]["event"] for one in sorted(failures, key=lambda one: one["odds_ratio"])]


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
    assert set(browsers_by_loss(backend, team)[:2]) == {"Safari", "Mobile Safari"}
    assert what_goes_with_dropping_out(backend, team)[0] == "payment_error"
