from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_mcp.local.events.timestamps import EPOCH, event_time, parse_moment

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EIGHT = datetime(2026, 10, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-10-01T08:00:00Z", EIGHT),
        ("2026-10-01T08:00:00.000", EIGHT),
        ("2026-10-01 10:00:00+02", EIGHT),
        ("2026-10-01T10:00:00+0200", EIGHT),
        ("Thu, 01 Oct 2026 10:00:00 +0200", EIGHT),
        ("10/01/2026 08:00", EIGHT),
        (1790841600, EIGHT),
        (1790841600000.0, EIGHT),
        ("1790841600000", EIGHT),
        ("2026-10-01", EIGHT.replace(hour=0)),
        ("soon", None),
        ("12", None),
        (True, None),
        ({}, None),
        (10**400, None),
        (float("nan"), None),
    ],
)
def test_moment_is_read_from_what_senders_write(value: object, moment: datetime | None) -> None:
    assert parse_moment(value) == moment


@pytest.mark.parametrize(
    ("timestamp", "offset", "sent_at", "moment"),
    [
        (None, None, None, NOW),
        ("nonsense", None, None, NOW),
        ("2026-10-01T08:00:00Z", None, NOW, EIGHT),
        ("2026-10-01T08:00:00Z", None, NOW + timedelta(minutes=5), EIGHT - timedelta(minutes=5)),
        ("2026-10-01T08:00:00Z", 5000, NOW, NOW - timedelta(seconds=5)),
        ("2026-11-02T10:00:00Z", None, None, datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ("2026-11-02T12:00:00Z", None, None, NOW),
        (None, 10**30, None, EPOCH),
        ("0001-01-01T00:00:00Z", None, NOW + timedelta(days=1), EPOCH),
    ],
)
def test_event_happens_when_sender_and_server_agree(
    timestamp: object, offset: object, sent_at: datetime | None, moment: datetime
) -> None:
    assert event_time(timestamp, offset=offset, sent_at=sent_at, now=NOW) == moment


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_any_value_is_read_as_a_time_or_not_at_all(value: object) -> None:
    moment = event_time(value, offset=None, sent_at=NOW, now=NOW)
    assert moment.tzinfo
