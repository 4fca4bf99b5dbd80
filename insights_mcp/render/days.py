"""Dates as short as they stay clear."""

from collections.abc import Sequence
from datetime import datetime

_MIDNIGHT = " 00:00:00"


def shorten_days(days: Sequence[str]) -> list[str]:
    """Return the dates of a series without what all share: the year, and a time of day that is always midnight."""
    clean = [day.replace("T", " ").removesuffix("Z") for day in days]
    if all(day.endswith(_MIDNIGHT) for day in clean):
        clean = [day.removesuffix(_MIDNIGHT) for day in clean]
    clean = [day.removesuffix(":00") if day.count(":") == 2 else day for day in clean]
    years = {day[:5] for day in clean}
    if len(years) == 1 and len(next(iter(years))) == 5:
        return [day[5:] for day in clean]
    return clean


def short_moment(moment: datetime | None) -> str | None:
    """Return a point in time as its date."""
    return moment.strftime("%Y-%m-%d") if moment else None
