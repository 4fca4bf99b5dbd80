"""PathsQuery, answered by following every person's events (facts/queries.md 1.5)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import funnels
from tests.oracle.events import Event, Project, text_of
from tests.oracle.filters import passes
from tests.oracle.times import instant, resolve

PAUSE = timedelta(minutes=30)

# What the random questions' expressions say of an event.
EXPRESSIONS: dict[str, Any] = {
    "event": lambda event: event.event,
    "concat(event, '!')": lambda event: event.event + "!",
    "properties.kind": lambda event: text_of(event.properties, "kind"),
    "length(event)": lambda event: str(len(event.event.encode())),
}


@dataclass(frozen=True)
class Visit:
    at: datetime
    item: str


Walk = list[Visit]


def answer(project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The edges. Raises funnels.Ambiguous where a funnel has no one answer."""
    settings = query["pathsFilter"]
    took = defaultdict(list)
    for _, walk in walks(project, query, now):
        for step, (one, following) in enumerate(pairwise(walk), 1):
            took[f"{step}_{one.item}", f"{step + 1}_{following.item}"].append(
                (following.at - one.at) / timedelta(milliseconds=1)
            )
    least, most = settings.get("minEdgeWeight") or 0, settings.get("maxEdgeWeight") or len(project.events)
    edges = [
        {"source": source, "target": target, "value": len(times), "average_conversion_time": fmean(times)}
        for (source, target), times in took.items()
        if least <= len(times) <= most
    ]
    edges.sort(key=lambda edge: (-edge["value"], edge["source"], edge["target"]))
    return connected(edges[: settings.get("edgeLimit") or 50])


def actors(project: Project, query: dict[str, Any], keys: Mapping[str, str], now: datetime) -> dict[str, int]:
    """How often each person passed what the keys name."""
    passed: Counter[str] = Counter()
    for person, walk in walks(project, query, now):
        nodes = names_of(walk)
        if "pathDropoffKey" in keys:
            passed[person] += nodes[-1] == keys["pathDropoffKey"]
            continue
        for before, node in zip([None, *nodes], nodes, strict=False):
            is_from = keys.get("pathStartKey") in (None, before)
            passed[person] += is_from and keys.get("pathEndKey") in (None, node)
    return {person: times for person, times in passed.items() if times}


def names_of(walk: Walk) -> list[str]:
    return [f"{step}_{visit.item}" for step, visit in enumerate(walk, 1)]


def connected(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The edges that some path's first item leads to over other edges."""
    known = {edge["source"] for edge in edges if edge["source"].startswith("1_")}
    while True:
        more = {edge["target"] for edge in edges if edge["source"] in known} - known
        if not more:
            return [edge for edge in edges if edge["source"] in known]
        known |= more


# ---- walks


def walks(project: Project, query: dict[str, Any], now: datetime) -> list[tuple[str, Walk]]:
    """Every person's paths as they are looked at."""
    visits: dict[str, Walk] = defaultdict(list)
    parts = funnel_parts(project, query, now)
    for event in project.events:
        if is_in(project, query, event, now) and (parts is None or parts.holds(event)):
            item = item_of(project, query, event)
            if not (query["pathsFilter"].get("includeEventTypes") and item in excluded(query)):
                person = project.people.person_of[event.distinct_id]
                visits[person].append(Visit(instant(event.timestamp), item))
    pause = PAUSE if parts is None else parts.question.window
    found = []
    for person, all_of_them in visits.items():
        for walk in split(sorted(all_of_them, key=lambda one: (one.at, one.item)), pause):
            cut = limit(without_repeats(walk), query["pathsFilter"])
            if cut:
                found.append((person, cut))
    return found


def split(visits: Walk, pause: timedelta) -> Iterable[Walk]:
    walk: Walk = []
    for visit in visits:
        if walk and visit.at - walk[-1].at >= pause:
            yield walk
            walk = []
        walk.append(visit)
    yield walk


def without_repeats(walk: Walk) -> Walk:
    """The last visit of each run of the same item; a run without a name at the end is nothing."""
    kept = [one for one, following in pairwise(walk) if one.item != following.item]
    return [*kept, walk[-1]] if walk[-1].item else kept


def limit(walk: Walk, settings: dict[str, Any]) -> Walk:
    most = settings.get("stepLimit") or 5
    start, end = settings.get("startPoint"), settings.get("endPoint")
    if not (start and end):
        start, end = point(start), point(end)
    items = [one.item for one in walk]
    if start:
        if start not in items:
            return []
        walk = walk[items.index(start) :]
        items = [one.item for one in walk]
    if end:
        if end not in items:
            return []
        walk = walk[: items.index(end) + 1]
    if not (start and end):
        return walk[-most:] if end else walk[:most]
    if len(walk) <= most:
        return walk
    half = most // 2
    middle = Visit(walk[half].at, "...")
    return [*walk[:half], middle, *walk[len(walk) - half :]]


def point(text: str | None) -> str | None:
    return text[:-1] if text and text != "/" and text.endswith("/") else text


# ---- events and items


def is_in(project: Project, query: dict[str, Any], event: Event, now: datetime) -> bool:
    zone = ZoneInfo(project.timezone)
    span = resolve(query, "day", now, zone, project.week_start_day)
    if not span.holds(event.timestamp):
        return False
    if span.weekdays and event.timestamp.astimezone(zone).isoweekday() not in span.weekdays:
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties")) and is_of_type(query, event)


def is_of_type(query: dict[str, Any], event: Event) -> bool:
    types = [one for one in query["pathsFilter"].get("includeEventTypes") or [] if one != "hogql"]
    if not types:
        return True
    return event.event in types or ("custom_event" in types and not event.event.startswith("$"))


def excluded(query: dict[str, Any]) -> list[str]:
    found: list[str] = query["pathsFilter"].get("excludeEvents") or []
    return found


def has_own_item(query: dict[str, Any], type_: str) -> bool:
    types = query["pathsFilter"].get("includeEventTypes")
    return type_ in types if types else type_ not in excluded(query)


def item_of(project: Project, query: dict[str, Any], event: Event) -> str:
    settings = query["pathsFilter"]
    item: str | None = event.event
    if event.event == "$screen" and has_own_item(query, "$screen"):
        item = text_of(event.properties, "$screen_name")
    elif event.event == "$pageview" and has_own_item(query, "$pageview"):
        item = point(text_of(event.properties, "$current_url"))
    elif has_own_item(query, "hogql") and settings.get("pathsHogQLExpression"):
        item = EXPRESSIONS[settings["pathsHogQLExpression"]](event)
    item = item or ""
    rules = project.path_cleaning_filters if settings.get("pathReplacements") else []
    for rule in [*rules, *(settings.get("localPathCleaningFilters") or [])]:
        item = re.sub(rule["regex"], rule["alias"].replace("\\", "\\\\"), item)
    return group(item, settings.get("pathGroupings") or [])


def group(item: str, groupings: list[str]) -> str:
    """The grouping whose match in the item ends first, else the item."""
    for end in range(len(item) + 1):
        for grouping in groupings:
            pattern = ".*".join(re.escape(part) for part in grouping.split("*"))
            if re.search(pattern, item[:end], re.DOTALL):
                return grouping
    return item


# ---- parts of funnels


@dataclass(frozen=True)
class Parts:
    question: funnels.Question
    of_actor: dict[Any, tuple[datetime, datetime]]

    def holds(self, event: Event) -> bool:
        since, until = self.of_actor.get(funnels.actor_of(self.question, event), (None, None))
        return since is not None and until is not None and since <= instant(event.timestamp) <= until


def funnel_parts(project: Project, query: dict[str, Any], now: datetime) -> Parts | None:
    asked = query.get("funnelPathsFilter")
    if asked is None:
        return None
    source, step = asked["funnelSource"], asked["funnelStep"]
    span = resolve(source, source.get("interval", "day"), now, ZoneInfo(project.timezone), project.week_start_day)
    question = funnels.Question(project, source, span)
    walk = funnels.walk_unordered if question.order == "unordered" else funnels.walk
    found = {}
    for actor, events in funnels.histories(question).items():
        chain = walk(question, events, None)
        if chain is not None and did(question, chain, step):
            found[actor] = bounds(question, chain, asked["funnelPathType"], step)
    return Parts(question, found)


def did(question: funnels.Question, chain: funnels.Reached, step: int) -> bool:
    if step > 0:
        return step in chain.steps
    before = max(one for one in range(1, -step) if one not in question.optional)
    return before in chain.steps and -step not in chain.steps


def bounds(question: funnels.Question, chain: funnels.Reached, type_: str, step: int) -> tuple[datetime, datetime]:
    ever = (instant(datetime(1970, 1, 2).astimezone()), instant(datetime(2100, 1, 1).astimezone()))
    last = step if step > 0 else -step - 1
    at = moment_of(question, chain, last)
    if type_ == "funnel_path_before_step":
        return ever[0], at
    if type_ == "funnel_path_between_steps":
        return moment_of(question, chain, last - 1), at
    return (at if step > 0 else at + question.window), ever[1]


def moment_of(question: funnels.Question, chain: funnels.Reached, step: int) -> datetime:
    """When a step was done, or the last required one before an optional one."""
    return chain.times[len([one for one in range(1, step + 1) if one not in question.optional]) - 1]
