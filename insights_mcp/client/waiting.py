"""How long is left, and how long to wait before asking again."""

import re
from collections.abc import Callable, Mapping

# The app puts the wait into the text and sets no Retry-After (facts/rest-api.md 2.6).
_EXPECTED = re.compile(r"Expected available in (\d+) second")
FIRST_BACKOFF = 0.25
LONGEST_BACKOFF = 8.0


class Deadline:
    """A point in time after which nothing is sent any more."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._began = monotonic()

    def elapsed(self) -> float:
        """Return the seconds since it was set."""
        return self._monotonic() - self._began

    def extend(self, seconds: float) -> None:
        """Put it off: that time was not spent on the call."""
        self._began += seconds

    def remaining(self) -> float:
        """Return the seconds left, zero when it has passed."""
        return max(0.0, self.seconds - self.elapsed())


def wait_named(detail: str | None, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that a refusal names in its text, else in Retry-After; None when in neither."""
    found = _EXPECTED.search(detail or "")
    if found:
        return float(found[1])
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isdecimal() else None


def backoff(attempt: int) -> float:
    """Return the wait before repeat number `attempt` (from 0)."""
    return min(FIRST_BACKOFF * 2.0**attempt, LONGEST_BACKOFF)
