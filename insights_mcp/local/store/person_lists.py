"""Lists of persons with their distinct ids (facts/rest-api.md 2.5)."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from insights_mcp.local.store.times import print_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VARIABLES = 500


@dataclass(frozen=True)
class ListedPerson:
    """A person as lists show it."""

    uuid: str
    created_at: str
    properties: Mapping[str, object]
    is_identified: bool
    distinct_ids: Sequence[str]


def list_persons(
    db: sqlite3.Connection,
    team_id: int,
    *,
    search: str = "",
    distinct_id: str | None = None,
    email: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[ListedPerson]:
    """Return persons, newest first. `search` looks into email, name and distinct ids."""
    where, values = ["team_id = ?", "is_deleted = 0"], list[object]([team_id])
    if search:
        where.append(
            "(instr(lower(coalesce(properties ->> '$.email', '') || ' ' || coalesce(properties ->> '$.name', '')), ?)"
            " OR id IN (SELECT person_id FROM person_distinct_ids"
            " WHERE team_id = ? AND instr(lower(distinct_id), ?)))"
        )
        values += [search.lower(), team_id, search.lower()]
    if distinct_id is not None:
        where.append("id IN (SELECT person_id FROM person_distinct_ids WHERE team_id = ? AND distinct_id = ?)")
        values += [team_id, distinct_id]
    if email is not None:
        where.append("properties ->> '$.email' = ?")
        values.append(email)
    sql = f"SELECT * FROM persons WHERE {' AND '.join(where)} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return _load(db, db.execute(sql, (*values, limit, offset)).fetchall())


def get_person(db: sqlite3.Connection, team_id: int, uuid: UUID) -> ListedPerson | None:
    """Return a person by its uuid."""
    rows = db.execute(
        "SELECT * FROM persons WHERE team_id = ? AND uuid = ? AND is_deleted = 0", (team_id, uuid.bytes)
    ).fetchall()
    return _load(db, rows)[0] if rows else None


def get_persons(db: sqlite3.Connection, team_id: int, uuids: Sequence[UUID]) -> list[ListedPerson]:
    """Return persons by their uuids, in that order; those that are gone are left out."""
    rows: list[sqlite3.Row] = []
    for start in range(0, len(uuids), _VARIABLES):
        some = [uuid.bytes for uuid in uuids[start : start + _VARIABLES]]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT * FROM persons WHERE team_id = ? AND is_deleted = 0 AND uuid IN ({marks})"
        rows += db.execute(sql, (team_id, *some)).fetchall()
    found = {person.uuid: person for person in _load(db, rows)}
    return [found[str(uuid)] for uuid in uuids if str(uuid) in found]


def _load(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[ListedPerson]:
    ids: dict[int, list[str]] = defaultdict(list)
    wanted = json.dumps([row["id"] for row in rows])
    for owned in db.execute(
        "SELECT person_id, distinct_id FROM person_distinct_ids"
        " WHERE person_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (wanted,),
    ):
        ids[owned["person_id"]].append(owned["distinct_id"])
    return [
        ListedPerson(
            uuid=str(UUID(bytes=row["uuid"])),
            created_at=print_time(_EPOCH + timedelta(microseconds=row["created_at"])),
            properties=json.loads(row["properties"]),
            is_identified=bool(row["is_identified"]),
            distinct_ids=ids[row["id"]],
        )
        for row in rows
    ]
