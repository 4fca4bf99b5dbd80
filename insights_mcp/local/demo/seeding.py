"""Writes the demo project: its people's events, and what a team would have saved about them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from insights_mcp.local.demo.calendar import live_through
from insights_mcp.local.demo.saved import save_insights
from insights_mcp.local.store.projects import DEMO_PROJECT_NAME, Team, create_project, list_projects, update_project

if TYPE_CHECKING:
    from insights_mcp.local.backend import Backend

_BATCH = 5_000


def seed_demo(backend: "Backend", now: datetime | None = None) -> Team:
    """Write the demo project unless it is there already, complete. Return it.

    A seeding that was cut short is taken up again: events are told apart by their uuid. Raises EngineError.
    """
    moment = now or backend.clock()
    team = _find_or_create(backend, moment)
    if team.settings.get("demo_seeded_at"):
        return team
    # Where it stopped, the story goes on with the same `now`, so that the same events come out.
    started = datetime.fromisoformat(str(team.settings["demo_began_at"]))
    _write_events(backend, team, started)
    save_insights(backend.store, team, started)
    return _note(backend, team, "demo_seeded_at", moment)


def _find_or_create(backend: "Backend", now: datetime) -> Team:
    with backend.store.write() as db:
        for team in list_projects(db):
            if team.is_demo:
                return team
        team = create_project(db, DEMO_PROJECT_NAME, now=now, is_demo=True)
    return _note(backend, team, "demo_began_at", now)


def _note(backend: "Backend", team: Team, key: str, moment: datetime) -> Team:
    with backend.store.write() as db:
        settings = {**team.settings, key: moment.isoformat()}
        return update_project(db, team.id, {"settings": settings}, backend.clock())


def _write_events(backend: "Backend", team: Team, now: datetime) -> None:
    payloads: list[Mapping[str, object]] = [event for journey in live_through(now) for event in journey.events]
    payloads.sort(key=_time_of)
    for start in range(0, len(payloads), _BATCH):
        _write_batch(backend, team, payloads[start : start + _BATCH])


def _write_batch(backend: "Backend", team: Team, payloads: Sequence[Mapping[str, object]]) -> None:
    backend.intake.capture(team, payloads)


def _time_of(payload: Mapping[str, object]) -> str:
    return str(payload["timestamp"])
