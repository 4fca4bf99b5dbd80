"""The journal of writes: what each changed, from what to what, under a short handle that `undo` takes.

One journal per backend and project, kept across restarts and shared by the processes of one user. A write of several
requests is begun, tells each step, and is ended; what a killed process left begun is found at the next start.
"""

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from insights_mcp.render.reading import mapping, mappings_of, text_of
from insights_mcp.server.journal_file import FileLines, JournalLines, MemoryLines, Record

logger = logging.getLogger(__name__)

_MOST_ENTRIES = 200
_MOST_KEPT_BYTES = 1_000_000
_HANDLE = re.compile(r"u(\d{1,9})")
BEGUN, DONE, UNDONE = "begun", "done", "undone"

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One object's change: the fields that changed, before and after. A missing object is `{"deleted": true}`."""

    noun: str
    id: int
    before: Mapping[str, object]
    after: Mapping[str, object]

    def reversed(self) -> "Step":
        """Return the step that takes this one back."""
        return Step(self.noun, self.id, self.after, self.before)


@dataclass(frozen=True)
class Entry:
    """One write. `intents` are what it was about to make when it was cut off."""

    handle: str
    tool: str
    title: str
    at: str
    pid: int
    state: str
    steps: tuple[Step, ...] = ()
    intents: tuple[Mapping[str, object], ...] = ()

    def touches(self, noun: str, number: int) -> bool:
        """Return whether the write changed this object."""
        return any(step.noun == noun and step.id == number for step in self.steps)


class Journal:
    """The journals of one user, one per scope (backend and project). Without a directory they live in memory."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._lines: dict[str, JournalLines] = {}
        # What this very process has begun and not ended.
        self.active: set[tuple[str, str]] = set()

    async def record(self, scope: str, tool: str, title: str, steps: Sequence[Step], at: datetime) -> str:
        """Write down a finished write and return its handle."""
        return await self._add(scope, tool, title, at, {"steps": [dump_step(step) for step in steps], "state": DONE})

    async def begin(self, scope: str, tool: str, title: str, at: datetime) -> str:
        """Write down that a write of several requests begins, and return its handle."""
        handle = await self._add(scope, tool, title, at, {"state": BEGUN})
        self.active.add((scope, handle))
        return handle

    async def add_intent(self, scope: str, handle: str, intent: Mapping[str, object]) -> None:
        """Write down what the begun write is about to make, so that it is found if nobody lives to tell its id."""
        await self._append(scope, {"u": handle, "intent": dict(intent)})

    async def add_step(self, scope: str, handle: str, step: Step) -> None:
        """Write down a step that was taken."""
        await self._append(scope, {"u": handle, "step": dump_step(step)})

    async def set_state(self, scope: str, handle: str, state: str) -> None:
        """Write down that a write is done, or undone."""
        await self._append(scope, {"u": handle, "state": state})
        self.active.discard((scope, handle))

    async def entries(self, scope: str) -> list[Entry]:
        """Return the writes, oldest first."""
        return _fold(await self._in_thread(scope, lambda lines: lines.read()))

    async def has_begun(self) -> bool:
        """Return whether any journal speaks of a write that was begun, ended or not: a quick look at the files."""
        directory = self._directory
        if directory is None:
            return False
        return await anyio.to_thread.run_sync(_any_begun, directory)

    async def find(self, scope: str, handle: str) -> Entry | None:
        """Return the write of a handle."""
        return next((entry for entry in await self.entries(scope) if entry.handle == handle), None)

    async def _add(self, scope: str, tool: str, title: str, at: datetime, more: Mapping[str, object]) -> str:
        when, handles = at.isoformat(timespec="seconds"), list[str]()

        def extend(records: Sequence[Record]) -> list[Record]:
            handles[:] = [f"u{1 + max((_number(record) for record in records), default=0)}"]
            head = {"u": handles[0], "tool": tool, "title": title[:200], "at": when, "pid": os.getpid()}
            return [{**head, **more}]

        await self._in_thread(scope, lambda lines: lines.extend(extend, _compact))
        return handles[0]

    async def _append(self, scope: str, record: Record) -> None:
        await self._in_thread(scope, lambda lines: lines.extend(lambda _: [record], _compact))

    async def _in_thread(self, scope: str, work: Callable[[JournalLines], T]) -> T:
        lines = self._lines.get(scope)
        if lines is None:
            lines = self._lines[scope] = self._open(scope)
        if isinstance(lines, MemoryLines):
            return work(lines)
        try:
            return await anyio.to_thread.run_sync(work, lines)
        except OSError as error:  # a full or read-only disk must not keep anybody from writing upstream
            logger.warning("the journal cannot be kept (%s); undo lasts for this session only", error.strerror)
            lines = self._lines[scope] = MemoryLines()
            return work(lines)

    def _open(self, scope: str) -> JournalLines:
        if self._directory is None:
            return MemoryLines()
        name = re.sub(r"[^\w.-]+", "-", scope).strip(".-") or "project"
        return FileLines(self._directory / f"{name[:120]}.jsonl")


def _any_begun(directory: Path) -> bool:
    try:
        files = list(directory.glob("*.jsonl"))
        return any(f'"state":"{BEGUN}"' in path.read_text(encoding="utf-8", errors="replace") for path in files)
    except OSError:
        return False


def is_handle(text: str) -> bool:
    """Return whether a text looks like a handle."""
    return _HANDLE.fullmatch(text) is not None


def _number(record: Record) -> int:
    found = _HANDLE.fullmatch(text_of(record.get("u")))
    return int(found[1]) if found else 0


def _fold(records: Sequence[Record]) -> list[Entry]:
    """Return the entries that records tell of. A change to an entry whose beginning was cut away is nothing."""
    entries: dict[str, Entry] = {}
    for record in records:
        handle = text_of(record.get("u"))
        known = entries.get(handle)
        if known is None:
            if "tool" in record:
                entries[handle] = _read_head(handle, record)
            continue
        steps, intents = known.steps, known.intents
        if "step" in record:
            steps = (*steps, read_step(mapping(record["step"])))
        if "intent" in record:
            intents = (*intents, mapping(record["intent"]))
        state = text_of(record.get("state")) or known.state
        entries[handle] = Entry(handle, known.tool, known.title, known.at, known.pid, state, steps, intents)
    return list(entries.values())


def _read_head(handle: str, record: Record) -> Entry:
    pid = record.get("pid")
    return Entry(
        handle,
        text_of(record.get("tool")),
        text_of(record.get("title")),
        text_of(record.get("at")),
        pid if isinstance(pid, int) else 0,
        text_of(record.get("state")),
        tuple(read_step(step) for step in mappings_of(record.get("steps"))),
    )


def read_step(record: Record) -> Step:
    """Return the step that a record tells of."""
    number = record.get("id")
    return Step(
        text_of(record.get("noun")),
        number if isinstance(number, int) else 0,
        mapping(record.get("before")),
        mapping(record.get("after")),
    )


def dump_step(step: Step) -> dict[str, object]:
    """Return a step as a record tells it."""
    return {"noun": step.noun, "id": step.id, "before": dict(step.before), "after": dict(step.after)}


def _compact(records: Sequence[Record]) -> list[Record]:
    """Return the records of the newest entries that have room, and of those still begun."""
    entries = _fold(records)
    sizes = Counter[str]()
    for record in records:
        sizes[text_of(record.get("u"))] += len(json.dumps(record, default=str))
    kept, room = {entry.handle for entry in entries if entry.state == BEGUN}, _MOST_KEPT_BYTES
    for entry in reversed(entries[-_MOST_ENTRIES:]):
        room -= sizes[entry.handle]
        if room < 0:
            break
        kept.add(entry.handle)
    return [record for record in records if record.get("u") in kept]
