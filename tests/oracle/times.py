"""Ranges and intervals by the clock on the wall, for the dates that the random questions use."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Range:
    start: datetime
    end: datetime
    interval: str
    zone: ZoneInfo
    week_start_day: int
    weekdays: tuple[int, ...]

    @property
    def lower(self) -> datetime:
        """What an event must not be before."""
        return floor(self.start, "hour" if self.interval == "hour" else "day", self.week_start_day)

    @property
    def upper(self) -> datetime:
        return self.end.replace(microsecond=0)

    def holds(self, moment: datetime) -> bool:
        return instant(self.lower) <= instant(moment) <= instant(self.upper)

    def bucket(self, moment: datetime) -> Any:
        return key_of(moment.astimezone(self.zone), self.interval, self.week_start_day)


def resolve(query: dict[str, Any], interval: str, now: datetime, zone: ZoneInfo, week_start_day: int) -> Range:
    """Absolute dates, `-Nd` and absent ones."""
    given = query.get("dateRange") or {}
    local = now.astimezone(zone)
    start = read(given.get("date_from") or "-7d", local, zone)
    text = given.get("date_to")
    end = read(text, local, zone, keep_clock=True) if text else local
    is_relative = not text or text.startswith("-")
    if interval in ("day", "week", "month"):
        end = datetime.combine(end.date(), time(23, 59, 59, 999999), zone)
    elif is_relative:
        end = end.replace(minute=59, second=59, microsecond=999999)
    return Range(start, end, interval, zone, week_start_day, tuple(given.get("daysOfWeek") or ()))


def read(text: str, local: datetime, zone: ZoneInfo, *, keep_clock: bool = False) -> datetime:
    if text.startswith("-") and text.endswith("d"):
        shifted = local.replace(tzinfo=None) - timedelta(days=int(text[1:-1]))
        if not keep_clock:
            shifted = datetime.combine(shifted.date(), time())
        return shifted.replace(tzinfo=zone)
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def previous(current: Range, query: dict[str, Any]) -> Range:
    """The period before, at the same time of day; a week of "-7d" is shifted by a day."""
    length = current.end.replace(tzinfo=None) - current.start.replace(tzinfo=None)
    start = current.start.replace(tzinfo=None) - length
    start = datetime.combine(start.date(), current.start.time())
    given = query.get("dateRange") or {}
    date_from, date_to = given.get("date_from") or "-7d", given.get("date_to") or ""
    if current.interval == "day" and date_from.startswith("-") and not date_to.startswith("-"):
        days = int(date_from[1:-1])
        if days and days % 7 == 0:
            start += timedelta(days=1)
    end = start + length
    clock = current.end.time() if current.interval != "hour" else current.end.time().replace(hour=end.hour)
    end = datetime.combine(end.date(), clock)
    return replace(current, start=start.replace(tzinfo=current.zone), end=end.replace(tzinfo=current.zone))


def floor(moment: datetime, interval: str, week_start_day: int) -> datetime:
    if interval == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = datetime.combine(moment.date(), time(), moment.tzinfo)
    if interval == "week":
        return day - timedelta(days=(day.weekday() - (0 if week_start_day == 1 else 6)) % 7)
    return day.replace(day=1) if interval == "month" else day


def key_of(moment: datetime, interval: str, week_start_day: int) -> Any:
    """What tells two intervals apart: a date, or the instant an hour starts."""
    start = floor(moment, interval, week_start_day)
    return instant(start) if interval == "hour" else start.date()


def keys(span: Range) -> list[Any]:
    """Every interval of the range."""
    first, last = (floor(end, span.interval, span.week_start_day) for end in (span.start, span.end))
    if span.interval == "hour":
        start, stop = instant(first), instant(last)
        return [start + timedelta(hours=n) for n in range(int((stop - start).total_seconds() // 3600) + 1)]
    found, day = [], first.date()
    while day <= last.date():
        found.append(day)
        day = next_day(day, span.interval)
    if span.interval == "day" and span.weekdays:
        found = [day for day in found if day.isoweekday() in span.weekdays]
    return found


def next_day(day: Any, interval: str) -> Any:
    if interval == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if interval == "week" else 1)


def print_key(key: Any, span: Range) -> str:
    if span.interval == "hour":
        return key.astimezone(span.zone).strftime("%Y-%m-%d %H:%M:%S")
    return key.isoformat()


def instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
