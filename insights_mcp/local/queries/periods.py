"""The period a query is compared with (facts/queries.md 1.0, Previous period)."""

from dataclasses import replace
from datetime import datetime, timedelta

from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import QueryDates
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.dates import CompareFilter


def compared_dates(current: QueryDates, compare: CompareFilter, context: QueryContext) -> QueryDates:
    """Return the dates of the earlier period: `compare_to` before, or the period just before this one."""
    if compare.compare_to is not None:
        return _shift_by(current, compare.compare_to, context)
    return _shift_back(current)


def _shift_by(current: QueryDates, compare_to: str, context: QueryContext) -> QueryDates:
    human_friendly = bool(context.team.settings.get("human_friendly_comparison_periods"))
    start = parse_moment(compare_to, current.timezone, current.date_from, human_friendly=human_friendly).at
    return replace(current, date_from=start, date_to=start + (current.date_to - current.date_from))


def _shift_back(current: QueryDates) -> QueryDates:
    """Go back by the period's own length, and keep the time of day."""
    length = current.date_to - current.date_from
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
    days = (current.delta_from or {}).get("days", 0)
    return days > 0 and days % 7 == 0 and not current.delta_to


def _at_time_of(day: datetime, clock: datetime) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond)
