"""Date texts: ISO dates and relative ones such as `-7d`, `mStart`, `-1dEnd` (facts/queries.md 1.0, Dates)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse
from dateutil.relativedelta import relativedelta

from insights_mcp.local.queries.context import QueryError

# Searched, not matched: the sign is decoration, and text around it is passed over.
_RELATIVE = re.compile(r"-?(?P<number>[0-9]+)?(?P<kind>[hdwmqysM])(?P<position>Start|End)?")
_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "M": "minutes", "s": "seconds", "y": "years"}
WEEKS_IN_QUARTER = 13
MONTHS_IN_QUARTER = 3
_START_OF_HOUR = {"minute": 0, "second": 0, "microsecond": 0}
_END_OF_HOUR = {"minute": 59, "second": 59, "microsecond": 999999}
# What Start and End pin. Minute and second ignore both; yEnd pins only the day (an upstream quirk). A week and a
# quarter have no pin that is the same for every date: `_pin_period` moves those.
_PINS: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("h", "Start"): _START_OF_HOUR,
    ("h", "End"): _END_OF_HOUR,
    ("d", "Start"): {"hour": 0, **_START_OF_HOUR},
    ("d", "End"): {"hour": 23, **_END_OF_HOUR},
    ("m", "Start"): {"day": 1},
    ("m", "End"): {"day": 31},
    ("y", "Start"): {"month": 1, "day": 1},
    ("y", "End"): {"day": 31},
}


@dataclass(frozen=True)
class Moment:
    """A parsed date text. `delta` is what was subtracted from now; None for an absolute date."""

    at: datetime
    delta: Mapping[str, int] | None = None

    @property
    def is_relative(self) -> bool:
        """Whether the text was relative to now; text that is no date at all counts as `now`."""
        return self.delta is not None


def parse_moment(
    text: str,
    timezone: ZoneInfo,
    now: datetime,
    *,
    truncate: bool = False,
    human_friendly: bool = False,
    week_start_day: int = 0,
) -> Moment:
    """Read a date text on the project's clock.

    `truncate` cuts a relative date to the start of its hour (a delta in hours) or day. `human_friendly` makes a
    month 4 weeks and a year 52, so that weekdays line up. `wStart` and `wEnd` are days of the project's week,
    `qStart` and `qEnd` days of the calendar's quarter. Raises QueryError for a date outside the calendar.
    """
    absolute = _parse_absolute(text, timezone)
    if absolute is not None:
        return Moment(absolute)
    match = _RELATIVE.search(text)
    local = now.astimezone(timezone)
    if match is None:
        return Moment(local, MappingProxyType({}))
    delta = _read_delta(match["kind"], match["number"], match["position"], human_friendly=human_friendly)
    try:
        at = local - relativedelta(**delta)  # type: ignore[arg-type]  # the keys are relativedelta's own
        at = _pin_period(at, match["kind"], match["position"], week_start_day)
    except (OverflowError, ValueError):
        raise QueryError(f"The date '{text}' is outside the calendar.", attr="dateRange") from None
    if truncate:
        at = at.replace(minute=0, second=0, microsecond=0)
        at = at if "hours" in delta else at.replace(hour=0)
    return Moment(at, MappingProxyType(delta))


def _parse_absolute(text: str, timezone: ZoneInfo) -> datetime | None:
    try:
        try:
            parsed = isoparse(text)
        except ValueError:
            parsed = datetime.strptime(text, "%Y-%m-%d")  # 2021-1-1; the zone follows below
        return parsed.replace(tzinfo=timezone) if parsed.tzinfo is None else parsed.astimezone(timezone)
    except (ValueError, OverflowError):
        return None


def _read_delta(kind: str, number: str | None, position: str | None, *, human_friendly: bool) -> dict[str, int]:
    delta: dict[str, int] = {}
    if number:
        if kind == "q" and position:
            delta["months"] = MONTHS_IN_QUARTER * int(number)
        elif kind == "q":
            delta["weeks"] = WEEKS_IN_QUARTER * int(number)
        elif human_friendly and kind in "my":
            delta["weeks"] = 4 if kind == "m" else 52  # whatever the number: upstream's rule
        else:
            delta[_UNITS[kind]] = int(number)
    if position and kind in "wq":
        delta.setdefault("weeks" if kind == "w" else "months", 0)
    return delta | dict(_PINS.get((kind, position or ""), {}))


def _pin_period(at: datetime, kind: str, position: str | None, week_start_day: int) -> datetime:
    """Return the first or last day of the week or quarter that a moment is in, at the same time of day."""
    if position is None or kind not in ("w", "q"):
        return at
    if kind == "w":
        first = at - relativedelta(days=at.weekday() if week_start_day == 1 else at.isoweekday() % 7)
        return first if position == "Start" else first + relativedelta(days=6)
    months_in = (at.month - 1) % MONTHS_IN_QUARTER
    if position == "Start":
        return at - relativedelta(months=months_in, day=1)
    return at + relativedelta(months=MONTHS_IN_QUARTER - 1 - months_in, day=31)
