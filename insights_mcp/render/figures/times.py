"""Dates along an axis as people write them: 16 Nov, 16 Nov 14:00, Nov 2026."""

import re
from collections.abc import Sequence
from datetime import datetime

DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write_times(times: Sequence[str]) -> tuple[str, ...]:
    """Return each ISO date or datetime short: the year and the time of day only where they tell two apart.

    Text that is no date stays as it is.
    """
    moments = [_parse(time) for time in times]
    known = [moment for moment in moments if moment]
    has_clock = any(moment.hour or moment.minute for moment in known)
    has_years = len({moment.year for moment in known}) > 1
    is_monthly = len(known) > 1 and all(moment.day == 1 for moment in known) and not has_clock
    return tuple(
        _write(moment, has_clock=has_clock, has_years=has_years, is_monthly=is_monthly) if moment else time
        for moment, time in zip(moments, times, strict=True)
    )


def write_moment(text: str) -> str:
    """Return an ISO date or datetime to the second, without a midnight or an offset."""
    return text[:19].replace("T", " ").removesuffix(" 00:00:00")


def _parse(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _write(moment: datetime, *, has_clock: bool, has_years: bool, is_monthly: bool) -> str:
    month = _MONTHS[moment.month - 1]
    if is_monthly:
        return f"{month} {moment.year}"
    clock = f" {moment.hour:02}:{moment.minute:02}" if has_clock else ""
    year = f" {moment.year}" if has_years else ""
    return f"{moment.day} {month}{year}{clock}"
