"""Reading files piece by piece: what a piece holds, how far the file is read, and what could not be read at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights_mcp.local.events.files.batch import Reject
from insights_mcp.local.events.files.cells import CellKind
from insights_mcp.local.events.files.kinds import FileKind

RowNumbers = npt.NDArray[np.int64]


@dataclass
class ColumnPiece:
    """Some rows of a table: each column as text, null where a cell is missing. `rows_end` counts bad rows too."""

    columns: Mapping[str, Any]
    numbers: RowNumbers
    rows_end: int
    rejects: list[Reject] = field(default_factory=list)


@dataclass
class ObjectPiece:
    """Some JSON objects, each with its number in the file. `rows_end` counts bad rows too."""

    objects: list[tuple[int, dict[str, object]]]
    rows_end: int
    rejects: list[Reject] = field(default_factory=list)


class ColumnSource(Protocol):
    """A file with columns. `kinds` are known where the file declares types."""

    names: list[str]
    kinds: Mapping[str, CellKind]

    def pieces(self) -> Iterator[ColumnPiece]:
        """Read the file from its start. Raises Problem when it is damaged."""
        ...


@dataclass
class OpenFile:
    """A file's bytes, unpacked, and how many packed ones are read."""

    stream: Any
    raw: Any

    @classmethod
    def open(cls, path: Path, kind: FileKind) -> "OpenFile":
        """Open a file for reading from its start."""
        raw = pa.OSFile(str(path), "rb")
        return cls(pa.CompressedInputStream(raw, kind.compression) if kind.compression else raw, raw)

    def position(self) -> int:
        """Return how many bytes of the file are read."""
        return 0 if self.raw.closed else int(self.raw.tell())
