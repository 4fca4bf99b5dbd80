"""How long a result stays fresh, and what each refresh mode does (facts/rest-api.md 4.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

RefreshMode = Literal[
    "async",
    "async_except_on_cache_miss",
    "blocking",
    "force_async",
    "force_blocking",
    "force_cache",
    "lazy_async",
]
REFRESH_MODES: tuple[RefreshMode, ...] = (
    "async",
    "async_except_on_cache_miss",
    "blocking",
    "force_async",
    "force_blocking",
    "force_cache",
    "lazy_async",
)
CLIENT_REFRESH = timedelta(minutes=1)
# A range that ended this long before the result was computed cannot change any more.
SETTLED = timedelta(seconds=10)

_DAY = timedelta(hours=6)
_AGES = {"minute": timedelta(minutes=5), "hour": timedelta(hours=1), "week": timedelta(days=1)}
_AGES |= dict.fromkeys(("month", "quarter", "year"), _AGES["week"])
_LAZY_DAY = timedelta(hours=12)
_LAZY_AGES = {"minute": timedelta(minutes=15), "hour": timedelta(hours=2), "week": timedelta(days=1)}
_LAZY_AGES |= dict.fromkeys(("month", "quarter", "year"), _LAZY_AGES["week"])


class Step(Enum):
    """What to do about a query."""

    CACHED = "answer from the cache"
    CACHED_AND_START = "answer from the cache and compute in the background"
    COMPUTE = "compute now"
    START = "compute in the background"
    NOTHING = "answer that there is nothing"


@dataclass(frozen=True)
class Age:
    """What is known of a cached result's age. `is_outdated`: events have come in since."""

    last_refresh: datetime
    interval: str | None
    date_to: datetime | None
    is_outdated: bool = False

    @property
    def target(self) -> datetime:
        """When the result stops being fresh."""
        return self.last_refresh + _AGES.get(self.interval or "day", _DAY)

    def is_stale(self, now: datetime) -> bool:
        """Return whether the result should be computed again."""
        return self.is_outdated or (not self._is_settled() and now > self.target)

    def is_stale_even_if_lazy(self, now: datetime) -> bool:
        """Return whether it should be computed again for a reader who does not mind older results."""
        lazy_target = self.last_refresh + _LAZY_AGES.get(self.interval or "day", _LAZY_DAY)
        return self.is_outdated or (not self._is_settled() and now > lazy_target)

    def _is_settled(self) -> bool:
        return self.date_to is not None and self.date_to + SETTLED < self.last_refresh


def choose_step(mode: RefreshMode, age: Age | None, now: datetime) -> Step:
    """Return what a refresh mode does with a cached result of this age; None when nothing is cached."""
    if mode == "force_blocking":
        return Step.COMPUTE
    if mode == "force_async":
        return Step.START
    if age is None:
        return _on_miss(mode)
    if mode == "force_cache" or not age.is_stale(now):
        return Step.CACHED
    if mode == "blocking":
        return Step.COMPUTE
    if mode == "lazy_async" and not age.is_stale_even_if_lazy(now):
        return Step.CACHED
    return Step.CACHED_AND_START


def _on_miss(mode: RefreshMode) -> Step:
    if mode == "force_cache":
        return Step.NOTHING
    return Step.COMPUTE if mode in ("blocking", "async_except_on_cache_miss") else Step.START
