"""The period a result covers: its buckets, and which of them are not whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from insights_mcp.render.days import shorten_days
from insights_mcp.render.marking import mark
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.reports import Result

_STEPS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LONG = ("week", "month", "quarter", "year")
_HEADERS = {
    "minute": "time",
    "hour": "hour",
    "week": "week from",
    "month": "month",
    "quarter": "quarter from",
    "year": "year from",
}
_PREPOSITIONS = {"minute": "at", "hour": "at", **dict.fromkeys(_LONG, "in"), "week": "in week"}
_LONGEST_DAY = 32
_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Period:
    """Buckets by their dates as the API gives them; `open_reason` says why the last one is not whole, if so."""

    interval: str
    days: Sequence[str]
    labels: Sequence[str]
    zone: str
    open_reason: str
    is_first_partial: bool

    @property
    def last_whole(self) -> int:
        """Return the place of the last whole bucket; the last one if there is no other."""
        return max(0, len(self.days) - (2 if self.open_reason else 1))

    def at(self, place: int) -> str:
        """Return when a bucket is: `on 11-16`, `in week 11-16`, `in Nov`."""
        return f"{_PREPOSITIONS.get(self.interval, 'on')} {self.labels[place]}"

    @property
    def header(self) -> str:
        """Return what stands over the dates."""
        return _HEADERS.get(self.interval, "date")

    @property
    def sentence(self) -> str:
        """Return what the buckets are: `By day, 2026-11-16 to 2026-11-20, UTC; the last day is not over`."""
        if not self.days:
            return f"By {self.interval}"
        first, last = (_trim(day) for day in (self.days[0], self.days[-1]))
        partial = f"; the first {self.interval} is partial" if self.is_first_partial else ""
        reason = f"; the last {self.interval} {self.open_reason}" if self.open_reason else ""
        return f"By {self.interval}, {first} to {last}{self.zone}{partial}{reason}"


def read_period(result: Result, days: Sequence[str]) -> Period:
    """Return the period of a result's buckets."""
    interval = name_interval(result.query)
    start, end = (_local(moment, result.timezone) for moment in (result.date_from, result.date_to))
    moments = [_parse(day) for day in days[:1]]
    first = moments[0] if moments else None
    # What is longer than a day is not filled up to its start (facts/queries.md 1.0 for weeks; months follow by now).
    is_partial = interval in _LONG and first is not None and start is not None and start - first >= _STEPS["day"]
    is_partial = is_partial and result.kind != "LifecycleQuery"  # which looks from the start of the interval on
    return Period(
        interval,
        [mark(day[:_LONGEST_DAY]) for day in days],
        shorten_days(days, is_monthly=interval == "month"),
        f", {result.timezone}" if result.timezone else "",
        _open_reason(result, days, interval, end),
        is_partial and len(days) > 1,
    )


def name_interval(query: Mapping[str, object]) -> str:
    """Return the interval a query asks for, `day` for what is none."""
    interval = text_of(query.get("interval"))
    return interval if interval in (*_STEPS, *_LONG) else "day"


def tell_span(result: Result) -> str:
    """Return the dates a result without buckets covers, nothing if the server did not say."""
    start, end = (_local(moment, result.timezone) for moment in (result.date_from, result.date_to))
    if start is None or end is None:
        return ""
    return f"since {start:%Y-%m-%d}" if is_running(result) else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"


def is_running(result: Result) -> bool:
    """Return whether a period was still going on when the result was computed."""
    return _is_unfinished(result, _local(result.date_to, result.timezone))


def _open_reason(result: Result, days: Sequence[str], interval: str, end: datetime | None) -> str:
    last = _parse(days[-1]) if days else None
    if last is None or len(days) < 2:
        return ""
    bucket_end = _after(last, interval)
    if _is_unfinished(result, bucket_end):
        return "is not over"
    return "is cut off" if end is not None and bucket_end > end + _MOMENT else ""


def _is_unfinished(result: Result, end: datetime | None) -> bool:
    """Return whether something ends after the result was computed; without times, whether the query ends now."""
    computed = _local(result.computed_at, result.timezone)
    if computed is None or end is None:
        return not mapping(result.query.get("dateRange")).get("date_to")
    return end > computed + _MOMENT


def _after(start: datetime, interval: str) -> datetime:
    if interval == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    if interval == "quarter":  # 95 days reach the fourth month, whatever the months
        return (start.replace(day=1) + timedelta(days=95)).replace(day=1)
    if interval == "year":
        return start.replace(year=start.year + 1, month=1, day=1)
    return start + _STEPS.get(interval, _STEPS["day"])


def _local(moment: datetime | None, zone: str | None) -> datetime | None:
    """Return a moment on the project's clock, without its offset: so the API writes the buckets' dates."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone) if zone else UTC).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, ValueError):
        return moment.replace(tzinfo=None)


def _parse(day: str) -> datetime | None:
    try:
        return datetime.fromisoformat(day).replace(tzinfo=None)
    except ValueError:
        return None


def _trim(day: str) -> str:
    return day[:16].replace("T", " ").removesuffix(" 00:00")


def dates_of(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the dates of the row that has most of them."""
    found = [row.get("days") for row in rows]
    lists = [
        [text_of(day) for day in days] for days in found if isinstance(days, Sequence) and not isinstance(days, str)
    ]
    return max(lists, key=len, default=[])
