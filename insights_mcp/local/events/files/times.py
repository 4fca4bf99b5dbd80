"""Columns of times as text, read all at once; what is unusual is read one distinct text at a time."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from dateutil import parser as dateutil_parser

from insights_mcp.local.events.timestamps import EPOCH, parse_epoch

Microseconds = npt.NDArray[np.int64]
UTC_TIME = pa.timestamp("us", "UTC")
# Outside of these years a time is a mistake; the engine's partitions hold no more either.
_EARLIEST, _LATEST = 0, 4_102_444_800_000_000
_ISO = (
    r"^(?P<day>\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01]))"
    r"(?:[Tt ](?P<clock>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:[.,](?P<fraction>\d{1,9}))?"
    r" ?(?P<zone>[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_NUMBER = r"^-?\d{8,18}$"
_QUARTER_HOUR = 900_000_000
_DEFAULT_TIME = datetime(1970, 1, 1)


def parse_times(texts: Any, zone: ZoneInfo, *, day_first: bool = False) -> Any:
    """Return the times of a string array, null where there is none or it cannot be read.

    A text without an offset is a time of `zone`. Numbers are Unix times; their size tells the unit.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    read = _read_numbers(trimmed)
    for reader in (_read_iso, _read_each):
        left = pc.if_else(pc.is_null(read), trimmed, pa.scalar(None, pa.string()))
        if left.null_count < len(left):
            read = pc.coalesce(read, reader(left, zone, day_first))
    return _within_bounds(read)


def is_day_first(texts: Any) -> bool:
    """Return whether dates like 31/12/2025 put the day first: some first number is over twelve."""
    return bool(pc.any(pc.match_substring_regex(texts, r"^\s*(?:1[3-9]|2\d|3[01])[/.]\d{1,2}[/.]\d{4}")).as_py())


def localize(naive: Microseconds, zone: ZoneInfo) -> Microseconds:
    """Return the UTC microseconds of local ones. At the end of summer time the first of two hours is meant."""
    if zone.key == "UTC":
        return naive
    quarters, places = np.unique(naive // _QUARTER_HOUR, return_inverse=True)
    offsets = [_offset_of(int(quarter) * 900, zone) for quarter in quarters]
    shifted: Microseconds = naive - np.array(offsets, dtype=np.int64)[places]
    return shifted


def _read_numbers(texts: Any) -> Any:
    """Return the times of whole Unix times, null for others."""
    whole = pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, pa.scalar(None, pa.string()))
    if whole.null_count == len(whole):
        return pa.nulls(len(texts), UTC_TIME)
    numbers = pc.fill_null(whole.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    size = np.abs(numbers)
    micros = np.select(
        [size < 10**11, size < 10**14, size < 10**17], [numbers * 1_000_000, numbers * 1000, numbers], numbers // 1000
    )
    return _to_times(micros, whole)


def _read_iso(texts: Any, zone: ZoneInfo, _: bool) -> Any:
    """Return the times of ISO 8601 texts, null for others; all null when one names a day that no month has."""
    parts = pc.extract_regex(texts, _ISO)
    day, clock, fraction, offset = (pc.struct_field(parts, name) for name in ("day", "clock", "fraction", "zone"))
    clock = pc.if_else(pc.equal(clock, ""), "00:00", clock)
    try:
        seconds = pc.cast(pc.binary_join_element_wise(day, clock, " "), pa.timestamp("us"))
    except pa.ArrowInvalid:
        return pa.nulls(len(texts), UTC_TIME)
    micros = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 6, "0"), 0, 6), pa.int64())
    known = pc.fill_null(pc.add(pc.cast(seconds, pa.int64()), micros), 0).to_numpy(zero_copy_only=False)
    return _to_times(_shift(known, offset, zone), parts)


def _shift(naive: Microseconds, offsets: Any, zone: ZoneInfo) -> Microseconds:
    encoded = pc.fill_null(offsets, "").dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if names == [""]:
        return localize(naive, zone)
    shifts = np.array([_offset_microseconds(name) for name in names], dtype=np.int64)
    places = encoded.indices.to_numpy(zero_copy_only=False)
    moved: Microseconds = naive - shifts[places]
    if "" in names:
        local = places == names.index("")
        moved[local] = localize(naive[local], zone)
    return moved


def _offset_microseconds(text: str) -> int:
    if text in ("", "Z", "z", "UTC"):
        return 0
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    return (hours * 60 + minutes) * 60_000_000 * (-1 if text[0] == "-" else 1)


def _read_each(texts: Any, zone: ZoneInfo, day_first: bool) -> Any:
    encoded = texts.dictionary_encode()
    read = [_read_one(text, zone, day_first) for text in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(read, pa.int64()), encoded.indices).cast(UTC_TIME)


def _read_one(text: str, zone: ZoneInfo, day_first: bool) -> int | None:
    moment: datetime | None
    if text.replace(".", "", 1).lstrip("-").isdecimal():
        moment = parse_epoch(float(text)) if len(text) >= 8 else None
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = _read_loosely(text, day_first)
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return round((aware - EPOCH).total_seconds() * 1_000_000)
    except OverflowError:
        return None


def _read_loosely(text: str, day_first: bool) -> datetime | None:
    if not any(mark.isdigit() for mark in text):
        return None
    try:
        return dateutil_parser.parse(text, default=_DEFAULT_TIME, dayfirst=day_first)
    except (ValueError, OverflowError):
        return None


def _to_times(values: Microseconds, like: Any) -> Any:
    return pa.array(values, pa.int64(), mask=pc.is_null(like).to_numpy(zero_copy_only=False)).cast(UTC_TIME)


def _within_bounds(times: Any) -> Any:
    numbers = times.cast(pa.int64())
    inside = pc.and_(pc.greater_equal(numbers, _EARLIEST), pc.less(numbers, _LATEST))
    return pc.if_else(inside, times, pa.scalar(None, UTC_TIME))


def _offset_of(local_seconds: int, zone: ZoneInfo) -> int:
    local = EPOCH.replace(tzinfo=zone) + timedelta(seconds=local_seconds)  # local clock arithmetic
    offset = local.utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)
