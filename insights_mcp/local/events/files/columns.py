"""Rows of flat columns as events, whole columns at a time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights_mcp.local.events.captured import NAME_LENGTH, CapturedEvent
from insights_mcp.local.events.files.batch import EventBatch, Reject
from insights_mcp.local.events.files.cells import (
    CellKind,
    JsonColumn,
    kind_of_cells,
    print_cells,
    print_objects,
    value_of_cell,
)
from insights_mcp.local.events.files.derived import derived_columns
from insights_mcp.local.events.files.fields import Fields, property_of
from insights_mcp.local.events.files.row_ids import RowIds
from insights_mcp.local.events.files.sources import ColumnPiece
from insights_mcp.local.events.files.times import is_day_first, parse_times
from insights_mcp.local.events.identity import MAX_LENGTH
from insights_mcp.local.events.inference import infer_type
from insights_mcp.local.store.definitions import Sightings
from insights_mcp.local.store.property_types import PropertyType

# Events that say who is who, or what a group is.
TELLING = ("$identify", "$create_alias", "$merge_dangerously", "$groupidentify", "$set")
_TYPED_VALUES = 200
_NIL = UUID(int=0)


@dataclass(frozen=True)
class Plan:
    """How a file's columns are read: decided once, from its first rows."""

    fields: Fields
    zone: ZoneInfo
    kinds: Mapping[str, CellKind]
    types: Mapping[str, PropertyType | None]
    day_first: bool = False


def plan_columns(
    first: ColumnPiece, fields: Fields, zone: ZoneInfo, declared: Mapping[str, CellKind], now: datetime
) -> Plan:
    """Return how to read a file from its first rows and from the kinds that it declares."""
    kinds = {name: declared.get(name) or kind_of_cells(column) for name, column in first.columns.items()}
    return Plan(
        fields=fields,
        zone=zone,
        kinds=kinds,
        types={name: _type_of(name, column, kinds[name], fields, now) for name, column in first.columns.items()},
        day_first=is_day_first(first.columns[fields.time]),
    )


class ColumnConverter:
    """Turns the pieces of one file into events, in the order of the file."""

    def __init__(self, plan: Plan, ids: RowIds) -> None:
        self._plan = plan
        self._ids = ids
        self._event_columns: dict[str, str] = {}
        self._person_columns: dict[str, str] = {}
        for column in plan.kinds:
            found = property_of(plan.fields, column)
            if found:
                (self._event_columns if found[0] == "event" else self._person_columns)[column] = found[1]

    def convert(self, piece: ColumnPiece) -> EventBatch:
        """Return the rows of a piece as events, and those that cannot be."""
        fields, columns = self._plan.fields, piece.columns
        event = _event_of(fields, columns, len(piece.numbers))
        actor = _first_filled([columns[name] for name in fields.actors])
        time = parse_times(columns[fields.time], self._plan.zone, day_first=self._plan.day_first)
        good = pc.and_(pc.and_(pc.is_valid(event), pc.is_valid(actor)), pc.is_valid(time))
        rejects = piece.rejects
        if not pc.all(good).as_py():
            rejects = rejects + _refuse(piece, event, actor, good, fields)
            columns = {name: column.filter(good) for name, column in columns.items()}
            event, actor, time = (column.filter(good) for column in (event, actor, time))
        return self._build(columns, event, actor, time, piece.rows_end, rejects)

    def _build(
        self, columns: Mapping[str, Any], event: Any, actor: Any, time: Any, rows_end: int, rejects: list[Reject]
    ) -> EventBatch:
        fields = self._plan.fields
        given = columns[fields.uuid].to_pylist() if fields.uuid else None
        printed = self._print(columns, self._event_columns)
        chain = (
            pc.fill_null(columns[fields.elements_chain], "") if fields.elements_chain else pa.array([""] * len(event))
        )
        table = pa.table(
            {
                "uuid": self._ids.of_rows(len(event), lambda: self._contents(columns, event, actor, time), given),
                "event": event,
                "properties": print_objects(printed, len(event)),
                "timestamp": time,
                "distinct_id": actor,
                "elements_chain": chain,
                **derived_columns(printed, len(event)),
            }
        )
        return EventBatch(
            table=table,
            rows_end=rows_end,
            rejects=rejects,
            telling=self._telling(columns, table),
            sightings=self._see(columns, event, time),
        )

    def _print(self, columns: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, JsonColumn]:
        return {name: print_cells(columns[column], self._plan.kinds[column]) for column, name in wanted.items()}

    def _contents(self, columns: Mapping[str, Any], event: Any, actor: Any, time: Any) -> list[bytes]:
        """Return what tells one row from another: the texts of its cells, whatever the order of the columns."""
        told = sorted([*self._event_columns, *self._person_columns])
        parts = [event, actor, time.cast(pa.int64()).cast(pa.string()), *(columns[name] for name in told)]
        names = "\x1f".join(told)
        joined = pc.binary_join_element_wise(names, *parts, "\x1f", null_handling="replace", null_replacement="\x1e")
        texts: list[bytes] = joined.cast(pa.binary()).to_pylist()
        return texts

    def _telling(self, columns: Mapping[str, Any], table: Any) -> list[tuple[int, CapturedEvent]]:
        named = pc.is_in(table["event"], pa.array(TELLING, pa.string()))
        places = set(np.flatnonzero(named.to_numpy(zero_copy_only=False)).tolist())
        sets: list[str] = ["{}"] * table.num_rows
        if self._person_columns:
            sets = print_objects(self._print(columns, self._person_columns), table.num_rows).to_pylist()
            places |= _changes(table["distinct_id"].to_pylist(), sets)
        return [(place, _captured(table.slice(place, 1).to_pylist()[0], sets[place])) for place in sorted(places)]

    def _see(self, columns: Mapping[str, Any], event: Any, time: Any) -> Sightings:
        seen = Sightings()
        carried = {f"p{place}": columns[name] for place, name in enumerate(self._event_columns)}
        table = pa.table({"event": event, "time": time, **carried})
        counted = table.group_by("event").aggregate(
            [("time", "count"), ("time", "max"), *((name, "count") for name in carried)]
        )
        for row in counted.to_pylist():
            seen.see_event(row["event"], row["time_max"].astimezone(UTC), row["time_count"])
            for key, name in zip(carried, self._event_columns.values(), strict=True):
                if row[f"{key}_count"]:
                    seen.event_properties.add((row["event"], name.partition(".")[0]))
        for type_, wanted in (("event", self._event_columns), ("person", self._person_columns)):
            for column, name in wanted.items():
                if columns[column].null_count < len(columns[column]):
                    whole = name.partition(".")[0]
                    seen.see_property(type_, whole, self._plan.types[column] if whole == name else None)
        return seen


def _event_of(fields: Fields, columns: Mapping[str, Any], length: int) -> Any:
    if fields.event is None:
        return pa.array([fields.event_name] * length, pa.string())
    return pc.utf8_slice_codeunits(_filled(columns[fields.event]), 0, NAME_LENGTH)


def _first_filled(columns: list[Any]) -> Any:
    return pc.utf8_slice_codeunits(pc.coalesce(*(_filled(column) for column in columns)), 0, MAX_LENGTH)


def _filled(texts: Any) -> Any:
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.greater(pc.binary_length(trimmed), 0), trimmed, pa.scalar(None, pa.string()))


def _refuse(piece: ColumnPiece, event: Any, actor: Any, good: Any, fields: Fields) -> list[Reject]:
    rejects = []
    for place in np.flatnonzero(~good.to_numpy(zero_copy_only=False)).tolist():
        row = {name: column[place].as_py() for name, column in piece.columns.items()}
        if event[place].as_py() is None:
            reason = f"no event name in {fields.event}"
        elif actor[place].as_py() is None:
            reason = f"no distinct id in {' or '.join(fields.actors)}"
        elif not (row[fields.time] or "").strip():
            reason = f"no time in {fields.time}"
        else:
            reason = f"unreadable time in {fields.time}: {row[fields.time]!r}"
        rejects.append(Reject(int(piece.numbers[place]), reason, {k: v for k, v in row.items() if v is not None}))
    return rejects


def _changes(actors: list[str], sets: list[str]) -> set[int]:
    """Return the rows whose person properties differ from those of the same actor's row before."""
    latest: dict[str, str] = {}
    places = set()
    for place, (actor, text) in enumerate(zip(actors, sets, strict=True)):
        if text != "{}" and latest.get(actor) != text:
            latest[actor] = text
            places.add(place)
    return places


def _captured(row: Mapping[str, Any], set_text: str) -> CapturedEvent:
    properties = json.loads(row["properties"])
    if set_text != "{}":
        properties["$set"] = json.loads(set_text)
    return CapturedEvent(
        uuid=_NIL,
        event=row["event"],
        distinct_id=row["distinct_id"],
        timestamp=row["timestamp"].astimezone(UTC),
        properties=properties,
    )


def _type_of(name: str, column: Any, kind: CellKind, fields: Fields, now: datetime) -> PropertyType | None:
    found = property_of(fields, name)
    sample = pc.drop_null(column).slice(0, _TYPED_VALUES).to_pylist()
    types = {infer_type(found[1], value_of_cell(text, kind), now) for text in sample} if found else set()
    types.discard(None)
    return types.pop() if len(types) == 1 else "String" if types else None
