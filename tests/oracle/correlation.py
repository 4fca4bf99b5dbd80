"""FunnelCorrelationQuery, answered by looking at every actor's events (facts/queries.md 1.8)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from tests.oracle import funnels
from tests.oracle.events import Event, Project, text_of
from tests.oracle.times import instant, resolve


@dataclass(frozen=True)
class Actor:
    """One actor of the funnel: from when until when it was in it, and whether it got to the end."""

    name: str
    first: datetime
    until: datetime
    succeeded: bool


def answer(project: Project, query: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The events or properties that go with success or failure."""
    funnel = query["source"]["source"]
    span = resolve(funnel, funnel.get("interval", "day"), now, ZoneInfo(project.timezone), project.week_start_day)
    question = funnels.Question(project, funnel, span)
    actors = find_actors(question, query["source"].get("funnelStep") or 1)
    with_it: dict[str, set[str]] = {}
    for actor in actors:
        for name in candidates(question, query, actor):
            with_it.setdefault(name, set()).add(actor.name)
    succeeded = {actor.name for actor in actors if actor.succeeded}
    failed = {actor.name for actor in actors} - succeeded
    if not succeeded or not failed:
        return {"events": [], "skewed": True}
    few = 2 if query.get("funnelCorrelationType") == "event_with_properties" else 0
    rows = []
    for name, owners in with_it.items():
        success, failure = len(owners & succeeded), len(owners & failed)
        if success + failure <= few or success + failure < min(25, 0.02 * len(actors)):
            continue
        odds = ((success + 1) * (len(failed) - failure + 1)) / ((len(succeeded) - success + 1) * (failure + 1))
        rows.append((name, success, failure, odds))
    best = sorted((row for row in rows if row[3] > 1), key=lambda row: (-row[3], row[0]))[:10]
    worst = sorted((row for row in rows if row[3] <= 1), key=lambda row: (row[3], row[0]))[:10]
    ratio = len(succeeded) / len(failed)
    return {"events": [show(row) for row in (*best, *worst)], "skewed": ratio > 10 or ratio < 0.1}


def show(row: tuple[str, int, int, float]) -> dict[str, Any]:
    name, success, failure, odds = row
    return {
        "success_count": success,
        "failure_count": failure,
        "odds_ratio": odds,
        "correlation_type": "success" if odds > 1 else "failure",
        "event": {"event": name, "properties": {}, "elements": []},
    }


def find_actors(question: funnels.Question, step: int) -> list[Actor]:
    found = []
    for name, events in funnels.histories(question).items():
        walk = funnels.walk_unordered if question.order == "unordered" else funnels.walk
        chain = walk(question, events, None)
        if chain is None or step not in chain.steps:
            continue
        succeeded = question.size in chain.steps
        until = chain.times[-1] if succeeded else window_end(question, chain.times[0])
        found.append(Actor(name, chain.times[0], until, succeeded))
    return found


def window_end(question: funnels.Question, first: datetime) -> datetime:
    """Months are those of the calendar here, and of 31 days in the funnel itself."""
    if question.settings.get("funnelWindowIntervalUnit") != "month":
        return first + question.window
    return first.astimezone(UTC) + relativedelta(months=question.settings.get("funnelWindowInterval", 14))


def candidates(question: funnels.Question, query: dict[str, Any], actor: Actor) -> set[str]:
    kind = query.get("funnelCorrelationType", "events")
    if kind == "properties":
        return set(own_properties(question, query, actor))
    names: set[str] = set()
    for event in question.project.events:
        if funnels.actor_of(question, event) != actor.name or not counts(question, event, actor):
            continue
        if kind == "events":
            names |= {event.event} - set(query.get("funnelCorrelationExcludeEventNames") or [])
        elif event.event in query["funnelCorrelationEventNames"]:
            excluded = query.get("funnelCorrelationEventExcludePropertyNames") or []
            names |= {f"{event.event}::{one}" for one in pairs(event.properties, excluded)}
    return names


def counts(question: funnels.Question, event: Event, actor: Actor) -> bool:
    if event.event in {step.get("event") for step in question.query["series"]}:
        return False
    at = instant(event.timestamp).replace(microsecond=0)
    start, end = instant(question.span.start), instant(question.span.end).replace(microsecond=0)
    return start <= at < end and actor.first < at < actor.until


def own_properties(question: funnels.Question, query: dict[str, Any], actor: Actor) -> list[str]:
    known = question.project.people.properties.get(actor.name, {})
    excluded = query.get("funnelCorrelationExcludeNames") or []
    if "$all" in query["funnelCorrelationNames"]:
        return pairs(known, excluded)
    texts = {name: known.get(name) for name in query["funnelCorrelationNames"] if name not in excluded}
    return [f"{name}::{value if isinstance(value, str) else ''}" for name, value in texts.items()]


def pairs(properties: dict[str, Any], excluded: list[str]) -> list[str]:
    """Keys and values as the engine reads them: everything has a text, null has none."""
    found = []
    for key, value in properties.items():
        if key not in excluded and value is not None:
            found.append(f"{key}::{text_of(properties, key)}")
    return found
