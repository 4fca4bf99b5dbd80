"""FunnelsQuery, answered by walking over every actor's events (facts/queries.md 1.2, 1.3)."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.events import Event, Project, print_typed, value_of
from tests.oracle.filters import passes
from tests.oracle.times import Range, instant, keys, previous, print_key, resolve

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 31 * 86400}
EPSILON = timedelta(microseconds=1)


class Ambiguous(Exception):
    """The question has no one answer: two events are first at once."""


@dataclass(frozen=True)
class Step:
    """One event of an actor: when, which steps it is, which steps it is excluded before, its breakdown value."""

    at: datetime
    steps: tuple[int, ...]
    barred: tuple[int, ...]
    value: Any
    number: int = 0

    @property
    def kind(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.steps, self.barred

    @property
    def order(self) -> Any:
        """Events of one time come by their steps, then exclusions, then value."""
        return (
            self.at,
            sum(1 << step for step in self.steps) + sum(1 << (step + 64) for step in self.barred),
            self.value,
        )


@dataclass
class Reached:
    """A chain that got to a step."""

    start: datetime
    times: list[datetime] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    steps: set[int] = field(default_factory=set)
    excluded: bool = False


@dataclass(frozen=True)
class Question:
    project: Project
    query: dict[str, Any]
    span: Range
    cohort: Any = None

    @property
    def settings(self) -> dict[str, Any]:
        return self.query.get("funnelsFilter") or {}

    @property
    def size(self) -> int:
        return len(self.query["series"])

    @property
    def order(self) -> str:
        return str(self.settings.get("funnelOrderType", "ordered"))

    @property
    def viz(self) -> str:
        return str(self.settings.get("funnelVizType", "steps"))

    @property
    def window(self) -> timedelta:
        unit = SECONDS[self.settings.get("funnelWindowIntervalUnit", "day")]
        given = self.settings.get("funnelWindowInterval", 14)
        return timedelta(seconds=unit * (given if given > 0 else 14))

    @property
    def optional(self) -> set[int]:
        return {index for index, step in enumerate(self.query["series"], 1) if step.get("optionalInFunnel")}

    @property
    def breakdown(self) -> dict[str, Any] | None:
        return self.query.get("breakdownFilter") or None

    @property
    def mode(self) -> str:
        return str(self.settings.get("breakdownAttributionType", "first_touch"))

    @property
    def attributed(self) -> int | None:
        """The step before the one whose event must have the value, as the walk counts."""
        if self.breakdown is None or self.mode != "step":
            return None
        return int(self.settings.get("breakdownAttributionValue") or 0)


def answer(project: Project, query: dict[str, Any], now: datetime) -> Any:
    """The results of a funnel."""
    zone = ZoneInfo(project.timezone)
    span = resolve(query, query.get("interval", "day"), now, zone, project.week_start_day)
    question = Question(project, query, span)
    if not (query.get("compareFilter") or {}).get("compare"):
        return shape(question)
    before = replace(question, span=previous(span, query))
    return compare(question, before)


def shape(question: Question) -> Any:
    if question.viz == "trends":
        return shape_trends(question)
    if question.viz == "time_to_convert":
        times = durations(question)
        return histogram(times, edges(times or [0.0], question.settings.get("binCount")))
    return shape_steps(question)


def compare(question: Question, before: Question) -> Any:
    if question.viz == "trends":
        return [
            {**row, "compare_label": label}
            for label, one in (("current", question), ("previous", before))
            for row in shape_trends(one)
        ]
    if question.viz == "time_to_convert":
        times = {"current": durations(question), "previous": durations(before)}
        together = [time for some in times.values() for time in some]
        shared = edges(together, question.settings.get("binCount")) if together else []
        return [{**histogram(some, shared), "compare_label": label} for label, some in times.items()]
    groups = {}
    for label, one in (("current", question), ("previous", before)):
        shaped = shape_steps(one)
        for group in shaped if question.breakdown else ([shaped] if shaped else []):
            groups[label, repr(group[0].get("breakdown_value"))] = group
    values = [value for label, value in groups if label == "current"]
    values += [value for label, value in groups if label == "previous" and value not in values]
    rows = []
    for label, other in (("current", "previous"), ("previous", "current")):
        for value in values:
            group = groups.get((label, value))
            if group is None:
                nobody = {"count": 0, "average_conversion_time": None, "median_conversion_time": None}
                group = [{**step, **nobody} for step in groups[other, value]]
            rows.append([{**step, "compare_label": label} for step in group])
    return rows if question.breakdown else [step for group in rows for step in group]


# ---- events of actors


def is_in(question: Question, event: Event) -> bool:
    span, query, project = question.span, question.query, question.project
    if not instant(span.start) <= instant(event.timestamp) <= instant(span.end):
        return False
    local = event.timestamp.astimezone(span.zone)
    if span.weekdays and local.isoweekday() not in span.weekdays:
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties"))


def is_entity(question: Question, entity: dict[str, Any], event: Event) -> bool:
    if entity.get("event") is not None and event.event != entity["event"]:
        return False
    if not passes(question.project, event, entity.get("properties")):
        return False
    if not str(entity.get("math")).startswith("first_time_for_user"):
        return True
    return is_first(question, entity, event)


def is_first(question: Question, entity: dict[str, Any], event: Event) -> bool:
    """Whether an event is the person's first of all history."""
    project = question.project

    def counts(one: Event) -> bool:
        if entity.get("event") is not None and one.event != entity["event"]:
            return False
        with_filters = entity["math"] == "first_time_for_user_with_filters"
        return not with_filters or passes(project, one, entity.get("properties"))

    person = project.people.person_of[event.distinct_id]
    history = [
        one
        for one in project.events
        if project.people.person_of[one.distinct_id] == person
        and counts(one)
        and instant(one.timestamp) <= instant(question.span.end)
    ]
    earliest = min(instant(one.timestamp) for one in history)
    firsts = [one for one in history if instant(one.timestamp) == earliest]
    if len(firsts) > 1:
        raise Ambiguous
    return firsts[0] is event


def actor_of(question: Question, event: Event) -> str | None:
    if question.settings.get("funnelAggregateByHogQL"):
        return event.properties.get("$session_id") or None
    return question.project.people.person_of[event.distinct_id]


def breakdown_of(question: Question, event: Event) -> Any:
    given = question.breakdown
    if given is None:
        return None
    names = given["breakdown"] if isinstance(given["breakdown"], list) else [given["breakdown"]]
    return tuple(
        print_typed(value_of(question.project, event, given.get("breakdown_type", "event"), name)) or ""
        for name in names
    )


def histories(question: Question) -> dict[Any, list[Step]]:
    found: dict[Any, list[Step]] = {}
    exclusions = question.settings.get("exclusions") or []
    for event in question.project.events:
        if not is_in(question, event):
            continue
        steps = tuple(
            number for number, entity in enumerate(question.query["series"], 1) if is_entity(question, entity, event)
        )
        barred = {
            number
            for one in exclusions
            if is_entity(question, one, event)
            for number in range(one["funnelFromStep"] + 2, one["funnelToStep"] + 2)
        }
        actor = actor_of(question, event)
        if actor is None or not (steps or barred or question.order == "strict"):
            continue
        value = breakdown_of(question, event)
        found.setdefault(actor, []).append(Step(instant(event.timestamp), steps, tuple(sorted(barred)), value))
    ordered = {}
    for actor, events in found.items():
        events.sort(key=lambda one: one.order)
        kept = thin(events) if question.order == "unordered" and question.viz != "trends" else events
        ordered[actor] = [replace(one, number=number) for number, one in enumerate(kept)]
    return ordered


def thin(events: list[Step]) -> list[Step]:
    """The events without those of one step that stand between two others just like them."""
    between = {
        number
        for number, (earlier, one, later) in enumerate(zip(events, events[1:], events[2:], strict=False), 1)
        if earlier.kind == one.kind == later.kind
        and earlier.value == one.value == later.value
        and earlier.at < one.at < later.at
        and len(one.steps) + len(one.barred) <= 1
    }
    return [one for number, one in enumerate(events) if number not in between]


def runs(question: Question, events: list[Step]) -> Iterable[tuple[Any, list[Step]]]:
    """The values an actor is asked for, each with the events that count for it."""
    if question.breakdown is None:
        yield None, events
        return
    if question.mode == "all_events":
        for value in sorted({one.value for one in events}):
            yield value, [one for one in events if one.value == value]
        return
    if question.mode == "step":
        if question.order == "unordered":
            values = {one.value for one in events}
        else:
            values = {one.value for one in events if (question.attributed or 0) + 1 in one.steps}
        for value in sorted(values):
            yield value, events
        return
    having = [(one.at, one.value) for one in events if any(one.value)]
    choose = min if question.mode == "first_touch" else max
    empty = ("",) * len(events[0].value)
    yield (choose(having)[1] if having else empty), events


# ---- the walk of steps


def conversions(question: Question) -> list[tuple[Any, set[int], list[float]]]:
    """For every actor and value: the value, the steps done, the seconds between the required ones."""
    found = []
    for events in histories(question).values():
        for value, counted in runs(question, events):
            chain = (
                walk_unordered(question, counted, value)
                if question.order == "unordered"
                else walk(question, counted, value)
            )
            if chain is not None:
                times = [
                    (later - earlier).total_seconds()
                    for earlier, later in zip(chain.times, chain.times[1:], strict=False)
                ]
                found.append((value, chain.steps, times))
    return found


def walk(question: Question, events: list[Step], value: Any) -> Reached | None:
    walker = Walk(question, value)
    for at, group in groupby(events, key=lambda one: one.at):
        walker.take(at, list(group))
        if question.size in walker.entered:
            break
    return None if walker.best is None or walker.best.excluded else walker.best


@dataclass
class Walk:
    """One actor's walk for one value: the newest chain at every step, and the first of those that got furthest."""

    question: Question
    value: Any
    entered: dict[int, Reached] = field(default_factory=dict)
    furthest: int = 0
    best: Reached | None = None

    def take(self, at: datetime, tied: list[Step]) -> None:
        self.entered[0] = Reached(at)
        if len({one.kind for one in tied}) > 1:
            pieces = [(step, one.number, one) for one in tied for step in one.steps]
            for step, _, one in sorted(pieces, key=lambda piece: piece[:2]):
                self.advance(one, step, mixed=True)
            return
        for one in tied:
            for step in sorted(one.barred, reverse=True):
                self.bar(one, step)
            for step in sorted(one.steps, reverse=True):
                self.advance(one, step, mixed=False)
            if self.question.order == "strict":
                self.entered = {step: chain for step, chain in self.entered.items() if step == 0 or step in one.steps}

    def source(self, one: Step, step: int) -> tuple[int, Reached | None]:
        back = step - 1
        while back > 0 and back in self.question.optional and not usable(self.question, self.entered.get(back), one.at):
            back -= 1
        found = self.entered.get(back)
        if found is None or not usable(self.question, found, one.at):
            return back, None
        if step in self.entered and self.entered[step].start == found.start:
            return back, None
        return back, found

    def bar(self, one: Step, step: int) -> None:
        back, chain = self.source(one, step)
        if chain is None or chain.excluded:
            return
        chain.excluded = True
        if self.best is not None and self.furthest == back and one.at - self.best.start <= self.question.window:
            self.best.excluded = True

    def advance(self, one: Step, step: int, *, mixed: bool) -> None:
        back, chain = self.source(one, step)
        if chain is None or (mixed and one.number in chain.used):
            return
        if back == self.question.attributed and one.value != self.value:
            return
        plain = step not in self.question.optional
        longer = Reached(
            chain.start,
            chain.times + [one.at] * plain,
            chain.used + [one.number] * plain,
            chain.steps | {step},
            chain.excluded,
        )
        if not chain.excluded:
            self.entered[step] = replace(longer)
        if step > self.furthest or (step == self.furthest and self.best is not None and self.best.excluded):
            self.furthest, self.best = step, longer


def usable(question: Question, chain: Reached | None, at: datetime) -> bool:
    return chain is not None and at - chain.start <= question.window


def walk_unordered(question: Question, events: list[Step], value: Any) -> Reached | None:
    queues: dict[int, list[datetime]] = {step: [] for step in range(1, question.size + 1)}
    best: list[datetime] = []

    def filled() -> list[datetime]:
        return [queue[0] for queue in queues.values() if queue]

    for one in events:
        while filled():
            complete = len(filled()) == question.size
            if not complete and min(filled()) + question.window >= one.at:
                break
            best = filled() if len(filled()) > len(best) else best
            oldest = min(filled())
            next(queue for queue in queues.values() if queue and queue[0] == oldest).pop(0)
        if not one.steps:
            queues = {step: [] for step in queues}
        elif question.attributed is None or filled() or one.value == value:
            earliest = datetime.min.replace(tzinfo=one.at.tzinfo)
            step = min(one.steps, key=lambda step: queues[step][-1] if queues[step] else earliest)
            queues[step].append(one.at)
        if len(best) == question.size:
            break
    best = filled() if len(filled()) > len(best) else best
    if not best:
        return None
    return Reached(min(best), sorted(best), [], set(range(1, len(best) + 1)))


# ---- steps


def shape_steps(question: Question) -> Any:
    per_value: dict[Any, list[tuple[set[int], list[float]]]] = {}
    for value, steps, times in conversions(question):
        per_value.setdefault(value, []).append((steps, times))
    if question.breakdown is None:
        return print_steps(question, per_value[None], None) if per_value else []
    limit = question.breakdown.get("breakdown_limit") or 25
    ranked = sorted(per_value, key=lambda value: (rank(question, per_value[value]), value))
    merged = {value: per_value[value] for value in ranked[:limit]}
    rest = [one for value in ranked[limit:] for one in per_value[value]]
    if rest:
        merged[("Other",)] = rest
    shown = sorted(merged, key=lambda value: (rank(question, merged[value]), value))
    return [print_steps(question, merged[value], value) for value in shown]


def rank(question: Question, actors: list[tuple[set[int], list[float]]]) -> list[int]:
    return [-sum(step in steps for steps, _ in actors) for step in range(question.size, 0, -1)]


def print_steps(question: Question, actors: list[tuple[set[int], list[float]]], value: Any) -> list[dict[str, Any]]:
    rows = []
    for index, entity in enumerate(question.query["series"]):
        gaps = [times[index - 1] for _, times in actors if index and len(times) >= index and times[index - 1] > 0]
        row = {
            "name": entity.get("event"),
            "order": index,
            "count": sum(index + 1 in steps for steps, _ in actors),
            "average_conversion_time": fmean(gaps) if gaps else None,
            "median_conversion_time": median(gaps) if gaps else None,
        }
        if question.order == "unordered":
            row["name"] = f"Completed {index + 1} step" + ("s" if index else "")
        if value is not None:
            row["breakdown_value"] = list(value)
        rows.append(row)
    return rows


# ---- time to convert


def durations(question: Question) -> list[float]:
    start = question.settings.get("funnelFromStep") or 0
    end = question.settings.get("funnelToStep") or question.size - 1
    return [sum(times[start:end]) for _, steps, times in conversions(question) if end + 1 in steps]


def edges(times: list[float], bin_count: int | None) -> list[int]:
    low, high = math.floor(min(times)), math.ceil(max(times))
    root = next(count for count in range(1, 1000) if count**3 >= len(times))
    bins = min(90, max(1, bin_count)) if bin_count else min(60, max(1, root))
    width = math.ceil((high - low) / bins) or 60
    return [low + width * number for number in range(bins + 1)]


def histogram(times: list[float], starts: list[int]) -> dict[str, Any]:
    bins = [[start, 0] for start in starts]
    for time in times:
        max(one for one in bins if one[0] <= time)[1] += 1
    return {
        "bins": bins,
        "average_conversion_time": fmean(times) if times else None,
        "median_conversion_time": median(times) if times else None,
    }


# ---- trends


# Of all lines together, as PostHog limits the rows of this question.
MOST_BUCKETS = 1000


@dataclass
class Entrance:
    """What an actor did after entering in one interval."""

    starts: dict[int, datetime] = field(default_factory=dict)
    hit: set[int] = field(default_factory=set)
    furthest: int = 1
    at: datetime | None = None
    excluded: str = ""


def shape_trends(question: Question) -> list[dict[str, Any]]:
    lines: dict[Any, dict[Any, list[bool]]] = {}
    for events in histories(question).values():
        for value, counted in runs(question, events):
            follow = follow_unordered if question.order == "unordered" else follow_ordered
            for bucket, converted in follow(question, counted, value).items():
                lines.setdefault(value, {}).setdefault(bucket, []).append(converted)
    if question.breakdown is None:
        return [print_line(question, lines.get(None, {}), MOST_BUCKETS)]
    limit = question.breakdown.get("breakdown_limit") or 25
    ranked = sorted(lines, key=lambda value: (sum(map(len, lines[value].values())), value), reverse=True)
    # the lines share the buckets that are shown, the largest line first
    shares = {value: MOST_BUCKETS - place * len(keys(question.span)) for place, value in enumerate(ranked[:limit])}
    return [
        {**print_line(question, lines[value], shares[value]), "breakdown_value": list(value)}
        for value in sorted(shares)
        if shares[value] > 0
    ]


def print_line(question: Question, line: dict[Any, list[bool]], most: int) -> dict[str, Any]:
    labels = keys(question.span)[:most]
    data = []
    for label in labels:
        actors = line.get(label, [])
        data.append(round(sum(actors) / len(actors) * 100, 2) if actors else 0)
    return {"count": len(labels), "data": data, "days": [print_key(label, question.span) for label in labels]}


def goals(question: Question) -> tuple[int, int]:
    start, end = question.settings.get("funnelFromStep"), question.settings.get("funnelToStep")
    return (start or 0) + 1, question.size if end is None else end + 1


def follow_ordered(question: Question, events: list[Step], value: Any) -> dict[Any, bool]:
    follower = Follow(question, value)
    for one in events:
        follower.take(one)
    return follower.finish()


@dataclass
class Follow:
    """One actor's chains, one set for each interval it entered in."""

    question: Question
    value: Any
    done: dict[Any, bool] = field(default_factory=dict)
    going: dict[Any, Entrance] = field(default_factory=dict)

    def take(self, one: Step) -> None:
        for step in sorted(one.barred, reverse=True):
            for entrance in self.going.values():
                self.bar(entrance, one, step)
        for step in sorted(one.steps, reverse=True):
            if step - 1 == self.question.attributed and one.value != self.value:
                continue
            if step == 1:
                self.enter(one)
                continue
            for name, entrance in list(self.going.items()):
                self.advance(name, entrance, one, step)
        if self.question.order == "strict":
            for entrance in self.going.values():
                entrance.starts = {step: start for step, start in entrance.starts.items() if step in one.steps}
                entrance.hit &= set(one.steps)

    def enter(self, one: Step) -> None:
        bucket = self.question.span.bucket(one.at)
        if bucket in self.done:
            return
        known = self.going.get(bucket)
        if known is None or (known.furthest == 1 and known.excluded):
            self.going[bucket] = Entrance(at=one.at)
        self.going[bucket].starts[1] = one.at
        self.going[bucket].hit.discard(1)

    def goes_on(self, entrance: Entrance, one: Step, step: int) -> bool:
        start = entrance.starts.get(step - 1)
        return start is not None and one.at - start <= self.question.window and entrance.starts.get(step) != start

    def bar(self, entrance: Entrance, one: Step, step: int) -> None:
        if not self.goes_on(entrance, one, step) or step - 1 in entrance.hit:
            return
        entrance.hit.add(step - 1)
        if entrance.furthest == step - 1 and entrance.at and one.at - entrance.at <= self.question.window:
            entrance.excluded = "partial"

    def advance(self, name: Any, entrance: Entrance, one: Step, step: int) -> None:
        if not self.goes_on(entrance, one, step):
            return
        was_hit = step - 1 in entrance.hit
        if not was_hit:
            entrance.starts[step] = entrance.starts[step - 1]
            entrance.hit.discard(step)
        if goals(self.question)[1] in entrance.starts:
            self.done[name] = True
            del self.going[name]
        elif step > entrance.furthest or (step == entrance.furthest and entrance.excluded == "partial"):
            entrance.furthest, entrance.at = step, one.at
            entrance.excluded = "full" if was_hit else ""

    def finish(self) -> dict[Any, bool]:
        if any(entrance.excluded == "full" for entrance in self.going.values()):
            return self.done
        from_step = goals(self.question)[0]
        for name, entrance in self.going.items():
            if name not in self.done and entrance.furthest >= from_step and not entrance.excluded:
                self.done[name] = False
        return self.done


def follow_unordered(question: Question, events: list[Step], value: Any) -> dict[Any, bool]:
    from_step, to_step = goals(question)
    queues: dict[int, list[datetime]] = {step: [] for step in range(1, question.size + 1)}
    most: dict[Any, int] = {}

    def leave(is_over: Callable[[datetime], bool]) -> None:
        while any(queues.values()):
            waiting = [queue for queue in queues.values() if queue]
            oldest = min(waiting, key=lambda queue: queue[0])
            if len(waiting) < question.size and not is_over(oldest[0]):
                return
            bucket = question.span.bucket(oldest[0])
            most[bucket] = max(most.get(bucket, 0), len(waiting))
            oldest.pop(0)

    for one in events:
        leave(lambda oldest, at=one.at: oldest + question.window < at)  # type: ignore[misc]
        if not one.steps:
            queues = {step: [] for step in queues}
        elif question.attributed is None or any(queues.values()) or one.value == value:
            earliest = datetime.min.replace(tzinfo=one.at.tzinfo)
            step = min(one.steps, key=lambda step: queues[step][-1] if queues[step] else earliest)
            queues[step].append(one.at)
    leave(lambda _: True)
    return {bucket: count >= to_step for bucket, count in most.items() if count >= from_step}
