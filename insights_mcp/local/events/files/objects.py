"""Rows that are JSON objects as events, row by row: exports of PostHog, Mixpanel, Amplitude, Segment, or flat ones."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from insights_mcp.local.events.captured import NAME_LENGTH, CapturedEvent, mapping_of
from insights_mcp.local.events.files.batch import EventBatch, Reject
from insights_mcp.local.events.files.cells import value_of_cell
from insights_mcp.local.events.files.columns import TELLING, Plan
from insights_mcp.local.events.files.fields import Fields, property_of
from insights_mcp.local.events.files.row_ids import RowIds
from insights_mcp.local.events.files.sources import ColumnPiece, ObjectPiece
from insights_mcp.local.events.files.times import is_day_first, parse_times
from insights_mcp.local.events.grouping import mark_groups
from insights_mcp.local.events.identity import read_distinct_id
from insights_mcp.local.events.sighting import see_event_properties
from insights_mcp.local.store.definitions import Sightings

_PERSON_KEYS = ("$set", "$set_once", "$unset")
# Calls of Segment that carry no event name.
_CALLS = {"page": "$pageview", "screen": "$screen", "identify": "$identify", "group": "$groupidentify"}
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_NIL = UUID(int=0)


@dataclass
class _Row:
    number: int
    event: str
    distinct_id: str
    time: str
    given: str | None
    chain: str
    properties: dict[str, object]
    content: object


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
        self._owners: dict[str, tuple[str, str] | None] = {}
        self._time_path = _path(fields.time)
        self._actor_paths = [_path(name) for name in fields.actors]
        self._uuid_path = _path(fields.uuid) if fields.uuid else ()
        self._known: set[tuple[str, str]] = set()
        self._day_first: bool | None = None

    def convert(self, piece: ObjectPiece) -> EventBatch:
        """Return the objects of a piece as events, and those that cannot be."""
        rejects = list(piece.rejects)
        rows: list[_Row] = []
        for number, value in piece.objects:
            row = self._read(number, value)
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                rows.append(row)
        texts = pa.array([row.time for row in rows], pa.string())
        if self._day_first is None:
            self._day_first = is_day_first(texts)
        times = parse_times(texts, self._zone, day_first=self._day_first)
        if times.null_count:
            unreadable = [row for row, time in zip(rows, times, strict=True) if not time.is_valid]
            rejects += [
                Reject(row.number, f"unreadable time in {self._fields.time}: {row.time!r}", row.content)
                for row in unreadable
            ]
            rows = [row for row, time in zip(rows, times, strict=True) if time.is_valid]
            times = pc.drop_null(times)
        return self._build(rows, times, piece.rows_end, sorted(rejects, key=lambda reject: reject.row))

    def _build(self, rows: list[_Row], times: Any, rows_end: int, rejects: list[Reject]) -> EventBatch:
        printed = []
        for row in rows:
            mark_groups(row.properties, self._index_of)
            printed.append(_ENCODER.encode(row.properties))
        moments = times.cast(pa.int64()).to_pylist()
        contents = [
            f"{row.event}\x1f{row.distinct_id}\x1f{moment}\x1f{text}".encode()
            for row, moment, text in zip(rows, moments, printed, strict=True)
        ]
        table = pa.table(
            {
                "uuid": self._ids.of_rows(contents, [row.given for row in rows] if self._uuid_path else None),
                "event": pa.array([row.event for row in rows], pa.string()),
                "properties": pa.array(printed, pa.string()),
                "timestamp": times,
                "distinct_id": pa.array([row.distinct_id for row in rows], pa.string()),
                "elements_chain": pa.array([row.chain for row in rows], pa.string()),
                "person_mode": pa.array(["full" if _has_person(row) else "propertyless" for row in rows], pa.string()),
            }
        )
        return EventBatch(
            table=table,
            rows_end=rows_end,
            rejects=rejects,
            telling=list(_telling(rows, times)),
            sightings=self._see(rows, times),
        )

    def _read(self, number: int, value: Mapping[str, object]) -> "_Row | Reject":
        fields = self._fields
        event = _text(value.get(fields.event)) if fields.event else fields.event_name
        event = event or _CALLS.get(str(value.get("type")))
        found = [read_distinct_id(_find(value, path)) for path in self._actor_paths]
        actor = next((text for text in found if text and text.strip()), None)
        time = _text(_find(value, self._time_path))
        if not event:
            return Reject(number, f"no event name in {fields.event}", value)
        if not actor:
            return Reject(number, f"no distinct id in {' or '.join(fields.actors)}", value)
        if not time:
            return Reject(number, f"no time in {fields.time}", value)
        return _Row(
            number=number,
            event=event[:NAME_LENGTH],
            distinct_id=actor,
            time=time,
            given=_text(_find(value, self._uuid_path)) if self._uuid_path else None,
            chain=_text(value.get(fields.elements_chain)) or "" if fields.elements_chain else "",
            properties=self._properties(value),
            content=value,
        )

    def _properties(self, value: Mapping[str, object]) -> dict[str, object]:
        properties: dict[str, object] = {}
        person: dict[str, object] = {}
        for name in self._fields.property_objects:
            properties |= _object(name, value.get(name))
        for name in self._fields.person_objects:
            person |= _object(name, value.get(name))
        for name, member in value.items():
            owner = self._owner(name)
            if owner:
                (properties if owner[0] == "event" else person)[owner[1]] = member
        if person:
            properties["$set"] = {**person, **mapping_of(properties.get("$set"))}
        for path in (self._time_path, self._uuid_path, *self._actor_paths):
            if len(path) == 2 and path[0] in self._fields.property_objects:
                properties.pop(path[1], None)  # said by the event itself
        return properties

    def _owner(self, name: str) -> tuple[str, str] | None:
        if name not in self._owners:
            self._owners[name] = property_of(self._fields, name)
        return self._owners[name]

    def _see(self, rows: list[_Row], times: Any) -> Sightings:
        seen = Sightings()
        for row, time in zip(rows, times.to_pylist(), strict=True):
            seen.see_event(row.event, time.astimezone(UTC))
            fresh = {}
            for key, value in row.properties.items():
                if value is not None and ((row.event, key) not in self._known or key in _PERSON_KEYS):
                    self._known.add((row.event, key))
                    fresh[key] = value
            if fresh:
                see_event_properties(seen, row.event, fresh, self._now)
        return seen


def _telling(rows: list[_Row], times: Any) -> Iterator[tuple[int, CapturedEvent]]:
    latest: dict[str, list[object]] = {}
    for place, row in enumerate(rows):
        said = [row.properties.get(key) for key in _PERSON_KEYS]
        is_news = any(said) and latest.get(row.distinct_id) != said
        if not _has_person(row) or not (is_news or row.event in TELLING):
            continue
        latest[row.distinct_id] = said
        yield (
            place,
            CapturedEvent(
                uuid=_NIL,
                event=row.event,
                distinct_id=row.distinct_id,
                timestamp=times[place].as_py().astimezone(UTC),
                properties=row.properties,
            ),
        )


def _has_person(row: _Row) -> bool:
    return row.properties.get("$process_person_profile") is not False


def _path(name: str) -> tuple[str, ...]:
    first, dot, rest = name.partition(".")
    return (first, rest) if dot else (name,)


def _find(value: Mapping[str, object], path: tuple[str, ...]) -> object:
    whole = value.get(".".join(path))
    if whole is not None or len(path) == 1:
        return whole
    return _object(path[0], value.get(path[0])).get(path[1])


def _object(name: str, value: object) -> dict[str, object]:
    """Return a JSON object, also one inside a text; anything else stays under its own name."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return {name: value}
    if value is None or isinstance(value, dict):
        return mapping_of(value)
    return {name: value}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value.strip() or None if value else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if isinstance(value, bool | dict | list) else str(value)
