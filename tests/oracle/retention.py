"""RetentionQuery, answered by loops over events (facts/queries.md 1.4)."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from insights_mcp.local.engine.base import Engine
from tests.oracle.agreement import ask_loaded, check_equal, load
from tests.oracle.events import Event, Project, number_of, print_typed, value_of
from tests.oracle.filters import passes
from tests.oracle.times import floor, instant, resolve

OTHER = "$$_posthog_breakdown_other_$$"
ENTITY = {"id": "$pageview", "type": "events"}
# The row of those who start outside the table: they are only counted to tell which breakdown values are the largest.
OUTSIDE = -1


def check_retention(engine: Engine, project: Project, query: dict[str, Any], now: datetime) -> None:
    """Raise AssertionError where the engine and this oracle differ."""
    load(engine, project)
    found = [simplify(one) for one in ask_loaded(engine, project, query, now)]
    check_equal(found, answer(project, query, now))


def simplify(result: dict[str, Any]) -> dict[str, Any]:
    cells = result["values"]
    return {
        "breakdown_value": result["breakdown_value"],
        "label": result["label"],
        "date": result["date"].replace("Z", "+00:00"),
        "columns": [cell["label"] for cell in cells],
        "counts": [cell["count"] for cell in cells],
        "totals": [cell.get("aggregation_value") for cell in cells],
    }


@dataclass
class Table:
    """The rows by their starts, in order, and how many columns there are."""

    project: Project
    query: dict[str, Any]
    first: datetime
    end: datetime
    rows: int
    columns: int
    zone: ZoneInfo
    period: str

    @property
    def asked(self) -> dict[str, Any]:
        return self.query["retentionFilter"]  # type: ignore[no-any-return]

    def holds(self, moment: datetime) -> bool:
        return instant(self.first) <= instant(moment) < instant(self.end) and 0 <= self.row(moment) < self.rows

    def row(self, moment: datetime) -> int:
        local, first = moment.astimezone(self.zone), self.first
        if self.period == "hour":
            return int((instant(moment) - instant(first)) // timedelta(hours=1))
        if self.period == "month":
            return (local.year - first.year) * 12 + local.month - first.month
        return (local.date() - first.date()).days // (7 if self.period == "week" else 1)

    def unit(self, moment: datetime) -> int:
        """The whole hour, or the whole day for weeks and months, that a moment is in."""
        local = moment.astimezone(self.zone)
        if self.period in ("week", "month"):
            return local.date().toordinal()
        shift = local.utcoffset() or timedelta(0)
        return int(
            (instant(moment) - datetime(1970, 1, 1, tzinfo=UTC) + shift % timedelta(hours=1)) // timedelta(hours=1)
        )


@dataclass
class Actor:
    """One who may start, and the cells that count them: by row and column the numbers added up there."""

    value: str | None
    cells: dict[tuple[int, int], float]


def open_table(project: Project, query: dict[str, Any], now: datetime) -> Table:
    asked = query["retentionFilter"]
    period = asked.get("period", "Day").lower()
    zone = ZoneInfo(project.timezone)
    span = resolve(query, period, now, zone, project.week_start_day)
    step = relativedelta(**{f"{period}s": 1})
    end = floor(span.end.replace(tzinfo=None) + step, period, project.week_start_day)
    first = span.start.replace(tzinfo=None)
    total = asked.get("totalIntervals", 8)
    if not query.get("dateRange", {}).get("date_from"):
        first = end - step * total
    first = floor(first, period, project.week_start_day)
    rows = 0
    while first + step * rows < end:
        rows += 1
    brackets = asked.get("retentionCustomBrackets")
    columns = len(brackets) + 1 if brackets else total
    return Table(project, query, first.replace(tzinfo=zone), end.replace(tzinfo=zone), rows, columns, zone, period)


def answer(project: Project, query: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    table = open_table(project, query, now)
    actors = list_actors(table)
    counts: dict[str | None, Counter[tuple[int, int]]] = {}
    totals: dict[str | None, dict[tuple[int, int], float]] = {}
    for actor in actors:
        for place, number in actor.cells.items():
            counts.setdefault(actor.value, Counter())[place] += 1
            by_place = totals.setdefault(actor.value, {})
            by_place[place] = by_place.get(place, 0.0) + number
    if table.asked.get("aggregationType") == "avg":
        totals = {
            value: {place: total / counts[value][place] for place, total in by_place.items()}
            for value, by_place in totals.items()
        }
    values: list[str | None] = [None]
    if query.get("breakdownFilter"):
        values = rank(counts, totals, query["breakdownFilter"].get("breakdown_limit") or 25)
    return [
        show(table, row, value, counts.get(value, Counter()), totals.get(value, {}))
        for value in values
        for row in range(table.rows)
    ]


def rank(counts: dict[Any, Any], totals: dict[Any, Any], limit: int) -> list[Any]:
    """The values by size; those beyond the limit are put together as one."""
    size = {value: sum(n for (_, column), n in cells.items() if column == 0) for value, cells in counts.items()}
    ranked = sorted(counts, key=lambda value: (-size[value], value))
    for value in ranked[limit:]:
        for place, number in counts[value].items():
            rest, rest_totals = counts.setdefault(OTHER, Counter()), totals.setdefault(OTHER, {})
            rest[place] += number
            rest_totals[place] = rest_totals.get(place, 0.0) + totals[value][place]
    return ranked[:limit] + ([OTHER] if len(ranked) > limit else [])


def show(table: Table, row: int, value: Any, counts: dict[Any, int], totals: dict[Any, float]) -> dict[str, Any]:
    title = table.period.title()
    labels, start = [f"{title} {column}" for column in range(table.columns)], 1
    for place, size in enumerate(table.asked.get("retentionCustomBrackets") or [], start=1):
        labels[place] = f"{title} {start}" if size == 1 else f"{title} {start}-{start + size - 1}"
        start += size
    places = [(row, column) for column in range(table.columns)]
    has_numbers = table.asked.get("aggregationType") in ("sum", "avg")
    step = relativedelta(**{f"{table.period}s": 1})
    return {
        "breakdown_value": value,
        "label": f"{title} {row}",
        "date": (table.first.replace(tzinfo=None) + step * row).replace(tzinfo=table.zone).isoformat(),
        "columns": labels,
        "counts": [counts.get(place, 0) for place in places],
        "totals": [totals.get(place, 0.0) if has_numbers else None for place in places],
    }


def list_actors(table: Table) -> list[Actor]:
    project, query = table.project, table.query
    by_person: dict[str, list[Event]] = {}
    for event in sorted(project.events, key=lambda event: instant(event.timestamp)):
        actor = actor_of(project, query, event)
        if actor is not None and filtered(table, event):
            by_person.setdefault(actor, []).append(event)
    found = []
    for events in by_person.values():
        if table.asked.get("timeWindowMode") == "24_hour_windows":
            found += follow_windows(table, events)
            continue
        for value, part in split(table, events).items():
            cells = add_up(table, part) if table.asked.get("aggregationProperty") else follow(table, part)
            found.append(Actor(value, cells))
    return found


def split(table: Table, events: list[Event]) -> dict[str | None, list[Event]]:
    """The events of each breakdown value; all of them under the value of the first ever start."""
    if not table.query.get("breakdownFilter"):
        return {None: events}
    if is_first_ever(table):
        named = [event for event in events if is_named(table, event)]
        return {value_at(table, named[0]) if named else "": events}
    parts: dict[str | None, list[Event]] = {}
    for event in events:
        parts.setdefault(value_at(table, event), []).append(event)
    return parts


def first_start(table: Table, events: list[Event]) -> Event | None:
    """The event that starts once and for all."""
    starts = [event for event in events if is_entity(table, event, "targetEntity")]
    if not starts:
        return None
    if is_first_ever(table):
        named = [event for event in events if is_named(table, event)]
        return starts[0] if named[0].timestamp == starts[0].timestamp else None
    return starts[0]


def list_starts(table: Table, events: list[Event]) -> list[int]:
    if table.asked.get("retentionType", "retention_recurring") == "retention_recurring":
        starts = [event for event in events if is_entity(table, event, "targetEntity")]
    else:
        first = first_start(table, events)
        starts = [first] if first else []
    return sorted({table.row(event.timestamp) for event in starts if table.holds(event.timestamp)})


def follow(table: Table, events: list[Event]) -> dict[tuple[int, int], float]:
    """The cells of an actor by the calendar."""
    starts = list_starts(table, events)
    times = Counter(
        table.row(event.timestamp)
        for event in events
        if is_entity(table, event, "returningEntity") and table.holds(event.timestamp)
    )
    returns = sorted(row for row, number in times.items() if number >= table.asked.get("minimumOccurrences", 1))
    cells: dict[tuple[int, int], float] = {}
    for start in starts:
        columns = {0}
        if table.asked.get("retentionCustomBrackets"):
            columns |= {bracket(table, row - starts[0]) for row in returns} - {None}  # type: ignore[arg-type]
        else:
            columns |= {row - start for row in returns if 0 < row - start < table.columns}
        if table.asked.get("cumulative"):
            columns = set(range(max(columns) + 1))
        cells |= {(start, column): 0.0 for column in columns}
    return cells


def bracket(table: Table, distance: int) -> int | None:
    end = 0
    for place, size in enumerate(table.asked["retentionCustomBrackets"], start=1):
        if end < distance <= end + size:
            return place
        end += size
    return None


def add_up(table: Table, events: list[Event]) -> dict[tuple[int, int], float]:
    """The cells of an actor with the numbers of the returns there."""
    inside = [event for event in events if table.holds(event.timestamp)]
    begins = [event for event in inside if is_entity(table, event, "targetEntity")]
    returns = [event for event in inside if is_entity(table, event, "returningEntity")]
    is_same = entity(table, "targetEntity") == entity(table, "returningEntity")
    cells: dict[tuple[int, int], float] = {}
    for start in list_starts(table, events):
        began = min(event.timestamp for event in begins if table.row(event.timestamp) == start)
        cells[start, 0] = 0.0
        for event in returns:
            column = table.row(event.timestamp) - start
            if column < 0 or column >= table.columns or (column == 0 and not is_same and event.timestamp <= began):
                continue
            cells[start, column] = cells.get((start, column), 0.0) + number_at(table, event)
    return cells


def follow_windows(table: Table, events: list[Event]) -> list[Actor]:
    """The cells of an actor by windows of 24 hours after the first start."""
    is_recurring = table.asked.get("retentionType", "retention_recurring") == "retention_recurring"
    if is_recurring:
        events = [event for event in events if table.holds(event.timestamp)]
    first = first_start(table, events)
    size = {"hour": 1, "day": 24, "week": 7, "month": 30}[table.period]
    row = (table.unit(first.timestamp) - table.unit(table.first)) // size if first else OUTSIDE
    parts = list_windowed(table, events, first)
    if first is None or not 0 <= row < table.rows:
        return [Actor(value, {(OUTSIDE, 0): 0.0}) for value in parts]
    found = []
    for value, part in parts.items():
        columns = {0}
        for event in part:
            if is_entity(table, event, "returningEntity") and event.timestamp >= first.timestamp:
                columns.add((table.unit(event.timestamp) - table.unit(first.timestamp)) // size)
        found.append(Actor(value, {(row, column): 0.0 for column in columns if column < table.columns}))
    return found


def list_windowed(table: Table, events: list[Event], first: Event | None) -> dict[str | None, list[Event]]:
    """The values that an actor is there for, some even without a start, with their events."""
    if is_first_ever(table):
        if first is None and any(is_named(table, event) for event in events):
            return {}
        seen = [event for event in events if is_named(table, event) or is_entity(table, event, "returningEntity")]
        return split(table, events) if seen else {}
    parts = split(table, [event for event in events if is_either(table, event)])
    if first is None:
        return parts
    return {value: part for value, part in parts.items() if part[-1].timestamp >= first.timestamp}


def entity(table: Table, role: str) -> dict[str, Any]:
    given = table.asked.get(role) or ENTITY
    return {"id": given.get("id"), "properties": given.get("properties") or []}


def is_entity(table: Table, event: Event, role: str) -> bool:
    wanted = entity(table, role)
    return wanted["id"] in (None, event.event) and passes(table.project, event, wanted["properties"])


def is_either(table: Table, event: Event) -> bool:
    return is_entity(table, event, "targetEntity") or is_entity(table, event, "returningEntity")


def is_named(table: Table, event: Event) -> bool:
    return entity(table, "targetEntity")["id"] in (None, event.event)


def is_first_ever(table: Table) -> bool:
    return table.asked.get("retentionType") == "retention_first_ever_occurrence"


def value_at(table: Table, event: Event) -> str:
    given = table.query["breakdownFilter"]
    typed = value_of(table.project, event, given.get("breakdown_type", "event"), given["breakdown"])
    return print_typed(typed) or ""


def number_at(table: Table, event: Event) -> float:
    value = value_of(
        table.project, event, table.asked.get("aggregationPropertyType", "event"), table.asked["aggregationProperty"]
    )
    number = value if isinstance(value, float) else number_of(value)
    return number or 0.0


def filtered(table: Table, event: Event) -> bool:
    query, project = table.query, table.project
    weekdays = query.get("dateRange", {}).get("daysOfWeek")
    if weekdays and event.timestamp.astimezone(table.zone).isoweekday() not in weekdays:
        return False
    if query.get("filterTestAccounts") and not passes(project, event, project.test_account_filters):
        return False
    return passes(project, event, query.get("properties"))


def actor_of(project: Project, query: dict[str, Any], event: Event) -> str | None:
    if query.get("aggregation_group_type_index") is None:
        return project.people.person_of[event.distinct_id]
    return event.properties.get("$group_0") or None
