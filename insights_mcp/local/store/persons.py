"""Persons and their distinct ids: the truth that the column store mirrors.

Times are microseconds since the epoch, as events carry them. A person is mirrored whenever its version changes.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from insights_mcp.local.store.mirror import next_version

_VARIABLES = 500


@dataclass
class Person:
    """A person, changed in memory and then saved."""

    id: int
    uuid: UUID
    created_at: int
    properties: dict[str, object]
    is_identified: bool = False
    is_deleted: bool = False


class FirstSight(NamedTuple):
    """A distinct id in an import: the person's id should it be new, its earliest event, whether it gets no person."""

    distinct_id: str
    uuid: bytes
    first_seen: int
    is_personless: bool = False


class Known(NamedTuple):
    """The person of a distinct id: its row number, id, and earliest event."""

    id: int
    uuid: bytes
    created_at: int


def find_persons(db: sqlite3.Connection, team_id: int, distinct_ids: Iterable[str]) -> dict[str, Person]:
    """Return the person of each distinct id that has one. Ids of one person share the object."""
    by_id: dict[int, Person] = {}
    found: dict[str, Person] = {}
    for some in _chunks(list(distinct_ids)):
        rows = db.execute(
            "SELECT d.distinct_id, p.* FROM person_distinct_ids AS d JOIN persons AS p ON p.id = d.person_id"
            f" WHERE d.team_id = ? AND d.distinct_id IN ({', '.join('?' * len(some))})",
            (team_id, *some),
        )
        for row in rows:
            found[row["distinct_id"]] = by_id.setdefault(row["id"], _person(row))
    return found


def distinct_ids_of(db: sqlite3.Connection, person_id: int) -> list[str]:
    """Return every distinct id of a person."""
    rows = db.execute("SELECT distinct_id FROM person_distinct_ids WHERE person_id = ?", (person_id,))
    return [row["distinct_id"] for row in rows]


def free_person_id(db: sqlite3.Connection) -> int:
    """Return the row number that a next person may take."""
    return int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM persons").fetchone()[0])


def save_persons(db: sqlite3.Connection, team_id: int, persons: Iterable[Person]) -> None:
    """Write new and changed persons under a new version."""
    version = next_version(db)
    db.executemany(
        "INSERT INTO persons (id, team_id, uuid, created_at, properties, is_identified, is_deleted, version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at,"
        " properties = excluded.properties, is_identified = excluded.is_identified,"
        " is_deleted = excluded.is_deleted, version = excluded.version",
        [
            (
                person.id,
                team_id,
                person.uuid.bytes,
                person.created_at,
                json.dumps(person.properties, ensure_ascii=False, separators=(",", ":")),
                person.is_identified,
                person.is_deleted,
                version,
            )
            for person in persons
        ],
    )


def save_distinct_ids(db: sqlite3.Connection, team_id: int, owners: Mapping[str, tuple[int, bool]]) -> None:
    """Write whose a distinct id is: (person's row number, whether earlier events carry another person)."""
    version = next_version(db)
    db.executemany(
        "INSERT INTO person_distinct_ids (team_id, distinct_id, person_id, is_override, version)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (team_id, distinct_id) DO UPDATE SET person_id = excluded.person_id,"
        " is_override = max(is_override, excluded.is_override), version = excluded.version",
        [(team_id, distinct_id, owner, moved, version) for distinct_id, (owner, moved) in owners.items()],
    )


def note_personless(db: sqlite3.Connection, team_id: int, distinct_ids: Iterable[str]) -> None:
    """Note ids whose events were written without a person, under the id a person of theirs would have."""
    db.executemany(
        "INSERT OR IGNORE INTO personless_distinct_ids VALUES (?, ?)", [(team_id, item) for item in distinct_ids]
    )


def is_personless(db: sqlite3.Connection, team_id: int, distinct_id: str) -> bool:
    """Return whether events of this id were written without a person."""
    row = db.execute(
        "SELECT 1 FROM personless_distinct_ids WHERE team_id = ? AND distinct_id = ?", (team_id, distinct_id)
    ).fetchone()
    return row is not None


def touch_persons(db: sqlite3.Connection, team_id: int, sights: Sequence[FirstSight]) -> dict[str, Known]:
    """Return whose each distinct id is, in bulk; ids of nobody get a person, unless their sight says otherwise."""
    wanted = json.dumps([sight.distinct_id for sight in sights], ensure_ascii=False)
    # CROSS JOIN keeps this order: the other way round reads the whole list for every distinct id of the project.
    rows = _plain_rows(db).execute(
        "SELECT s.value, p.id, p.uuid, p.created_at FROM json_each(?) AS s CROSS JOIN person_distinct_ids AS d"
        " ON d.team_id = ? AND d.distinct_id = s.value CROSS JOIN persons AS p ON p.id = d.person_id",
        (wanted, team_id),
    )
    known = {row[0]: Known(*row[1:]) for row in rows}
    age_persons(db, [(k.id, s.first_seen) for s in sights if (k := known.get(s.distinct_id)) and not s.is_personless])
    fresh = [sight for sight in sights if sight.distinct_id not in known]
    note_personless(db, team_id, [sight.distinct_id for sight in fresh if sight.is_personless])
    # In the order of the index, which is faster than as they come.
    known |= _insert_new(db, team_id, sorted(sight for sight in fresh if not sight.is_personless))
    return known


def age_persons(db: sqlite3.Connection, seen: Sequence[tuple[int, int]]) -> None:
    """Make persons (by row number) as old as their earliest event."""
    if seen:
        version = next_version(db)
        db.executemany(
            "UPDATE persons SET created_at = ?, version = ? WHERE id = ? AND created_at > ?",
            [(first_seen, version, person, first_seen) for person, first_seen in seen],
        )


def count_persons(db: sqlite3.Connection, team_id: int) -> int:
    """Return how many persons a project has."""
    row = db.execute("SELECT count(*) FROM persons WHERE team_id = ? AND is_deleted = 0", (team_id,)).fetchone()
    return int(row[0])


def has_overrides(db: sqlite3.Connection, team_id: int) -> bool:
    """Return whether some events carry a person that has since become another."""
    row = db.execute("SELECT 1 FROM person_distinct_ids WHERE team_id = ? AND is_override = 1 LIMIT 1", (team_id,))
    return row.fetchone() is not None


def list_overrides(db: sqlite3.Connection, team_id: int, limit: int) -> list[tuple[str, bytes, int]]:
    """Return distinct ids with their current person and version, where earlier events carry another person."""
    rows = db.execute(
        "SELECT d.distinct_id, p.uuid, d.version FROM person_distinct_ids AS d JOIN persons AS p ON p.id = d.person_id"
        " WHERE d.team_id = ? AND d.is_override = 1 ORDER BY d.version LIMIT ?",
        (team_id, limit),
    )
    return [(row["distinct_id"], row["uuid"], row["version"]) for row in rows]


def clear_overrides(db: sqlite3.Connection, team_id: int, squashed: Iterable[tuple[str, int]]) -> None:
    """Note that the events of these distinct ids, at these versions, now carry their current person."""
    db.executemany(
        "UPDATE person_distinct_ids SET is_override = 0 WHERE team_id = ? AND distinct_id = ? AND version = ?",
        [(team_id, distinct_id, version) for distinct_id, version in squashed],
    )


def persons_after(db: sqlite3.Connection, version: int, up_to: int) -> Iterable[tuple[object, ...]]:
    """Return the persons whose last change lies in (version, up_to]."""
    return _plain_rows(db).execute(
        "SELECT team_id, uuid, properties, created_at, is_identified, is_deleted, version FROM persons"
        " WHERE version > ? AND version <= ?",
        (version, up_to),
    )


def distinct_ids_after(db: sqlite3.Connection, version: int, up_to: int) -> Iterable[tuple[object, ...]]:
    """Return the distinct ids whose last change lies in (version, up_to], each with its person's uuid."""
    return _plain_rows(db).execute(
        "SELECT d.team_id, d.distinct_id, p.uuid, d.version, d.is_override FROM person_distinct_ids AS d"
        " JOIN persons AS p ON p.id = d.person_id WHERE d.version > ? AND d.version <= ?",
        (version, up_to),
    )


def _plain_rows(db: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = db.cursor()
    cursor.row_factory = None  # many rows: plain tuples take half the time
    return cursor


def _insert_new(db: sqlite3.Connection, team_id: int, sights: Sequence[FirstSight]) -> dict[str, Known]:
    if not sights:
        return {}
    first, version = free_person_id(db), next_version(db)
    db.executemany(
        "INSERT INTO persons (id, team_id, uuid, created_at, version) VALUES (?, ?, ?, ?, ?)",
        [(first + place, team_id, sight.uuid, sight.first_seen, version) for place, sight in enumerate(sights)],
    )
    db.executemany(
        "INSERT INTO person_distinct_ids (team_id, distinct_id, person_id, version) VALUES (?, ?, ?, ?)",
        [(team_id, sight.distinct_id, first + place, version) for place, sight in enumerate(sights)],
    )
    return {sight.distinct_id: Known(first + place, sight.uuid, sight.first_seen) for place, sight in enumerate(sights)}


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _VARIABLES] for start in range(0, len(values), _VARIABLES))


def _person(row: sqlite3.Row) -> Person:
    return Person(
        id=row["id"],
        uuid=UUID(bytes=row["uuid"]),
        created_at=row["created_at"],
        properties=json.loads(row["properties"]),
        is_identified=bool(row["is_identified"]),
        is_deleted=bool(row["is_deleted"]),
    )
