"""The owner process's log file."""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

LOG_BYTES = 1 << 20


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Log warnings of everybody and our own steps into backend.log."""
    handler = _LogFile(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("insights_mcp.backend").setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class _LogFile(logging.Handler):
    """Appends to the log. A full one is copied away and emptied in place, as stderr may point at the same file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._guard = threading.Lock()
        self._file: TextIO = open(  # noqa: SIM115  # closed in close()
            path, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            with self._guard:
                if os.fstat(self._file.fileno()).st_size > LOG_BYTES:
                    self._path.with_name("backend.log.1").write_bytes(self._path.read_bytes())
                    os.ftruncate(self._file.fileno(), 0)
                self._file.write(self.format(record) + "\n")
                self._file.flush()
        except (OSError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
