"""Writes batches of an import: what is stored already is left out, then persons, definitions and events."""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights_mcp.local.clock import Clock
from insights_mcp.local.engine.ddl import quote_name
from insights_mcp.local.engine.tables import EVENTS, Column
from insights_mcp.local.events.files.batch import EventBatch
from insights_mcp.local.events.grouping import Grouping
from insights_mcp.local.events.mirror import Mirror
from insights_mcp.local.events.people import apply_to_persons
from insights_mcp.local.events.uuids import person_uuid_bytes
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import record_sightings
from insights_mcp.local.store.persons import FirstSight, Known, age_persons, touch_persons
from insights_mcp.local.store.projects import mark_has_events

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

# The same row read in another time zone lies at most a day away.
_SLACK = timedelta(days=1)
_NAMES = ", ".join(quote_name(column.name) for column in EVENTS)
_MOST_KNOWN = 400_000
_STORED = """
SELECT row FROM {stage} WHERE uuid IN (
    SELECT uuid FROM events
    WHERE team_id = {{team:UInt32}} AND timestamp >= {{first:DateTime64(6)}} AND timestamp <= {{last:DateTime64(6)}}
      AND uuid IN (SELECT uuid FROM {stage})
)
"""


@dataclass
class Written:
    """What became of one batch."""

    added: int
    duplicates: int
    events: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None


class BatchWriter:
    """Writes the batches of one import. Close it at the end: it keeps two tables in the engine's memory."""

    def __init__(self, store: Store, engine: "Engine", mirror: Mirror, team_id: int, clock: Clock) -> None:
        self._store = store
        self._engine = engine
        self._mirror = mirror
        self._team_id = team_id
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._personless: dict[str, bytes] = {}
        name = f"import_{secrets.token_hex(8)}"
        self._uuids, self._events = f"{name}_uuids", f"{name}_events"
        columns = ", ".join(_waiting_column(column) for column in EVENTS)
        engine.command(f"CREATE TABLE {self._uuids} (row UInt32, uuid UUID) ENGINE = Memory")
        engine.command(f"CREATE TABLE {self._events} ({columns}) ENGINE = Memory")

    def close(self) -> None:
        """Drop the tables."""
        for table in (self._uuids, self._events):
            self._engine.command(f"DROP TABLE IF EXISTS {table}")

    def write(self, batch: EventBatch) -> Written:
        """Write the events that are not stored yet. All that it needs is durable when it returns."""
        table = batch.table
        kept = self._unknown(table)
        fresh = table.filter(pa.array(kept)) if not kept.all() else table
        written = Written(fresh.num_rows, table.num_rows - fresh.num_rows)
        if fresh.num_rows == 0:
            return written
        self._insert(fresh, self._save(batch, fresh, kept))
        self._mirror.flush()
        written.events.update({row["values"]: row["counts"] for row in fresh["event"].value_counts().to_pylist()})
        bounds = pc.min_max(fresh["timestamp"]).as_py()
        written.first, written.last = bounds["min"].astimezone(UTC), bounds["max"].astimezone(UTC)
        return written

    def _unknown(self, table: Any) -> Any:
        """Return which rows are neither stored nor the repetition of a uuid further up."""
        kept = np.zeros(table.num_rows, dtype=bool)
        if table.num_rows == 0:
            return kept
        uuids = table["uuid"].combine_chunks()
        values = np.frombuffer(uuids.buffers()[1], dtype="V16", count=len(uuids), offset=16 * uuids.offset)
        kept[np.unique(values, return_index=True)[1]] = True
        bounds = pc.min_max(table["timestamp"]).as_py()
        rows = pa.array(range(table.num_rows), pa.uint32())
        self._engine.insert_arrow(self._uuids, pa.table({"row": rows, "uuid": uuids}))
        stored = self._engine.command(
            _STORED.format(stage=self._uuids),
            {"team": self._team_id, "first": bounds["min"] - _SLACK, "last": bounds["max"] + _SLACK},
        )
        self._engine.command(f"TRUNCATE TABLE {self._uuids}")
        kept[np.array([row[0] for row in stored.rows], dtype=np.int64)] = False
        return kept

    def _save(self, batch: EventBatch, fresh: Any, kept: Any) -> Any:
        """Write persons, groups and definitions. Return the person of each fresh row."""
        telling = [event for place, event in batch.telling if kept[place]]
        now = self._clock()
        with self._store.write() as db:
            Grouping(db, self._team_id, now).apply(telling)
            if apply_to_persons(db, self._team_id, telling):
                self._known.clear()  # whose a distinct id is has changed
            persons = self._persons(db, fresh)
            record_sightings(db, self._team_id, batch.sightings, now, count=False)
            mark_has_events(db, self._team_id)
        return persons

    def _persons(self, db: Connection, fresh: Any) -> Any:
        has_person = pc.not_equal(fresh["person_mode"], "propertyless") if "person_mode" in fresh.column_names else None
        table = fresh.select(["distinct_id", "timestamp"])
        table = table.append_column("has_person", has_person if has_person is not None else _all_true(len(table)))
        seen = table.group_by("distinct_id").aggregate([("timestamp", "min"), ("has_person", "max")])
        ids = seen["distinct_id"].to_pylist()
        first_seen = seen["timestamp_min"].cast(pa.int64()).to_pylist()
        self._touch(db, zip(ids, first_seen, seen["has_person_max"].to_pylist(), strict=True))
        defaults = self._personless
        persons = [
            known.uuid if (known := self._known.get(distinct_id)) else defaults[distinct_id] for distinct_id in ids
        ]
        places = pc.index_in(fresh["distinct_id"], value_set=seen["distinct_id"].combine_chunks())
        return pa.array(persons, pa.binary(16)).take(places.combine_chunks())

    def _touch(self, db: Connection, seen: Iterable[tuple[str, int, bool]]) -> None:
        """Bring the persons of the distinct ids up to date, but for those that an earlier batch left as they are."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        sights, older = [], []
        for distinct_id, first, has_person in seen:
            known = self._known.get(distinct_id)
            if known is None:
                uuid = person_uuid_bytes(self._team_id, distinct_id)
                sights.append(FirstSight(distinct_id, uuid, first, is_personless=not has_person))
            elif first < known.created_at and has_person:
                older.append((known.id, first))
                self._known[distinct_id] = known._replace(created_at=first)
        self._known |= touch_persons(db, self._team_id, sights)
        self._personless = {sight.distinct_id: sight.uuid for sight in sights if sight.is_personless}
        age_persons(db, older)

    def _insert(self, fresh: Any, persons: Any) -> None:
        count = fresh.num_rows
        table = (
            fresh.append_column("team_id", pa.repeat(pa.scalar(self._team_id, pa.uint32()), count))
            .append_column("person_id", persons)
            .append_column("created_at", pa.repeat(pa.scalar(self._clock(), pa.timestamp("us", "UTC")), count))
        )
        self._engine.insert_arrow(self._events, table)
        months = pc.unique(pc.add(pc.multiply(pc.year(table["timestamp"]), 100), pc.month(table["timestamp"])))
        for month in months.to_pylist():  # an insert within one partition is all or nothing (facts/engine.md 0.6)
            self._engine.command(
                f"INSERT INTO events ({_NAMES}) SETTINGS insert_allow_materialized_columns = 1"
                f" SELECT {_NAMES} FROM {self._events} WHERE toYYYYMM(timestamp) = {int(month)}"
            )
        self._engine.command(f"TRUNCATE TABLE {self._events}")


def _waiting_column(column: Column) -> str:
    """Return a column of the table that rows wait in: what the engine works out for events can be given here."""
    return f"{quote_name(column.name)} {column.type} {column.expression.replace('MATERIALIZED', 'DEFAULT')}"


def drop_leftovers(engine: "Engine") -> None:
    """Drop the tables of imports that were cut off. Only while no import runs."""
    found = engine.command(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^import_[0-9a-f]{16}_')"
    )
    for (name,) in found.rows:
        engine.command(f"DROP TABLE IF EXISTS {quote_name(str(name))}")


def _all_true(count: int) -> Any:
    return pa.array([True] * count, pa.bool_())
