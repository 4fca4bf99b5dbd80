"""What kind of file this is: format, compression, text encoding, CSV dialect."""

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from insights_mcp.local.problems import Problem

Format = Literal["csv", "jsonl", "json", "parquet"]
_SAMPLE = 1 << 20
_ENDS = 4 << 20
_DELIMITERS = ",;\t|"
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True)
class FileKind:
    """All that must be known to read a file."""

    format: Format
    compression: Literal["gzip", "zstd"] | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    # the columns of a CSV, and how many empty lines stand above them
    header: tuple[str, ...] = ()
    blank_lines: int = 0


def refused(detail: str, *, attr: str | None = None) -> Problem:
    """400: the file or the options do not fit; nothing was imported."""
    return Problem(400, "validation_error", "invalid_import", detail, attr=attr)


def detect_kind(path: Path) -> FileKind:
    """Return a file's kind from its first bytes and its name. Raises Problem when it is none of those known."""
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE)
    except OSError as error:
        raise refused(f"Cannot read {path.name}: {error.strerror or error}.", attr="path") from error
    if not start:
        raise refused(f"{path.name} is empty.", attr="path")
    compression: Literal["gzip", "zstd"] | None = None
    if start.startswith(b"\x1f\x8b"):
        compression, start = "gzip", _unzip(path)
    elif start.startswith(b"\x28\xb5\x2f\xfd"):
        compression, start = "zstd", _unpack(path)
    if start.startswith(b"PAR1"):
        return FileKind("parquet")
    encoding = detect_encoding(start)
    text = start.decode(encoding, "replace")
    format_ = _format_of(text, path, path.name)
    if format_ != "csv":
        return FileKind(format_, compression, encoding)
    delimiter = _delimiter_of(text, path)
    header, blank_lines = _header_of(text, delimiter)
    return FileKind(format_, compression, encoding, delimiter, header, blank_lines)


def fingerprint(path: Path) -> str:
    """Return what tells one state of a file from another: size, time of change, first and last bytes."""
    facts = path.stat()
    digest = blake2b(f"{facts.st_size}:{facts.st_mtime_ns}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        if facts.st_size > 2 * _ENDS:
            file.seek(-_ENDS, 2)
            digest.update(file.read())
    return digest.hexdigest()


def detect_encoding(start: bytes) -> str:
    """Return the encoding of a text by its first bytes: UTF-16 by its mark, UTF-8 if it is that, else Latin-1."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(start) < _SAMPLE or error.start < len(start) - 4:  # else only the last character is cut off
            return "latin-1"
    return "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "utf-8"


def _unzip(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(_SAMPLE)
    except (OSError, EOFError, zlib.error) as error:
        raise refused(f"{path.name} is not readable as gzip: {error}.", attr="path") from error


def _unpack(path: Path) -> bytes:
    import pyarrow as pa

    try:
        with pa.input_stream(str(path), compression="zstd") as file:
            start: bytes = file.read(_SAMPLE)
            return start
    except OSError as error:
        raise refused(f"{path.name} is not readable as zstd: {error}.", attr="path") from error


def _format_of(text: str, path: Path, shown: str) -> Format:
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("["):
        return "json"
    if stripped.startswith("{"):
        return "jsonl"
    for suffix in reversed(path.suffixes):
        known = _SUFFIXES.get(suffix.lower())
        if known == "csv":
            return "csv"
        if known:
            raise refused(f"{shown} is named {suffix} but does not hold that.", attr="path")
    if "\x00" in text[:1000]:
        raise refused(f"{shown} is neither CSV, JSON lines, JSON nor Parquet.", attr="path")
    return "csv"


def _header_of(text: str, delimiter: str) -> tuple[tuple[str, ...], int]:
    """Return the column names, made distinct, and the number of empty lines above them."""
    bare = text.lstrip("\ufeff")
    blank = len(bare) - len(bare.lstrip("\r\n"))
    cells = next(csv.reader(io.StringIO(bare[blank:], newline=""), delimiter=delimiter), [])
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column_{place}"
        while name in names:
            name = f"{name}_{place}"
        names.append(name)
    return tuple(names), bare[:blank].count("\n")


def _delimiter_of(text: str, path: Path) -> str:
    if ".tsv" in (suffix.lower() for suffix in path.suffixes):
        return "\t"
    header = next(iter(text.lstrip("\ufeff\r\n").splitlines()), "")
    best = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))
    return best if best in header else ","
