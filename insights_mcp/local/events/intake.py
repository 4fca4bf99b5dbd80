"""The way events come in: captured from SDKs, or imported from files."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.local.clock import Clock, read_clock
from insights_mcp.local.engine.base import EngineError
from insights_mcp.local.events.captured import CapturedEvent, read_event
from insights_mcp.local.events.commits import CommitQueue
from insights_mcp.local.events.event_rows import drop_repeated, insert_events
from insights_mcp.local.events.grouping import Grouping
from insights_mcp.local.events.mirror import Mirror
from insights_mcp.local.events.people import apply_to_persons
from insights_mcp.local.events.sighting import see_captured
from insights_mcp.local.events.squash import squash_persons
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import record_sightings
from insights_mcp.local.store.projects import Team, list_projects, mark_has_events

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine
    from insights_mcp.local.events.files.fields import ImportOptions
    from insights_mcp.local.events.importing import ImportState, ImportSummary


# Commits with merges after which the events are rewritten: every query pays for what is not, a little.
_MERGES_TO_SQUASH = 1_000


@dataclass(frozen=True)
class CaptureOutcome:
    """What became of a request's events. Repeated ones (same uuid) count as captured: they are stored."""

    captured: int
    dropped: int = 0


@dataclass(frozen=True)
class _Batch:
    team: Team
    events: Sequence[CapturedEvent]


class Intake:
    """Writes events, their persons, groups and definitions. One per process; safe to call from any thread."""

    def __init__(self, store: Store, engine: "Engine", clock: Clock = read_clock) -> None:
        self.store = store
        self.engine = engine
        self.clock = clock
        self.mirror = Mirror(store, engine)
        # Held while events are written, so that a squash never misses some.
        self.writing = threading.Lock()
        self._importing = threading.Lock()
        self._merges: Counter[int] = Counter()
        self._queue: CommitQueue[_Batch] = CommitQueue(self._commit)

    def capture(
        self,
        team: Team,
        payloads: Sequence[Mapping[str, object]],
        *,
        sent_at: datetime | None = None,
        ip: str | None = None,
    ) -> CaptureOutcome:
        """Store events as an SDK sent them. When this returns they survive the death of the process.

        Raises Problem 400 when one of them is malformed (then none is stored), EngineError when the engine fails.
        """
        now = self.clock()
        read = [read_event(payload, sent_at=sent_at, now=now, ip=ip) for payload in payloads]
        events = [event for event in read if event is not None]
        if events:
            self._queue.put(_Batch(team, events))
        return CaptureOutcome(captured=len(events), dropped=len(read) - len(events))

    def import_file(
        self,
        team: Team,
        path: Path,
        options: "ImportOptions",
        progress: "Callable[[ImportState], None]" = lambda _: None,
    ) -> "ImportSummary":
        """Import a file of events. Rows that are stored already add nothing; an import that was cut off goes on.

        Raises Problem when the file or its columns cannot be understood, EngineError when the engine fails.
        """
        from insights_mcp.local.events.importing import FileImport

        with self._importing:
            return FileImport(self, team, path, options).run(progress)

    def heal(self) -> None:
        """Finish what a crash cut short, and tidy up. Call once, before events come in."""
        from insights_mcp.local.events.batch_writer import drop_leftovers

        drop_leftovers(self.engine)
        self.mirror.flush()
        with self.store.read() as db:
            teams = list_projects(db)
        for team in teams:
            self.squash(team.id)

    def squash(self, team_id: int) -> int:
        """Rewrite the person of events that were merged later. Return how many distinct ids that concerned."""
        with self.writing:
            return self._squash(team_id)

    def _squash(self, team_id: int) -> int:
        self._merges[team_id] = 0
        try:
            return squash_persons(self.store, self.engine, team_id)
        except EngineError:  # a cluster may refuse to rewrite; queries then look persons up, which is right as well
            return 0

    def _commit(self, batches: Sequence[_Batch]) -> None:
        in_order = sorted(batches, key=lambda batch: batch.team.id)
        with self.writing:
            for team_id, some in groupby(in_order, key=lambda batch: batch.team.id):
                self._commit_team(team_id, [event for batch in some for event in batch.events])
            self.mirror.flush()

    def _commit_team(self, team_id: int, events: Sequence[CapturedEvent]) -> None:
        now = self.clock()
        fresh = drop_repeated(self.engine, team_id, events)
        if not fresh:
            return
        with self.store.write() as db:
            grouping = Grouping(db, team_id, now)
            grouping.apply(fresh)
            if apply_to_persons(db, team_id, fresh):
                self._merges[team_id] += 1
            record_sightings(db, team_id, see_captured(fresh, grouping.index_of, now), now)
            mark_has_events(db, team_id)
        insert_events(self.engine, team_id, fresh, now)
        if self._merges[team_id] >= _MERGES_TO_SQUASH:
            self.mirror.flush()
            self._squash(team_id)
