"""CSV files, read in blocks with every cell as text."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from insights_mcp.local.events.files.batch import Reject
from insights_mcp.local.events.files.cells import CellKind
from insights_mcp.local.events.files.kinds import FileKind, refused
from insights_mcp.local.events.files.sources import ColumnPiece, OpenFile, RowNumbers
from insights_mcp.local.problems import Problem

# Arrow keeps up to 32 blocks read ahead in memory, so they are small; the more rows at once the faster the rest.
BLOCK_BYTES = 4 << 20
BLOCKS_AT_ONCE = 4
# An empty cell is missing; an empty text in quotes is a text.
_MISSING = ["", "NULL", "null", "\\N"]
_SHOWN = 1000


class CsvSource:
    """A CSV file with a header. Row numbers count the header as 1, and a row over several lines once."""

    kinds: Mapping[str, CellKind]

    def __init__(self, path: Path, kind: FileKind) -> None:
        self.file = OpenFile.open(path, kind)
        self.kinds = {}
        self._name = path.name
        self._kind = kind
        self._misfits: dict[int, Reject] = {}
        self.names = list(kind.header)
        self._blocks_read = 0
        self._damage: Problem | None = None
        self._reader = self._open()

    def pieces(self) -> Iterator[ColumnPiece]:
        """Read the file some blocks at a time. Raises Problem when it is damaged."""
        number = 2
        while blocks := self._read_blocks():
            table = pa.Table.from_batches(blocks).combine_chunks()
            numbers, misfits = self._number(number, table.num_rows)
            number += table.num_rows + len(misfits)
            yield self._piece(table, numbers, number - 1, misfits)
        if self._misfits:  # bad rows after the last good one
            rest = sorted(self._misfits.values(), key=lambda reject: reject.row)
            self._misfits = {}
            yield ColumnPiece({name: pa.array([], pa.string()) for name in self.names}, _NONE, rest[-1].row, rest)

    def position(self) -> int:
        """Return about how many bytes of the file are converted: Arrow itself reads far ahead."""
        return min(self._blocks_read * BLOCK_BYTES, self.file.position())

    def _read_blocks(self) -> list[Any]:
        """Return the next blocks; what lies before a damage is still good."""
        if self._damage:
            raise self._damage
        blocks: list[Any] = []
        try:
            while len(blocks) < BLOCKS_AT_ONCE:
                blocks.append(self._reader.read_next_batch())
                self._blocks_read += 1
        except StopIteration:
            pass
        except (pa.ArrowInvalid, OSError) as error:
            self._damage = refused(f"{self._name} is damaged: {error}", attr="path")
            if not blocks:
                raise self._damage from error
        return blocks

    def _open(self) -> Any:
        encoding = "utf8" if self._kind.encoding.startswith("utf-8") else self._kind.encoding
        try:
            return pv.open_csv(
                self.file.stream,
                # Threads would be faster, but then Arrow does not say which row is a misfit.
                read_options=pv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    encoding=encoding,
                    column_names=self.names,
                    skip_rows=self._kind.blank_lines,
                    skip_rows_after_names=1,
                ),
                parse_options=pv.ParseOptions(
                    delimiter=self._kind.delimiter, newlines_in_values=True, invalid_row_handler=self._set_aside
                ),
                convert_options=pv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.binary()),
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    null_values=_MISSING,
                ),
            )
        except (pa.ArrowInvalid, OSError) as error:
            raise refused(f"{self._name} cannot be read as CSV: {error}", attr="path") from error

    def _set_aside(self, row: Any) -> str:
        reason = f"{row.actual_columns} columns, the header has {row.expected_columns}"
        self._misfits[row.number] = Reject(row.number, reason, row.text[:_SHOWN])
        return "skip"

    def _number(self, first: int, rows: int) -> tuple[RowNumbers, list[Reject]]:
        """Return the file's numbers of the next `rows` good rows, and the misfits among and before them."""
        numbers: list[int] = []
        misfits: list[Reject] = []
        for number in count(first):
            if len(numbers) == rows and number not in self._misfits:
                break
            misfit = self._misfits.pop(number, None)
            if misfit:
                misfits.append(misfit)
            elif self._misfits or misfits:
                numbers.append(number)
            else:  # the usual case: no misfit at all
                return np.arange(first, first + rows, dtype=np.int64), []
        return np.array(numbers, dtype=np.int64), misfits

    def _piece(self, block: Any, numbers: RowNumbers, rows_end: int, misfits: list[Reject]) -> ColumnPiece:
        try:
            columns = _as_text(self.names, block)
        except pa.ArrowInvalid:
            broken = np.array([not _is_text(row) for row in block.to_pylist()], dtype=bool)
            rows = block.filter(pa.array(broken)).to_pylist()
            misfits = misfits + [
                Reject(int(number), "not valid UTF-8", repr(row)[:_SHOWN])
                for number, row in zip(numbers[broken], rows, strict=True)
            ]
            columns, numbers = _as_text(self.names, block.filter(pa.array(~broken))), numbers[~broken]
        return ColumnPiece(columns, numbers, rows_end, sorted(misfits, key=lambda reject: reject.row))


_NONE: RowNumbers = np.array([], dtype=np.int64)


def _as_text(names: Sequence[str], block: Any) -> dict[str, Any]:
    """Return the columns as text. Raises ArrowInvalid when a cell is not UTF-8."""
    return {
        name: column.chunk(0).cast(pa.string()) if column.num_chunks else pa.array([], pa.string())
        for name, column in zip(names, block.columns, strict=True)
    }


def _is_text(row: Mapping[str, bytes | None]) -> bool:
    try:
        for cell in row.values():
            if cell is not None:
                cell.decode()
    except UnicodeDecodeError:
        return False
    return True
