"""LifecycleQuery, answered by loops over events (facts/queries.md 1.7)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights_mcp.local.engine.base import Engine
from tests.oracle.agreement import ask_loaded, check_equal, load
from tests.oracle.events import Event, Project
from tests.oracle.filters import passes
from tests.oracle.times import keys, next_day, print_key, resolve

STATUSES = ("new", "returning", "resurrecting", "dormant")


def check_lifecycle(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the engine and this oracle differ."""
    load(engine, project)
    shown = ("status", "days", "data", "count")
    found = [{key: one[key] for key in shown} for one in ask_loaded(engine, project, query, now)]
    check_equal(found, answer(project, query, now))


def answer(project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """One result per status."""
    interval = query.get("interval", "day")
    span = resolve(query, interval, now, ZoneInfo(project.timezone), project.week_start_day)
    labels = keys(replace(span, weekdays=()))
    ignores_past = bool((query.get("lifecycleFilter") or {}).get("onlyUseInsightDates"))
    looked_at = labels if ignores_past else [before(labels[0], interval), *labels]
    active: dict[str, set[Any]] = {}
    for event in project.events:
        actor, moment = actor_of(project, query, event), span.bucket(event.timestamp)
        if actor is not None and moment in looked_at and wanted(project, query, event):
            active.setdefault(actor, set()).add(moment)
    counts = {status: dict.fromkeys(labels, 0.0) for status in STATUSES}
    for actor, moments in active.items():
        born = None if ignores_past else span.bucket(created_of(project, query, actor))
        for status, moment in classify(sorted(moments), born, interval, is_new=ignores_past):
            if moment in counts[status]:
                counts[status][moment] += -1 if status == "dormant" else 1
    return [
        {
            "status": status,
            "days": [print_key(label, span) for label in labels],
            "data": list(counts[status].values()),
            "count": sum(counts[status].values()),
        }
        for status in STATUSES
    ]


def classify(moments: list[Any], born: Any, interval: str, *, is_new: bool) -> list[tuple[str, Any]]:
    """What an actor is in each interval."""
    found = []
    for place, moment in enumerate(moments):
        if place == 0:
            status = "new" if is_new or born == moment else "resurrecting"
        else:
            status = "returning" if after(moments[place - 1], interval) == moment else "resurrecting"
        found.append((status, moment))
        if after(moment, interval) not in moments:
            found.append(("dormant", after(moment, interval)))
    return found


def wanted(project: Project, query: dict[str, Any], event: Event) -> bool:
    series = query["series"][0]
    if event.properties.get("$process_person_profile") is False:
        return False
    if series.get("event") not in (None, event.event):
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties")) and passes(project, event, series.get("properties"))


def actor_of(project: Project, query: dict[str, Any], event: Event) -> str | None:
    if query.get("aggregation_group_type_index") is None:
        return project.people.person_of[event.distinct_id]
    return event.properties.get("$group_0") or None


def created_of(project: Project, query: dict[str, Any], actor: str) -> datetime:
    if query.get("aggregation_group_type_index") is None:
        return project.people.created[actor]
    return project.groups[actor]


def after(key: Any, interval: str) -> Any:
    return key + timedelta(hours=1) if interval == "hour" else next_day(key, interval)


def before(key: Any, interval: str) -> Any:
    if interval == "hour":
        return key - timedelta(hours=1)
    if interval == "month":
        return (date(key.year, key.month, 1) - timedelta(days=1)).replace(day=1)
    return key - timedelta(days=7 if interval == "week" else 1)
