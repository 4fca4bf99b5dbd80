"""What each refresh mode does with a fresh, a stale, a very old and a missing result."""

from datetime import UTC, datetime, timedelta

import pytest

from insights_mcp.local.answers.freshness import Age, RefreshMode, Step, choose_step

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)


def age(hours: float, interval: str | None = "day", **more: object) -> Age:
    return Age(NOW - timedelta(hours=hours), interval, more.pop("date_to", None), **more)


FRESH, STALE, OLD = age(1), age(7), age(13)


@pytest.mark.parametrize(
    ("mode", "fresh", "stale", "old", "missing"),
    [
        ("force_cache", Step.CACHED, Step.CACHED, Step.CACHED, Step.NOTHING),
        ("blocking", Step.CACHED, Step.COMPUTE, Step.COMPUTE, Step.COMPUTE),
        ("async", Step.CACHED, Step.CACHED_AND_START, Step.CACHED_AND_START, Step.START),
        ("async_except_on_cache_miss", Step.CACHED, Step.CACHED_AND_START, Step.CACHED_AND_START, Step.COMPUTE),
        ("lazy_async", Step.CACHED, Step.CACHED, Step.CACHED_AND_START, Step.START),
        ("force_blocking", Step.COMPUTE, Step.COMPUTE, Step.COMPUTE, Step.COMPUTE),
        ("force_async", Step.START, Step.START, Step.START, Step.START),
    ],
)
def test_refresh_mode_decides_by_age(mode: RefreshMode, fresh: Step, stale: Step, old: Step, missing: Step) -> None:
    steps = [choose_step(mode, one, NOW) for one in (FRESH, STALE, OLD, None)]
    assert steps == [fresh, stale, old, missing]


@pytest.mark.parametrize(
    ("interval", "fresh_minutes", "lazy_minutes"),
    [
        ("minute", 5, 15),
        ("hour", 60, 120),
        ("day", 360, 720),
        ("week", 1440, 1440),
        ("month", 1440, 1440),
        (None, 360, 720),
    ],
)
def test_result_stays_fresh_as_long_as_its_interval_allows(
    interval: str | None, fresh_minutes: int, lazy_minutes: int
) -> None:
    before, after = age((fresh_minutes - 1) / 60, interval), age((fresh_minutes + 1) / 60, interval)
    assert (before.is_stale(NOW), after.is_stale(NOW)) == (False, True)
    before, after = age((lazy_minutes - 1) / 60, interval), age((lazy_minutes + 1) / 60, interval)
    assert (before.is_stale_even_if_lazy(NOW), after.is_stale_even_if_lazy(NOW)) == (False, True)


def test_range_that_ended_before_it_was_computed_never_gets_stale() -> None:
    settled = age(1000, date_to=NOW - timedelta(hours=1001))
    assert not settled.is_stale(NOW)


def test_events_that_came_in_since_make_a_result_stale() -> None:
    assert age(0, is_outdated=True, date_to=NOW - timedelta(days=30)).is_stale(NOW)
