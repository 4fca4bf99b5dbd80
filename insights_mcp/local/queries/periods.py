"""The period a query is compared with (facts/queries.md 1.0, Previous period)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import DEFAULT_DAYS, QueryDates
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.dates import CompareFilter


def compared_dates(current: QueryDates, compare: CompareFilter, context: QueryContext) -> QueryDates:
    """Return the dates of the earlier period: `compare_to` before, or the period just before this one."""
    if compare.compare_to is not None:
        return _shift_by(current, compare.compare_to, context)
    return _shift_back(current)


# A range that begins with its calendar unit and runs to now is compared with the whole unit before.
_CALENDAR_UNITS: Mapping[str, relativedelta] = {
    "wStart": relativedelta(weeks=1),
    "mStart": relativedelta(months=1),
    "qStart": relativedelta(months=3),
    "yStart": relativedelta(years=1),
}
_MOMENT = timedelta(microseconds=1)


def _shift_by(current: QueryDates, compare_to: str, context: QueryContext) -> QueryDates:
    human_friendly = bool(context.team.settings.get("human_friendly_comparison_periods"))
    start = parse_moment(compare_to, current.timezone, current.date_from, human_friendly=human_friendly).at
    return replace(current, date_from=start, date_to=start + (current.date_to - current.date_from))


def _shift_back(current: QueryDates) -> QueryDates:
    """Go back by the period's own length, and keep the time of day. All of the time has its length before it."""
    given, end = current.given, current.date_from - _MOMENT
    unit = None if given.date_to else _CALENDAR_UNITS.get(given.date_from or "")
    if unit is not None:
        return replace(current, date_from=current.date_from - unit, date_to=end)
    length = current.date_to - current.date_from
    if given.date_from == "all":
        return replace(current, date_from=end - length, date_to=end)
    start = current.date_from - length
    if current.interval == "minute":
        return replace(current, date_from=start, date_to=current.date_from)
    start = _at_time_of(start, current.date_from)
    if current.interval == "day" and _is_whole_weeks(current):
        # "-7d" spans eight days, today being an extra one: without this day the weekdays would not line up
        start += timedelta(days=1)
    end = start + length
    hour = end.hour
    end = _at_time_of(end, current.date_to)
    return replace(current, date_from=start, date_to=end.replace(hour=hour) if current.interval == "hour" else end)


def _is_whole_weeks(current: QueryDates) -> bool:
    if current.given.excludeIncompletePeriods:  # then today is not in it
        return False
    days = DEFAULT_DAYS if current.given.date_from is None else (current.delta_from or {}).get("days", 0)
    return days > 0 and days % 7 == 0 and not current.delta_to


def _at_time_of(day: datetime, clock: datetime) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond)
