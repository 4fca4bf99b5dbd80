"""What a part of a file becomes: rows ready to store, rows refused, and what they show."""

import json
from dataclasses import dataclass, field
from typing import Any

from insights_mcp.local.events.captured import CapturedEvent
from insights_mcp.local.store.definitions import Sightings


@dataclass(frozen=True)
class Reject:
    """A row that cannot be an event: its number in the file (the header is 1 in a CSV), why, and what it held."""

    row: int
    reason: str
    content: object

    def print(self) -> str:
        """Return the line that is written aside."""
        line = {"line": self.row, "reason": self.reason, "content": self.content}
        return json.dumps(line, ensure_ascii=False, default=str) + "\n"


@dataclass
class EventBatch:
    """Rows of a file as events. `table` holds uuid, event, properties, timestamp, distinct_id, elements_chain.

    `rows_end`: how many rows of the file lie behind, good or bad. `telling`: the events, by their place in the table,
    that say something of persons or groups and are applied one by one.
    """

    table: Any
    rows_end: int
    rejects: list[Reject] = field(default_factory=list)
    telling: list[tuple[int, CapturedEvent]] = field(default_factory=list)
    sightings: Sightings = field(default_factory=Sightings)
