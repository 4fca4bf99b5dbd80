"""Cohorts: groups of people by conditions or by list, and the state of their members in the column store."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from insights_mcp.local.store.mirror import DISTINCT_IDS, PERSONS, read_mirrored
from insights_mcp.local.store.person_lists import get_persons
from insights_mcp.local.store.query_cache import read_data_version
from insights_mcp.local.store.times import print_time

_JSON = ("filters", "groups")
# Columns that a write may set, and no others.
_WRITABLE = frozenset(("name", "description", "is_static", "filters", "groups", "deleted"))
# A change of one of these changes who is in it, or what queries that name it answer.
_MATERIAL = frozenset(("name", "is_static", "filters", "groups", "deleted"))


@dataclass(frozen=True)
class StoredCohort:
    """One cohort as stored. `version` is None until its members are first computed."""

    id: int
    team_id: int
    name: str | None
    description: str
    is_static: bool
    filters: Mapping[str, object] | None
    groups: Sequence[Mapping[str, object]]
    deleted: bool
    created_at: str
    created_by: int | None
    version: int | None
    pending_version: int | None
    count: int | None
    facts_seen: str | None
    last_calculation: str | None
    errors_calculating: int
    last_error_at: str | None
    last_error_message: str | None
    revision: int

    def is_current(self, facts: str) -> bool:
        """Return whether the members were computed from these facts (`read_cohort_facts`) and as it is now."""
        return self.facts_seen == f"{self.revision}/{facts}" and self.pending_version is None


def create_cohort(
    db: sqlite3.Connection, team_id: int, user_id: int, values: Mapping[str, object], now: datetime
) -> StoredCohort:
    """Store a new cohort with the given columns and return it."""
    columns = {**_storable(values), "team_id": team_id, "created_at": print_time(now), "created_by": user_id}
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    row = db.execute(f"INSERT INTO cohorts ({names}) VALUES ({marks}) RETURNING *", tuple(columns.values())).fetchone()
    return _cohort(row)


def update_cohort(db: sqlite3.Connection, cohort_id: int, values: Mapping[str, object]) -> StoredCohort:
    """Set columns of a cohort and return it."""
    for name, value in _storable(values).items():
        db.execute(f"UPDATE cohorts SET {name} = ? WHERE id = ?", (value, cohort_id))
    if _MATERIAL & set(values):
        db.execute("UPDATE cohorts SET revision = revision + 1 WHERE id = ?", (cohort_id,))
    return _cohort(db.execute("SELECT * FROM cohorts WHERE id = ?", (cohort_id,)).fetchone())


def get_cohort(db: sqlite3.Connection, team_id: int, cohort_id: int) -> StoredCohort | None:
    """Return a cohort by its number, a deleted one too."""
    row = db.execute("SELECT * FROM cohorts WHERE team_id = ? AND id = ?", (team_id, cohort_id)).fetchone()
    return _cohort(row) if row else None


def find_cohort_by_name(db: sqlite3.Connection, team_id: int, name: str) -> StoredCohort | None:
    """Return the oldest cohort of this name that is not deleted."""
    row = db.execute(
        "SELECT * FROM cohorts WHERE team_id = ? AND name = ? AND deleted = 0 ORDER BY id LIMIT 1", (team_id, name)
    ).fetchone()
    return _cohort(row) if row else None


def list_cohorts(
    db: sqlite3.Connection, team_id: int, *, search: str, is_static: bool | None, limit: int, offset: int
) -> tuple[list[StoredCohort], int]:
    """Return a page of the cohorts that are not deleted, newest first, and the number of all."""
    where, values = "team_id = ? AND deleted = 0", list[object]([team_id])
    if search:
        where += " AND instr(lower(coalesce(name, '')), ?)"
        values.append(search.lower())
    if is_static is not None:
        where += " AND is_static = ?"
        values.append(is_static)
    count = db.execute(f"SELECT count(*) FROM cohorts WHERE {where}", values).fetchone()[0]
    sql = f"SELECT * FROM cohorts WHERE {where} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return [_cohort(row) for row in db.execute(sql, (*values, limit, offset))], count


def static_cohort_ids(db: sqlite3.Connection, team_id: int) -> list[int]:
    """Return the numbers of the cohorts that are lists of people."""
    return [row["id"] for row in db.execute("SELECT id FROM cohorts WHERE team_id = ? AND is_static = 1", (team_id,))]


def read_cohort_facts(db: sqlite3.Connection, team_id: int) -> str:
    """Return a text that changes when events come in, or persons change, as the column store knows them."""
    told = read_mirrored(db)
    return f"{read_data_version(db, team_id)}:{told[PERSONS]}:{told[DISTINCT_IDS]}"


def start_calculation(db: sqlite3.Connection, cohort: StoredCohort) -> int:
    """Reserve the version that the members will be written under and return it."""
    row = db.execute(
        "UPDATE cohorts SET pending_version = max(coalesce(version, 0), coalesce(pending_version, 0)) + 1"
        " WHERE id = ? RETURNING pending_version",
        (cohort.id,),
    ).fetchone()
    return int(row["pending_version"])


def finish_calculation(
    db: sqlite3.Connection, cohort: StoredCohort, version: int, count: int, facts: str, now: datetime
) -> None:
    """Note that the members stand under a version, computed from these facts."""
    db.execute(
        "UPDATE cohorts SET version = ?, pending_version = NULL, count = ?, facts_seen = ?, last_calculation = ?,"
        " errors_calculating = 0, last_error_at = NULL, last_error_message = NULL WHERE id = ?",
        (version, count, f"{cohort.revision}/{facts}", print_time(now), cohort.id),
    )


def fail_calculation(db: sqlite3.Connection, cohort: StoredCohort, message: str, now: datetime) -> None:
    """Note why the members could not be computed."""
    db.execute(
        "UPDATE cohorts SET errors_calculating = errors_calculating + 1, last_error_at = ?, last_error_message = ?"
        " WHERE id = ?",
        (print_time(now), message, cohort.id),
    )


def add_static_people(db: sqlite3.Connection, cohort: StoredCohort, references: Iterable[str]) -> int:
    """Add people by the uuid of the person or by a distinct id. Return how many of the references were found."""
    distinct_ids = _find_distinct_ids(db, cohort.team_id, list(dict.fromkeys(references)))
    db.executemany(
        "INSERT OR IGNORE INTO static_cohort_people VALUES (?, ?)", [(cohort.id, one) for one in distinct_ids]
    )
    db.execute("UPDATE cohorts SET revision = revision + 1 WHERE id = ?", (cohort.id,))
    return len(distinct_ids)


def remove_static_person(db: sqlite3.Connection, cohort: StoredCohort, person: UUID) -> bool:
    """Remove a person by uuid and return whether they were in the cohort."""
    removed = db.execute(
        "DELETE FROM static_cohort_people WHERE cohort_id = ? AND distinct_id IN (SELECT d.distinct_id"
        " FROM person_distinct_ids AS d JOIN persons AS p ON p.id = d.person_id WHERE p.team_id = ? AND p.uuid = ?)",
        (cohort.id, cohort.team_id, person.bytes),
    ).rowcount
    db.execute("UPDATE cohorts SET revision = revision + 1 WHERE id = ?", (cohort.id,))
    return removed > 0


def static_people(db: sqlite3.Connection, cohort: StoredCohort) -> list[UUID]:
    """Return the persons of a static cohort, each once."""
    rows = db.execute(
        "SELECT DISTINCT p.uuid FROM static_cohort_people AS s JOIN person_distinct_ids AS d"
        " ON d.team_id = ? AND d.distinct_id = s.distinct_id JOIN persons AS p ON p.id = d.person_id"
        " WHERE s.cohort_id = ? AND p.is_deleted = 0",
        (cohort.team_id, cohort.id),
    )
    return [UUID(bytes=row["uuid"]) for row in rows]


def _find_distinct_ids(db: sqlite3.Connection, team_id: int, references: Sequence[str]) -> list[str]:
    uuids = [uuid for uuid in map(_as_uuid, references) if uuid is not None]
    by_uuid = [person.distinct_ids[0] for person in get_persons(db, team_id, uuids) if person.distinct_ids]
    by_id = db.execute(
        "SELECT distinct_id FROM person_distinct_ids WHERE team_id = ? AND distinct_id IN"
        " (SELECT value FROM json_each(?))",
        (team_id, json.dumps(list(references), ensure_ascii=False)),
    )
    return list(dict.fromkeys([*by_uuid, *(row["distinct_id"] for row in by_id)]))


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable cohort columns {sorted(unknown)}")
    return {
        name: json.dumps(value, ensure_ascii=False) if name in _JSON and value is not None else value
        for name, value in values.items()
    }


def _cohort(row: sqlite3.Row) -> StoredCohort:
    plain = {name: row[name] for name in row.keys() if name in StoredCohort.__dataclass_fields__}  # noqa: SIM118  # a Row iterates over values
    return StoredCohort(
        **{
            **plain,
            "is_static": bool(row["is_static"]),
            "deleted": bool(row["deleted"]),
            "filters": json.loads(row["filters"]) if row["filters"] else None,
            "groups": json.loads(row["groups"]),
        }
    )
