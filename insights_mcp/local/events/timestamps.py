"""When an event happened: its timestamp, corrected by the sender's clock, within bounds.

The rules are those of PostHog's ingestion: `offset` wins; `sent_at` minus now is the sender's clock skew and is taken
off; more than 23 hours in the future, or unreadable, becomes now; a year outside 0 to 9999 becomes the epoch.
"""

import re
from datetime import UTC, datetime, timedelta

from dateutil import parser as dateutil_parser

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(hours=23)
_DEFAULT = datetime(1970, 1, 1)  # fills parts that a text leaves out; the zone comes after
_EPOCH_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d+)?")


def event_time(timestamp: object, *, offset: object = None, sent_at: datetime | None = None, now: datetime) -> datetime:
    """Return the moment of an event in UTC. Pass no `sent_at` when the event says `$ignore_sent_at`."""
    moment = _corrected(timestamp, sent_at, now)
    if isinstance(offset, int | float) and not isinstance(offset, bool):
        moment = _shift(now, -offset)
    return now if moment is None or moment - now > _FUTURE else moment


def parse_moment(value: object) -> datetime | None:
    """Return the moment that a text or a number names, in UTC; without an offset it is UTC. None if unreadable."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return parse_epoch(value)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text[4:5] != "-" and _EPOCH_NUMBER.fullmatch(text):
        return parse_epoch(float(text)) if len(text) > 8 else None
    try:
        return _to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return _parse_loosely(text)


def parse_epoch(number: float) -> datetime | None:
    """Return the moment of a Unix time in seconds, milliseconds, microseconds or nanoseconds, told by its size."""
    size = abs(number)
    divisor = 1.0 if size < 1e11 else 1e3 if size < 1e14 else 1e6 if size < 1e17 else 1e9
    try:
        return EPOCH + timedelta(seconds=number / divisor)
    except (OverflowError, ValueError):  # ValueError: not a number at all
        return None


def _corrected(timestamp: object, sent_at: datetime | None, now: datetime) -> datetime | None:
    moment = parse_moment(timestamp)
    if moment is None or sent_at is None:
        return moment
    try:
        return moment - (sent_at - now)
    except OverflowError:
        return EPOCH


def _shift(now: datetime, milliseconds: float) -> datetime:
    try:
        return now + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return EPOCH


def _parse_loosely(text: str) -> datetime | None:
    try:
        return _to_utc(dateutil_parser.parse(text, default=_DEFAULT))
    except (ValueError, OverflowError):
        return None


def _to_utc(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC)
