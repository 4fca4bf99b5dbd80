"""Parquet files: typed columns, read as text that says the same."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights_mcp.local.events.files.cells import CellKind
from insights_mcp.local.events.files.kinds import refused
from insights_mcp.local.events.files.sources import ColumnPiece, OpenFile

_ROWS = 65_536


class ParquetSource:
    """A Parquet file. Rows count from 1."""

    def __init__(self, path: Path) -> None:
        self.file = OpenFile(None, pa.OSFile(str(path), "rb"))
        self._name = path.name
        try:
            self._reader = pq.ParquetFile(self.file.raw)
        except (pa.ArrowInvalid, OSError) as error:
            raise refused(f"{self._name} cannot be read as Parquet: {error}", attr="path") from error
        schema = self._reader.schema_arrow
        self.names: list[str] = list(schema.names)
        self.kinds: Mapping[str, CellKind] = {
            field.name: kind for field in schema if (kind := _kind_of(field.type)) is not None
        }

    def position(self) -> int:
        """Return how many bytes of the file are read."""
        return self.file.position()

    def pieces(self) -> Iterator[ColumnPiece]:
        """Read the file some rows at a time. Raises Problem when it is damaged."""
        done = 0
        try:
            for batch in self._reader.iter_batches(batch_size=_ROWS):
                columns = {name: _as_text(column) for name, column in zip(self.names, batch.columns, strict=True)}
                numbers = np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int64)
                done += batch.num_rows
                yield ColumnPiece(columns, numbers, done)
        except (pa.ArrowInvalid, OSError) as error:
            raise refused(f"{self._name} cannot be read after row {done}: {error}", attr="path") from error


def _kind_of(type_: Any) -> CellKind | None:
    """Return what a typed column's cells are, None for text, which may hold anything."""
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "number"
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_nested(type_):
        return "json"
    return "text" if pa.types.is_temporal(type_) else None


def _as_text(column: Any) -> Any:
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        return pa.array([None if cell is None else _print(cell) for cell in column.to_pylist()], pa.string())
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if cell is None else cell.decode("utf-8", "replace") for cell in column.to_pylist()])
    return column.cast(pa.string())


def _print(cell: Any) -> str:
    # A map comes as pairs; an object is what it means.
    is_map = isinstance(cell, list) and cell and all(isinstance(item, tuple) and len(item) == 2 for item in cell)
    return json.dumps(dict(cell) if is_map else cell, ensure_ascii=False, separators=(",", ":"), default=str)
