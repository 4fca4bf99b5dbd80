"""Captured events on their way into the events table: which are there already, and how they are written."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from insights_mcp.local.events.captured import CapturedEvent

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

_COLUMNS = (
    "team_id",
    "uuid",
    "event",
    "properties",
    "timestamp",
    "distinct_id",
    "person_id",
    "elements_chain",
    "created_at",
    "person_mode",
)
# A sender repeats an event with a new `sent_at`, so the corrected timestamp may differ a little.
_DRIFT = timedelta(days=1)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2299, 12, 31, tzinfo=UTC)
_STORED = """
SELECT uuid FROM events
WHERE team_id = {{team:UInt32}} AND timestamp >= {{first:DateTime64(6)}} AND timestamp <= {{last:DateTime64(6)}}
  AND event IN {{names:Array(String)}} AND uuid IN ({uuids})
"""


def drop_repeated(engine: "Engine", team_id: int, events: Sequence[CapturedEvent]) -> list[CapturedEvent]:
    """Return the events whose uuid is neither stored nor earlier in the list. Only given uuids can repeat."""
    given = [event for event in events if event.has_given_uuid]
    known = _stored_uuids(engine, team_id, given) if given else set()
    kept = []
    for event in events:
        if event.uuid not in known:
            known.add(event.uuid)
            kept.append(event)
    return kept


def insert_events(engine: "Engine", team_id: int, events: Iterable[CapturedEvent], now: datetime) -> None:
    """Write events, one insert per month: an insert within one partition is all or nothing (facts/engine.md 0.6)."""
    by_month = sorted(events, key=lambda event: _month(event.timestamp))
    for _, some in groupby(by_month, key=lambda event: _month(event.timestamp)):
        engine.insert("events", _COLUMNS, [_row(team_id, event, now) for event in some])


def _stored_uuids(engine: "Engine", team_id: int, events: Sequence[CapturedEvent]) -> set[object]:
    times = [event.timestamp for event in events]
    found = engine.command(
        # Bound as a parameter, thousands of UUIDs would be quoted letter by letter; they cannot hold a quote.
        _STORED.format(uuids=", ".join(f"'{event.uuid}'" for event in events)),
        {
            "team": team_id,
            "first": _within(min(times) - _DRIFT) if min(times) > _FIRST else _FIRST,
            "last": _within(max(times)) + _DRIFT,
            "names": sorted({event.event for event in events}),
        },
    )
    return {row[0] for row in found.rows if isinstance(row[0], UUID)}


def _month(moment: datetime) -> tuple[int, int]:
    return moment.year, moment.month


def _row(team_id: int, event: CapturedEvent, now: datetime) -> tuple[object, ...]:
    return (
        team_id,
        event.uuid,
        event.event,
        event.properties_text(),
        _within(event.timestamp),
        event.distinct_id,
        event.person_id,
        event.elements_chain,
        now,
        event.person_mode,
    )


def _within(moment: datetime) -> datetime:
    """Return the nearest time that DateTime64(6) can hold."""
    return min(max(moment, _FIRST), _LAST)
