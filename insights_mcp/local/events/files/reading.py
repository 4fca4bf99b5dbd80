"""A file as a sequence of event batches: the one place that knows every format."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from insights_mcp.local.events.files.batch import EventBatch
from insights_mcp.local.events.files.columns import ColumnConverter, plan_columns
from insights_mcp.local.events.files.csv_source import CsvSource
from insights_mcp.local.events.files.fields import Fields, ImportOptions, find_fields
from insights_mcp.local.events.files.json_source import JsonSource
from insights_mcp.local.events.files.kinds import FileKind, detect_kind, refused
from insights_mcp.local.events.files.objects import ObjectConverter, names_of_objects, to_objects, uuid_like
from insights_mcp.local.events.files.parquet_source import ParquetSource
from insights_mcp.local.events.files.row_ids import RowIds
from insights_mcp.local.events.files.sources import ColumnPiece, ObjectPiece
from insights_mcp.local.events.uuids import parse_uuid

Piece = TypeVar("Piece", ColumnPiece, ObjectPiece)


class EventFile:
    """An opened file: what it is, how its columns are understood, and its events batch by batch."""

    def __init__(
        self,
        path: Path,
        options: ImportOptions,
        *,
        team_id: int,
        default_zone: str,
        index_of: Callable[[str], int | None],
        now: datetime,
    ) -> None:
        self.path = path
        self.kind: FileKind = detect_kind(path)
        self.size = path.stat().st_size
        self._zone = read_zone(options.timezone or default_zone)
        self._options = options
        self._ids = RowIds(team_id)
        self._index_of = index_of
        self._now = now
        self.fields: Fields
        if self.kind.format in ("json", "jsonl"):
            self._open_objects()
        else:
            self._open_columns()

    def batches(self) -> Iterator[EventBatch]:
        """Read the events, once. Raises Problem when the file is damaged."""
        return self._batches

    def position(self) -> int:
        """Return how many bytes of the file are read."""
        return self._source.position()

    def _open_objects(self) -> None:
        self._source: CsvSource | JsonSource | ParquetSource = JsonSource(self.path, self.kind)
        first, pieces = _peek(self._source.pieces(), self.path)
        like_uuid = uuid_like(first, lambda value: parse_uuid(value) is not None)
        if not first.objects:
            raise refused(f"{self.path.name} holds no JSON object.", attr="path")
        self.fields = find_fields(names_of_objects(first), self._options, like_uuid)
        converter = ObjectConverter(self.fields, self._zone, self._ids, self._index_of, self._now)
        self._batches = (converter.convert(piece) for piece in pieces)

    def _open_columns(self) -> None:
        source = ParquetSource(self.path) if self.kind.format == "parquet" else CsvSource(self.path, self.kind)
        self._source = source
        first, pieces = _peek(source.pieces(), self.path)
        like_uuid = [name for name, column in first.columns.items() if _holds_uuids(column)]
        self.fields = find_fields(source.names, self._options, like_uuid)
        plan = plan_columns(first, self.fields, self._zone, source.kinds, self._now)
        if self.fields.property_objects or self.fields.person_objects:
            objects = ObjectConverter(self.fields, self._zone, self._ids, self._index_of, self._now)
            self._batches = (objects.convert(to_objects(piece, plan)) for piece in pieces)
        else:
            columns = ColumnConverter(plan, self._ids)
            self._batches = (columns.convert(piece) for piece in pieces)


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name. Raises Problem."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused(f"There is no time zone {name!r}. Example: Europe/Berlin.", attr="timezone") from error


def _peek(pieces: Iterator[Piece], path: Path) -> tuple[Piece, Iterator[Piece]]:
    first = next(pieces, None)
    if first is None:
        raise refused(f"{path.name} holds no rows.", attr="path")
    return first, chain([first], pieces)


def _holds_uuids(column: object) -> bool:
    sample = column.slice(0, 100).to_pylist()  # type: ignore[attr-defined]  # an Arrow array, which has no types
    return bool(sample) and all(parse_uuid(text) for text in sample)
