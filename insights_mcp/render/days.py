"""Dates as short as they stay clear."""

from collections.abc import Sequence
from datetime import datetime

from insights_mcp.render.marking import mark

# What a server calls a date is text of its own, whatever it says.
_LONGEST = 32
_MIDNIGHT = " 00:00:00"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def shorten_days(days: Sequence[str], *, is_monthly: bool = False) -> list[str]:
    """Return the dates of a series without what all share: the year, and a time of day that is always midnight.

    Months are named: `10-01` would read as a day.
    """
    clean = [mark(day[:_LONGEST]).replace("T", " ").removesuffix("Z") for day in days]
    if all(day.endswith(_MIDNIGHT) for day in clean):
        clean = [day.removesuffix(_MIDNIGHT) for day in clean]
    if is_monthly and clean and all(_is_month(day) for day in clean):
        return [_name_month(day, has_year=clean[0][:4] != clean[-1][:4]) for day in clean]
    clean = [day.removesuffix(":00") if day.count(":") == 2 else day for day in clean]
    years = {day[:5] for day in clean}
    if len(years) == 1 and len(next(iter(years))) == 5:
        return [day[5:] for day in clean]
    return clean


def short_moment(moment: datetime | None) -> str | None:
    """Return a point in time as its date."""
    return moment.strftime("%Y-%m-%d") if moment else None


def _is_month(day: str) -> bool:
    return len(day) == 10 and day[5:7].isdecimal() and 1 <= int(day[5:7]) <= 12


def _name_month(day: str, *, has_year: bool) -> str:
    name = _MONTHS[int(day[5:7]) - 1]
    return f"{name} {day[:4]}" if has_year else name
