"""JSON lines, JSON arrays, and objects one after the other."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path

from insights_mcp.local.events.files.batch import Reject
from insights_mcp.local.events.files.kinds import FileKind, refused
from insights_mcp.local.events.files.sources import ObjectPiece, OpenFile
from insights_mcp.local.events.payloads import mend_surrogates

_READ_BYTES = 4 << 20
_ROWS = 40_000
_SHOWN = 1000
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_OPENING = re.compile(r"\ufeff?\s*\[?\s*")
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


class JsonSource:
    """A file of JSON objects, read in pieces. Rows are lines in JSON lines, else objects; both count from 1."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        self.file = OpenFile.open(path, kind)
        self._name = path.name
        self._kind = kind

    def position(self) -> int:
        """Return how many bytes of the file are read."""
        return self.file.position()

    def pieces(self) -> Iterator[ObjectPiece]:
        """Read the file from its start. Raises Problem when it is damaged."""
        piece = ObjectPiece([], 0)
        rows = self._lines() if self._kind.format == "jsonl" else self._values()
        for number, value in rows:
            piece.rows_end = number
            if isinstance(value, dict):
                piece.objects.append((number, value))
            elif isinstance(value, Reject):
                piece.rejects.append(value)
            else:
                piece.rejects.append(Reject(number, "not a JSON object", value))
            if len(piece.objects) + len(piece.rejects) >= _ROWS:
                yield piece
                piece = ObjectPiece([], number)
        yield piece

    def _lines(self) -> Iterator[tuple[int, object]]:
        number = 0
        for text in self._texts():
            for line in text.split("\n"):
                number += 1
                if line and not line.isspace():
                    yield number, _read_line(number, line)

    def _texts(self) -> Iterator[str]:
        """Yield whole lines, many at a time, without the last line end."""
        rest = b""
        while block := self._read():
            whole, end, tail = block.rpartition(b"\n")
            if end:
                yield self._decode(rest + whole)
                rest = tail
            else:
                rest += block
        if rest:
            yield self._decode(rest)

    def _values(self) -> Iterator[tuple[int, object]]:
        decoder = codecs.getincrementaldecoder(self._kind.encoding)("surrogateescape")
        text, position, number, is_last = "", 0, 0, False
        while True:
            position = _skip(text, position, is_start=number == 0)
            value, end = _read_value(text, position)
            if value is not None:
                number, position = number + 1, end
                yield number, mend_surrogates(value)
            elif is_last:
                break
            else:
                block = self._read()
                is_last = not block
                text, position = text[position:] + decoder.decode(block, final=is_last), 0
        if text[position : position + 1] not in ("", "]"):
            raise refused(f"{self._name} is damaged after object {number}.", attr="path")

    def _read(self) -> bytes:
        try:
            block: bytes = self.file.stream.read(_READ_BYTES)
        except OSError as error:
            raise refused(f"{self._name} cannot be read to its end: {error}", attr="path") from error
        return block

    def _decode(self, block: bytes) -> str:
        return block.decode(self._kind.encoding, "surrogateescape").removeprefix("\ufeff")


def _read_line(number: int, line: str) -> object:
    try:
        value: object = _DECODER.decode(line)
        line.encode()
    except UnicodeEncodeError:
        return Reject(number, "not valid UTF-8", repr(line[:_SHOWN]))
    except ValueError as error:
        return Reject(number, f"not valid JSON: {error}", line[:_SHOWN])
    except RecursionError:
        return Reject(number, "nested too deeply", line[:_SHOWN])
    return mend_surrogates(value) if _SURROGATE.search(line) else value


def _read_value(text: str, position: int) -> tuple[object, int]:
    """Return the value that starts here and where it ends, None where it does not end yet."""
    try:
        value, end = _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        return None, position
    return value, end


def _skip(text: str, position: int, *, is_start: bool) -> int:
    match = (_OPENING if is_start else _BETWEEN).match(text, position)
    return match.end() if match else position
