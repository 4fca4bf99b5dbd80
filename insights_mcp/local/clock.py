"""The clock: asked once per request and handed on, so that tests can fix the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def read_clock() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
