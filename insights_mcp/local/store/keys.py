"""Personal API keys with scopes, kept as hashes."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time


@dataclass(frozen=True)
class Key:
    """A personal API key. Empty `scoped_*` tuples mean no restriction."""

    id: str
    user_id: int
    label: str
    mask_value: str
    scopes: tuple[str, ...]
    scoped_projects: tuple[int, ...] = ()
    scoped_organizations: tuple[str, ...] = ()
    created_at: str = ""
    last_used_at: str | None = None

    def allows(self, scope: str) -> bool:
        """Return whether the key has a scope; write includes read (facts/rest-api.md 2.4)."""
        subject, _, action = scope.partition(":")
        return "*" in self.scopes or scope in self.scopes or (action == "read" and f"{subject}:write" in self.scopes)


def create_key(
    db: sqlite3.Connection,
    user_id: int,
    *,
    scopes: Sequence[str],
    now: datetime,
    label: str = "API key",
    value: str | None = None,
    scoped_projects: Sequence[int] = (),
    scoped_organizations: Sequence[str] = (),
) -> str:
    """Store a new key and return its value, which cannot be read again."""
    value = value or f"phx_{secrets.token_urlsafe(32)}"
    db.execute(
        "INSERT INTO personal_api_keys"
        " (id, user_id, label, mask_value, hash, scopes, scoped_projects, scoped_organizations, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            uuid4().hex,
            user_id,
            label,
            mask_key(value),
            hash_key(value),
            json.dumps(list(scopes)),
            json.dumps(list(scoped_projects)),
            json.dumps(list(scoped_organizations)),
            print_time(now),
        ),
    )
    return value


def find_key(db: sqlite3.Connection, value: str) -> Key | None:
    """Return the key with this value."""
    row = db.execute("SELECT * FROM personal_api_keys WHERE hash = ?", (hash_key(value),)).fetchone()
    return _key(row) if row else None


def hash_key(value: str) -> str:
    """Return the stored hash. Keys are long and random, so one fast hash is enough."""
    return hashlib.sha256(value.encode()).hexdigest()


def mask_key(value: str) -> str:
    """Return the part of a key that may be shown."""
    return f"{value[:4]}...{value[-4:]}" if len(value) > 8 else "********"


def _key(row: sqlite3.Row) -> Key:
    return Key(
        id=row["id"],
        user_id=row["user_id"],
        label=row["label"],
        mask_value=row["mask_value"],
        scopes=tuple(json.loads(row["scopes"])),
        scoped_projects=tuple(json.loads(row["scoped_projects"])),
        scoped_organizations=tuple(json.loads(row["scoped_organizations"])),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
