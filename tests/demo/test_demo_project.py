"""The demo project: the same for everybody, complete after a crash, and with a drop that questions find."""

from collections import Counter
from datetime import UTC, datetime
from itertools import islice

import pytest

from insights_mcp.local.demo.calendar import live_through
from insights_mcp.local.demo.journey import BROKEN_BROWSERS, DROP_DAYS

NOW = datetime(2026, 9, 16, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def story() -> list[dict[str, object]]:
    """Every event of the demo, as captured."""
    return [event for journey in live_through(NOW) for event in journey.events]


def test_story_is_the_same_every_time() -> None:
    first = [journey.events for journey in islice(live_through(NOW), 50)]
    assert first == [journey.events for journey in islice(live_through(NOW), 50)]


def test_nothing_happens_twice_or_in_the_future(story: list[dict[str, object]]) -> None:
    assert len({event["uuid"] for event in story}) == len(story)
    assert max(str(event["timestamp"]) for event in story) <= NOW.isoformat()


def test_story_has_the_events_that_a_product_has(story: list[dict[str, object]]) -> None:
    counts = Counter(str(event["event"]) for event in story)
    assert 40_000 < sum(counts.values()) < 60_000
    for rarer, commoner in (
        ("signed_up", "$pageview"),
        ("checkout_started", "signed_up"),
        ("subscription_started", "checkout_started"),
        ("subscription_cancelled", "subscription_started"),
    ):
        assert 0 < counts[rarer] < counts[commoner]


def test_checkout_drops_for_one_browser_only(story: list[dict[str, object]]) -> None:
    since = NOW.timestamp() - DROP_DAYS * 86_400
    paid: Counter[tuple[bool, bool]] = Counter()
    started: Counter[tuple[bool, bool]] = Counter()
    for event in story:
        properties = event["properties"]
        assert isinstance(properties, dict)
        group = (
            properties["$browser"] in BROKEN_BROWSERS,
            datetime.fromisoformat(str(event["timestamp"])).timestamp() >= since,
        )
        started[group] += event["event"] == "checkout_started"
        paid[group] += event["event"] == "subscription_started"
    rates = {group: paid[group] / started[group] for group in started}
    assert rates[True, True] < 0.4
    assert min(rates[True, False], rates[False, True], rates[False, False]) > 0.6
