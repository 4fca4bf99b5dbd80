"""Users: who made, changed and looked at things."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time


@dataclass(frozen=True)
class User:
    """A person of the organization."""

    id: int
    uuid: str
    organization_id: str
    distinct_id: str
    first_name: str
    last_name: str
    email: str
    date_joined: str
    role_at_organization: str | None = None
    is_staff: bool = False


def create_user(
    db: sqlite3.Connection, organization_id: str, *, first_name: str, last_name: str, email: str, now: datetime
) -> User:
    """Create a user. Raises sqlite3.IntegrityError when the email is taken."""
    row = db.execute(
        "INSERT INTO users (uuid, organization_id, distinct_id, first_name, last_name, email, date_joined)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (str(uuid4()), organization_id, uuid4().hex, first_name, last_name, email, print_time(now)),
    ).fetchone()
    return _user(row)


def first_user(db: sqlite3.Connection) -> User:
    """Return the owner of this data directory."""
    return _user(db.execute("SELECT * FROM users ORDER BY id LIMIT 1").fetchone())


def get_user(db: sqlite3.Connection, user_id: int) -> User | None:
    """Return a user by number."""
    row = db.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    return _user(row) if row else None


def get_users(db: sqlite3.Connection, user_ids: Iterable[int | None]) -> dict[int, User]:
    """Return the users among these numbers, by number."""
    wanted = json.dumps(sorted({user_id for user_id in user_ids if user_id is not None}))
    rows = db.execute("SELECT * FROM users WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return {row["id"]: _user(row) for row in rows}


def _user(row: sqlite3.Row) -> User:
    return User(
        id=row["id"],
        uuid=row["uuid"],
        organization_id=row["organization_id"],
        distinct_id=row["distinct_id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        date_joined=row["date_joined"],
        role_at_organization=row["role_at_organization"],
        is_staff=bool(row["is_staff"]),
    )
