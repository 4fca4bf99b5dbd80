"""A small file of JSON lines that several processes append to: one line is written at once, under a lock file.

The file is bounded: when it grows too large it is rewritten with what matters still. A torn last line, left by a
process that was killed, is skipped.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

Record = Mapping[str, object]
Extend = Callable[[Sequence[Record]], Sequence[Record]]

_MOST_BYTES = 2_000_000
_LOCK_SECONDS = 5.0
_PAUSE = 0.01


class JournalLines(Protocol):
    """Where the records of a journal are."""

    def read(self) -> list[Record]:
        """Return every record, oldest first."""

    def extend(self, extend: Extend, compact: Extend) -> list[Record]:
        """Append what `extend` makes of the records there are, and return all. Nobody else writes meanwhile."""


class MemoryLines:
    """Records that live as long as the process."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def read(self) -> list[Record]:
        """Return every record, oldest first."""
        return list(self._records)

    def extend(self, extend: Extend, compact: Extend) -> list[Record]:
        """Append what `extend` makes of the records there are, and return all."""
        self._records = list(compact([*self._records, *extend(self._records)]))
        return self.read()


class FileLines:
    """Records in a file that only its owner may read: it holds queries of the project."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Record]:
        """Return every record, oldest first; none when there is no file yet.

        Raises OSError.
        """
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return list(_parse(text))

    def extend(self, extend: Extend, compact: Extend) -> list[Record]:
        """Append what `extend` makes of the records there are, and return all. Nobody else writes meanwhile.

        Raises OSError.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock():
            records = self.read()
            added = list(extend(records))
            records += added
            if self._size() > _MOST_BYTES:
                self._rewrite(compact(records))
            else:
                self._append(added)
        return records

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _append(self, added: Sequence[Record]) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            is_torn = False
            if size:
                os.lseek(descriptor, -1, os.SEEK_END)
                is_torn = os.read(descriptor, 1) != b"\n"
            os.write(descriptor, (b"\n" if is_torn else b"") + _dump(added))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _rewrite(self, records: Sequence[Record]) -> None:
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, _dump(records))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(self._path)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the lock file. It works on every system; one left by a killed process is taken over."""
        lock = self._path.with_suffix(".lock")
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                break
            except (FileExistsError, PermissionError):  # Windows denies while the other one removes it
                if time.monotonic() > deadline:
                    lock.unlink(missing_ok=True)
                    deadline = time.monotonic() + _LOCK_SECONDS
                time.sleep(_PAUSE)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _dump(records: Sequence[Record]) -> bytes:
    lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str) for record in records]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _parse(text: str) -> Iterator[Record]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield record
