"""Tells the column store what changed about persons and groups, at most a crash late."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from insights_mcp.local.events.timestamps import EPOCH
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.groups import groups_after
from insights_mcp.local.store.mirror import DISTINCT_IDS, GROUPS, PERSONS, note_mirrored, read_mirrored
from insights_mcp.local.store.persons import distinct_ids_after, persons_after

if TYPE_CHECKING:  # pyarrow is heavy
    import pyarrow as pa

    from insights_mcp.local.engine.base import Engine

_ROWS_AT_ONCE = 50_000


class Mirror:
    """Copies changes from SQLite to the engine's tables, in the order of their versions."""

    def __init__(self, store: Store, engine: "Engine") -> None:
        self._store = store
        self._engine = engine
        self._guard = threading.Lock()

    def flush(self) -> None:
        """Copy every change that is not copied yet. Raises EngineError; what was not copied stays due."""
        with self._guard:
            with self._store.read() as db:
                told = read_mirrored(db)
            latest = told["sequence"]
            for table, copy in ((PERSONS, self._persons), (DISTINCT_IDS, self._distinct_ids), (GROUPS, self._groups)):
                if told[table] < latest:
                    copy(told[table], latest)
            if any(told[table] < latest for table in (PERSONS, DISTINCT_IDS, GROUPS)):
                with self._store.write() as db:
                    for table in (PERSONS, DISTINCT_IDS, GROUPS):
                        note_mirrored(db, table, latest)

    def _persons(self, after: int, up_to: int) -> None:
        with self._store.read() as db:
            for rows in _batched(persons_after(db, after, up_to)):
                self._insert("persons", _PERSON_TYPES, rows)

    def _distinct_ids(self, after: int, up_to: int) -> None:
        with self._store.read() as db:
            for rows in _batched(distinct_ids_after(db, after, up_to)):
                self._insert("person_distinct_ids", _DISTINCT_ID_TYPES, rows)
                moved = [row for row in rows if row[4]]
                self._insert("person_distinct_id_overrides", _DISTINCT_ID_TYPES, moved)

    def _groups(self, after: int, up_to: int) -> None:
        with self._store.read() as db:
            groups = groups_after(db, after)
        rows = [
            (group.team_id, group.index, group.key, group.properties, group.created_at, group.updated_at, group.version)
            for group in groups
            if group.version <= up_to
        ]
        self._insert("groups", _GROUP_TYPES, rows)

    def _insert(self, table: str, types: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._engine.insert_arrow(table, _arrow_table(types, rows))


_DISTINCT_ID_TYPES = (("team_id", "uint32"), ("distinct_id", "string"), ("person_id", "uuid"), ("version", "uint64"))
_PERSON_TYPES = (
    ("team_id", "uint32"),
    ("id", "uuid"),
    ("properties", "string"),
    ("created_at", "time"),
    ("is_identified", "uint8"),
    ("is_deleted", "uint8"),
    ("version", "uint64"),
)
_GROUP_TYPES = (
    ("team_id", "uint32"),
    ("index", "uint8"),
    ("key", "string"),
    ("properties", "string"),
    ("created_at", "time"),
    ("updated_at", "time"),
    ("version", "uint64"),
)
# DateTime64(6) holds nothing outside these years.
_EARLIEST, _LATEST = -2_208_988_800_000_000, 10_413_791_999_999_999


def _arrow_table(types: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> "pa.Table":
    import pyarrow as pa

    arrow = {
        "string": pa.string(),
        "uint8": pa.uint8(),
        "uint32": pa.uint32(),
        "uint64": pa.uint64(),
        "uuid": pa.binary(16),
        "time": pa.timestamp("us", EPOCH.tzname()),
    }
    columns = zip(*rows, strict=True)
    return pa.table(
        {
            name: pa.array(_clamped(values) if kind == "time" else values, arrow[kind])
            for (name, kind), values in zip(types, columns, strict=False)
        }
    )


def _clamped(values: Iterable[object]) -> list[int]:
    return [min(max(int(str(value)), _EARLIEST), _LATEST) for value in values]


def _batched(rows: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    source = iter(rows)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        yield batch
