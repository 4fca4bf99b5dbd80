"""One file's import: read and converted in one thread, written in another, resumed where it was cut off."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.local.events.batch_writer import BatchWriter, Written
from insights_mcp.local.events.files.batch import EventBatch, Reject
from insights_mcp.local.events.files.fields import ImportOptions
from insights_mcp.local.events.files.kinds import fingerprint
from insights_mcp.local.events.files.reading import EventFile
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import set_volumes
from insights_mcp.local.store.groups import ensure_group_type
from insights_mcp.local.store.imports import ImportProgress, read_unfinished, save_progress
from insights_mcp.local.store.persons import count_persons
from insights_mcp.local.store.projects import Team

if TYPE_CHECKING:
    from insights_mcp.local.events.intake import Intake

_VOLUMES = "SELECT event, count() FROM events WHERE team_id = {team:UInt32} GROUP BY event"


@dataclass(frozen=True)
class ImportState:
    """How far an import is. Rows count those read, good or bad."""

    rows: int
    added: int
    duplicates: int
    rejected: int
    bytes_read: int
    bytes_total: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import did. Totals cover the whole file, also the part that an earlier, cut off run had done."""

    path: str
    rows: int
    added: int
    duplicates: int
    rejected: int
    resumed_at_row: int
    seconds: float
    persons_added: int
    format: str
    encoding: str
    columns: dict[str, str]
    rejected_path: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    events: dict[str, int] = field(default_factory=dict)


class FileImport:
    """Imports one file into one project."""

    def __init__(self, intake: "Intake", team: Team, path: Path, options: ImportOptions) -> None:
        self._intake = intake
        self._store: Store = intake.store
        self._team = team
        self._path = path
        self._group_indexes: dict[str, int | None] = {}
        self._file = EventFile(
            path,
            options,
            team_id=team.id,
            default_zone=team.timezone,
            index_of=self._index_of,
            now=intake.clock(),
        )
        said = f"{fingerprint(path)}{sorted(asdict(options).items(), key=str)}"
        self._fingerprint = blake2b(said.encode(), digest_size=16).hexdigest()
        self._rejects = self._store.path.parent / "rejected" / f"{path.name}.rejected.jsonl"
        self._total = Written(0, 0)

    def run(self, progress: Callable[[ImportState], None]) -> ImportSummary:
        """Import what is not imported yet. Raises Problem for a damaged file, EngineError."""
        started = time.monotonic()
        with self._store.read() as db:
            done = read_unfinished(db, self._team.id, self._fingerprint) or ImportProgress()
            persons_before = count_persons(db, self._team.id)
        resumed_at_row = done.rows
        self._cut_rejects(done.rejected_bytes)
        writer = BatchWriter(self._store, self._intake.engine, self._intake.mirror, self._team.id, self._intake.clock)
        try:
            with _read_ahead(self._file.batches()) as batches:
                for batch in batches:
                    if batch.rows_end > done.rows:
                        done = self._write(writer, batch, done)
                    progress(self._state(done))
        finally:
            writer.close()
        self._finish(done)
        with self._store.read() as db:
            persons_added = count_persons(db, self._team.id) - persons_before
        return ImportSummary(
            path=str(self._path),
            rows=done.added + done.duplicates + done.rejected,
            added=done.added,
            duplicates=done.duplicates,
            rejected=done.rejected,
            resumed_at_row=resumed_at_row,
            seconds=round(time.monotonic() - started, 3),
            persons_added=persons_added,
            format=self._file.kind.format,
            encoding=self._file.kind.encoding,
            columns=self._file.fields.describe(),
            rejected_path=str(self._rejects) if done.rejected else None,
            first=self._total.first,
            last=self._total.last,
            events=dict(self._total.events.most_common()),
        )

    def _write(self, writer: BatchWriter, batch: EventBatch, done: ImportProgress) -> ImportProgress:
        rejected_bytes = done.rejected_bytes + self._set_aside(batch.rejects)
        with self._intake.writing:
            written = writer.write(batch)
        self._total.events.update(written.events)
        times = [moment for moment in (self._total.first, written.first) if moment]
        self._total.first = min(times, default=None)
        self._total.last = max((moment for moment in (self._total.last, written.last) if moment), default=None)
        done = replace(
            done,
            rows=batch.rows_end,
            added=done.added + written.added,
            duplicates=done.duplicates + written.duplicates,
            rejected=done.rejected + len(batch.rejects),
            rejected_bytes=rejected_bytes,
        )
        self._note(done)
        return done

    def _note(self, done: ImportProgress, *, is_finished: bool = False) -> None:
        with self._store.write() as db:
            save_progress(
                db,
                self._team.id,
                self._fingerprint,
                str(self._path),
                done,
                self._intake.clock(),
                is_finished=is_finished,
            )

    def _finish(self, done: ImportProgress) -> None:
        if done.added:
            self._intake.squash(self._team.id)
            volumes = self._intake.engine.command(_VOLUMES, {"team": self._team.id}).rows
            with self._store.write() as db:
                set_volumes(db, self._team.id, [(str(name), int(str(total))) for name, total in volumes])
        self._note(done, is_finished=True)

    def _state(self, done: ImportProgress) -> ImportState:
        return ImportState(
            rows=done.added + done.duplicates + done.rejected,
            added=done.added,
            duplicates=done.duplicates,
            rejected=done.rejected,
            bytes_read=self._file.position(),
            bytes_total=self._file.size,
        )

    def _cut_rejects(self, size: int) -> None:
        """Start the file of bad rows anew, or go on where the noted progress stands."""
        if size == 0:
            self._rejects.unlink(missing_ok=True)
        elif self._rejects.exists():
            with self._rejects.open("r+b") as file:
                file.truncate(size)

    def _set_aside(self, rejects: Iterable[Reject]) -> int:
        in_order = sorted(rejects, key=lambda reject: reject.row)
        text = "".join(reject.print() for reject in in_order).encode("utf-8", "replace")
        if text:
            self._rejects.parent.mkdir(parents=True, exist_ok=True)
            with self._rejects.open("ab") as file:
                file.write(text)
        return len(text)

    def _index_of(self, name: str) -> int | None:
        if name not in self._group_indexes:
            with self._store.write() as db:
                self._group_indexes[name] = ensure_group_type(db, self._team.id, name, self._intake.clock())
        return self._group_indexes[name]


@contextmanager
def _read_ahead(batches: Iterator[EventBatch]) -> Iterator[Iterator[EventBatch]]:
    """Read the next batch in a thread of its own while one is being written."""
    waiting: queue.Queue[EventBatch | Exception | None] = queue.Queue(maxsize=1)
    is_over = threading.Event()

    def hand(item: EventBatch | Exception | None) -> None:
        while not is_over.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for batch in batches:
                hand(batch)
                if is_over.is_set():
                    return
            hand(None)
        except Exception as failure:  # noqa: BLE001  # raised again in the writing thread
            hand(failure)

    def taken() -> Iterator[EventBatch]:
        while (item := waiting.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    reader = threading.Thread(target=read, name="import-reader", daemon=True)
    reader.start()
    try:
        yield taken()
    finally:
        is_over.set()
        reader.join()
