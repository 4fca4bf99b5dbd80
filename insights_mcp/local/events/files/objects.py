"""Rows that are JSON objects as events, many at a time."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from insights_mcp.local.events.captured import CapturedEvent, mapping_of
from insights_mcp.local.events.files.batch import EventBatch, Reject
from insights_mcp.local.events.files.cells import value_of_cell
from insights_mcp.local.events.files.columns import TELLING, Plan
from insights_mcp.local.events.files.fields import Fields
from insights_mcp.local.events.files.object_rows import Row, RowReader
from insights_mcp.local.events.files.row_ids import RowIds
from insights_mcp.local.events.files.sources import ColumnPiece, ObjectPiece
from insights_mcp.local.events.files.times import is_day_first, parse_times
from insights_mcp.local.events.grouping import mark_groups
from insights_mcp.local.events.sighting import see_event_properties
from insights_mcp.local.store.definitions import Sightings

_PERSON_KEYS = ("$set", "$set_once", "$unset")
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_NIL = UUID(int=0)
_MOST_REMEMBERED = 200_000


def names_of_objects(piece: ObjectPiece) -> list[str]:
    """Return the keys of a sample, and those inside `properties` with a dot between."""
    names: dict[str, None] = {}
    for _, value in piece.objects:
        names |= dict.fromkeys(value)
        names |= {f"properties.{key}": None for key in mapping_of(value.get("properties"))}
    return list(names)


def uuid_like(piece: ObjectPiece, is_uuid: Callable[[object], bool]) -> list[str]:
    """Return the keys whose every value in a sample is a UUID."""
    names = {name for _, value in piece.objects for name in value}
    return [name for name in names if all(is_uuid(value.get(name)) for _, value in piece.objects)]


def to_objects(piece: ColumnPiece, plan: Plan) -> ObjectPiece:
    """Return rows of columns as objects, for files whose columns hold objects with properties."""
    fields = plan.fields
    as_written = {fields.time, fields.event, fields.uuid, fields.elements_chain, *fields.actors}
    cells = [
        [
            cell if cell is None or name in as_written else value_of_cell(cell, plan.kinds[name])
            for cell in column.to_pylist()
        ]
        for name, column in piece.columns.items()
    ]
    rows = (
        {name: value for name, value in zip(piece.columns, row, strict=True) if value is not None}
        for row in zip(*cells, strict=True)
    )
    return ObjectPiece(list(zip(piece.numbers.tolist(), rows, strict=True)), piece.rows_end, piece.rejects)


class ObjectConverter:
    """Turns objects into events, in the order of the file."""

    def __init__(
        self, fields: Fields, zone: ZoneInfo, ids: RowIds, index_of: Callable[[str], int | None], now: datetime
    ) -> None:
        self._fields = fields
        self._zone = zone
        self._ids = ids
        self._index_of = index_of
        self._now = now
        self._reader = RowReader(fields)
        # event -> its properties whose type is known
        self._known: dict[str, set[str]] = {}
        # distinct id -> what was last said of its person
        self._latest: dict[str, tuple[object, ...]] = {}
        self._day_first: bool | None = None

    def convert(self, piece: ObjectPiece) -> EventBatch:
        """Return the objects of a piece as events, and those that cannot be."""
        rejects = list(piece.rejects)
        rows: list[Row] = []
        for number, value in piece.objects:
            row = self._reader.read(number, value)
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                rows.append(row)
        texts = pa.array([row.time for row in rows], pa.string())
        if self._day_first is None:
            self._day_first = is_day_first(texts)
        times = parse_times(texts, self._zone, day_first=self._day_first)
        if times.null_count:
            is_read = pc.is_valid(times).to_pylist()
            rejects += [
                Reject(row.number, f"unreadable time in {self._fields.time}: {row.time!r}", row.content)
                for row, good in zip(rows, is_read, strict=True)
                if not good
            ]
            rows = [row for row, good in zip(rows, is_read, strict=True) if good]
            times = pc.drop_null(times)
        return self._build(rows, times, piece.rows_end, rejects)

    def _build(self, rows: list[Row], times: Any, rows_end: int, rejects: list[Reject]) -> EventBatch:
        for row in rows:
            if "$groups" in row.properties:
                mark_groups(row.properties, self._index_of)
        printed = [_ENCODER.encode(row.properties) for row in rows]

        def contents() -> list[bytes]:
            moments = times.cast(pa.int64()).to_pylist()
            return [
                f"{row.event}\x1f{row.distinct_id}\x1f{moment}\x1f{text}".encode()
                for row, moment, text in zip(rows, moments, printed, strict=True)
            ]

        given = [row.given for row in rows] if self._fields.uuid else None
        table = pa.table(
            {
                "uuid": self._ids.of_rows(len(rows), contents, given),
                "event": pa.array([row.event for row in rows], pa.string()),
                "properties": pa.array(printed, pa.string()),
                "timestamp": times,
                "distinct_id": pa.array([row.distinct_id for row in rows], pa.string()),
                "elements_chain": pa.array([row.chain for row in rows], pa.string()),
                "person_mode": pa.array(["full" if row.has_person else "propertyless" for row in rows], pa.string()),
            }
        )
        return EventBatch(
            table=table,
            rows_end=rows_end,
            rejects=rejects,
            telling=list(self._telling(rows, times)),
            sightings=self._see(rows, table),
        )

    def _telling(self, rows: list[Row], times: Any) -> Iterator[tuple[int, CapturedEvent]]:
        """Yield the rows that say something new of persons or groups."""
        if len(self._latest) > _MOST_REMEMBERED:
            self._latest.clear()
        for place, row in enumerate(rows):
            said = tuple(map(row.properties.get, _PERSON_KEYS))
            is_news = any(said) and self._latest.get(row.distinct_id) != said
            if not (is_news or row.event in TELLING) or not row.has_person:
                continue
            self._latest[row.distinct_id] = said
            captured = CapturedEvent(
                uuid=_NIL,
                event=row.event,
                distinct_id=row.distinct_id,
                timestamp=times[place].as_py().astimezone(UTC),
                properties=row.properties,
            )
            yield place, captured

    def _see(self, rows: list[Row], table: Any) -> Sightings:
        seen = Sightings()
        counted = table.group_by("event").aggregate([("timestamp", "count"), ("timestamp", "max")])
        for found in counted.to_pylist():
            seen.see_event(found["event"], found["timestamp_max"].astimezone(UTC), found["timestamp_count"])
        for row in rows:
            known = self._known.setdefault(row.event, set())
            keys = row.properties.keys() - known
            if keys:
                fresh = {key: row.properties[key] for key in keys if row.properties[key] is not None}
                known.update(key for key in fresh if key not in _PERSON_KEYS)
                see_event_properties(seen, row.event, fresh, self._now)
        return seen
