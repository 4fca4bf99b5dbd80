"""A column of dates or points in time, without what all of them share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_INSTANT = re.compile(r"(\d{4})-(\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")


@dataclass(frozen=True)
class ShortColumn:
    """The texts that stand for the values, in place, and a note for the header on what they leave out."""

    texts: Sequence[str | None]
    note: str
    is_rising: bool


def shorten_column(values: Sequence[object]) -> ShortColumn | None:
    """Return the column in short, None if it holds anything but dates or points in time.

    Left out are the year and the offset that all share, times that are always midnight, and fractions of a second.
    """
    known = [value for value in values if value is not None]
    found = [_INSTANT.fullmatch(value) if isinstance(value, str) else None for value in known]
    matches = [match for match in found if match is not None]
    if not matches or len(matches) < len(known):
        return None
    years, zones = {match[1] for match in matches}, {match[5] for match in matches}
    if len(zones) > 1:
        return None
    zone = (zones.pop() or "").replace("Z", "UTC").replace("+00:00", "UTC")
    year = years.pop() if len(years) == 1 else ""
    has_clock = any((match[3] or "00:00") != "00:00" or (match[4] or "00") != "00" for match in matches)
    has_seconds = any((match[4] or "00") != "00" for match in matches)
    texts = iter([_write(match, has_year=not year, has_clock=has_clock, has_seconds=has_seconds) for match in matches])
    whole = [match[0] for match in matches]
    return ShortColumn(
        [None if value is None else next(texts) for value in values],
        " ".join(part for part in (year, zone if has_clock else "") if part),
        len(whole) == len(values) > 1 and whole == sorted(whole) and whole[0] != whole[-1],
    )


def _write(match: re.Match[str], *, has_year: bool, has_clock: bool, has_seconds: bool) -> str:
    day = f"{match[1]}-{match[2]}" if has_year else match[2]
    if not has_clock:
        return day
    return f"{day} {match[3] or '00:00'}" + (f":{match[4] or '00'}" if has_seconds else "")
