"""Groups: `$groups` on an event, and the properties that `$groupidentify` sets."""

from collections.abc import Callable, Iterable
from datetime import datetime

from insights_mcp.local.events.captured import CapturedEvent, mapping_of
from insights_mcp.local.events.people import to_microseconds
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.groups import ensure_group_type, set_group_properties

_KEY_LENGTH = 400


class Grouping:
    """Writes the groups of a batch of events inside a write transaction. Knows each type after its first use."""

    def __init__(self, db: Connection, team_id: int, now: datetime) -> None:
        self._db = db
        self._team_id = team_id
        self._now = now
        self._indexes: dict[str, int | None] = {}

    def apply(self, events: Iterable[CapturedEvent]) -> None:
        """Put `$group_0` to `$group_4` into the events' properties and save what `$groupidentify` says."""
        for event in events:
            mark_groups(event.properties, self.index_of)
            if event.event == "$groupidentify":
                self._identify(event)

    def index_of(self, name: str) -> int | None:
        """Return the index of a group type, None past the fifth."""
        if name not in self._indexes:
            self._indexes[name] = ensure_group_type(self._db, self._team_id, name, self._now)
        return self._indexes[name]

    def _identify(self, event: CapturedEvent) -> None:
        name, key = event.properties.get("$group_type"), event.properties.get("$group_key")
        if not isinstance(name, str) or not name or key in (None, ""):
            return
        index = self.index_of(name)
        if index is not None:
            changes = mapping_of(event.properties.get("$group_set"))
            moment = to_microseconds(event.timestamp)
            set_group_properties(self._db, self._team_id, index, str(key)[:_KEY_LENGTH], changes, moment)


def mark_groups(properties: dict[str, object], index_of: Callable[[str], int | None]) -> None:
    """Put the keys of `$groups` under `$group_0` to `$group_4`, as queries look for them."""
    for name, key in mapping_of(properties.get("$groups")).items():
        index = index_of(name) if key not in (None, "") else None
        if index is not None:
            properties[f"$group_{index}"] = str(key)
