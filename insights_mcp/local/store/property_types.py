"""The types of properties, as queries ask for them: read once, and again only when a definition changed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import read_property_types, read_version

PropertyType = Literal["String", "Numeric", "Boolean", "DateTime"]


@dataclass(frozen=True)
class TeamPropertyTypes:
    """The property types of one project at one moment."""

    types: Mapping[tuple[str, int, str], PropertyType]

    def type_of(self, kind: str, key: str, group_type_index: int | None = None) -> PropertyType | None:
        """Return the type of a property; `kind` is event, person or group (group_0 to group_4 name an index)."""
        index = -1 if group_type_index is None else group_type_index
        if kind.startswith("group_"):
            kind, index = "group", int(kind.removeprefix("group_"))
        return self.types.get((kind, index, key))


class PropertyTypes:
    """The property types of every project, kept in memory and renewed when definitions change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, tuple[int, TeamPropertyTypes]] = {}
        self._guard = threading.Lock()

    def of_team(self, team_id: int) -> TeamPropertyTypes:
        """Return the current property types of a project."""
        with self._store.read() as db:
            version = read_version(db, team_id)
            with self._guard:
                known = self._known.get(team_id)
            if known and known[0] == version:
                return known[1]
            types: Mapping[tuple[str, int, str], PropertyType] = read_property_types(db, team_id)  # type: ignore[assignment]  # only our own four names are stored
        fresh = TeamPropertyTypes(types)
        with self._guard:
            self._known[team_id] = (version, fresh)
        return fresh
