"""Public shares of insights and dashboards: tokens, settings, hashed passwords (facts/rest-api.md 9)."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights_mcp.local.store.times import print_time

# How long an old token still works after a refresh.
TOKEN_GRACE = timedelta(minutes=5)
# Cost of a password's hash: about 50 ms, 16 MB.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True)
class Share:
    """The sharing configuration of one insight or one dashboard."""

    id: int
    team_id: int
    insight_id: int | None
    dashboard_id: int | None
    enabled: bool
    access_token: str
    settings: Mapping[str, object] | None
    password_required: bool
    created_at: str


@dataclass(frozen=True)
class SharePassword:
    """A password of a share; the text itself is never kept."""

    id: int
    note: str | None
    created_at: str
    created_by: int | None
    is_active: bool


def find_share(db: sqlite3.Connection, token: str, now: str) -> Share | None:
    """Return the enabled share with this token, also shortly after the token was replaced."""
    row = db.execute(
        "SELECT * FROM sharing WHERE access_token = ? AND enabled = 1 AND (expires_at IS NULL OR expires_at > ?)",
        (token, now),
    ).fetchone()
    return _share(row) if row else None


def get_share(db: sqlite3.Connection, subject: str, subject_id: int) -> Share | None:
    """Return the current share of an object; `subject` is `insight` or `dashboard`."""
    row = db.execute(
        f"SELECT * FROM sharing WHERE {_column(subject)} = ? AND expires_at IS NULL", (subject_id,)
    ).fetchone()
    return _share(row) if row else None


def ensure_share(db: sqlite3.Connection, team_id: int, subject: str, subject_id: int, now: datetime) -> Share:
    """Return the current share of an object, creating a disabled one."""
    existing = get_share(db, subject, subject_id)
    if existing:
        return existing
    row = db.execute(
        f"INSERT INTO sharing (team_id, {_column(subject)}, access_token, created_at) VALUES (?, ?, ?, ?) RETURNING *",
        (team_id, subject_id, new_token(), print_time(now)),
    ).fetchone()
    return _share(row)


def update_share(
    db: sqlite3.Connection,
    share: Share,
    *,
    enabled: bool,
    settings: Mapping[str, object] | None,
    password_required: bool,
) -> Share:
    """Store a share's switches and settings and return it."""
    row = db.execute(
        "UPDATE sharing SET enabled = ?, settings = ?, password_required = ? WHERE id = ? RETURNING *",
        (enabled, None if settings is None else json.dumps(settings), password_required, share.id),
    ).fetchone()
    return _share(row)


def refresh_token(db: sqlite3.Connection, share: Share, now: datetime) -> Share:
    """Give a share a new token; the old one works for a short grace time. Passwords move along."""
    row = db.execute(
        "INSERT INTO sharing (team_id, insight_id, dashboard_id, enabled, access_token, settings, password_required,"
        " created_at) SELECT team_id, insight_id, dashboard_id, enabled, ?, settings, password_required, ?"
        " FROM sharing WHERE id = ? RETURNING *",
        (new_token(), print_time(now), share.id),
    ).fetchone()
    db.execute("UPDATE sharing SET expires_at = ? WHERE id = ?", (print_time(now + TOKEN_GRACE), share.id))
    db.execute("UPDATE share_passwords SET sharing_id = ? WHERE sharing_id = ?", (row["id"], share.id))
    return _share(row)


def list_passwords(db: sqlite3.Connection, share: Share) -> list[SharePassword]:
    """Return the active passwords of a share, newest first."""
    rows = db.execute(
        "SELECT * FROM share_passwords WHERE sharing_id = ? AND is_active = 1 ORDER BY id DESC", (share.id,)
    )
    return [_password(row) for row in rows]


def add_password(
    db: sqlite3.Connection, share: Share, raw: str, note: str | None, user_id: int, now: datetime
) -> SharePassword:
    """Store a password as its hash."""
    row = db.execute(
        "INSERT INTO share_passwords (sharing_id, hash, note, created_at, created_by) VALUES (?, ?, ?, ?, ?)"
        " RETURNING *",
        (share.id, hash_password(raw), note, print_time(now), user_id),
    ).fetchone()
    return _password(row)


def remove_password(db: sqlite3.Connection, share: Share, password_id: int) -> bool:
    """Deactivate a password. Return whether the share had it."""
    cursor = db.execute(
        "UPDATE share_passwords SET is_active = 0 WHERE sharing_id = ? AND id = ? AND is_active = 1",
        (share.id, password_id),
    )
    return cursor.rowcount > 0


def match_password(db: sqlite3.Connection, share: Share, raw: str) -> int | None:
    """Return the number of the share's active password that this text is."""
    rows = db.execute("SELECT id, hash FROM share_passwords WHERE sharing_id = ? AND is_active = 1", (share.id,))
    return next((row["id"] for row in rows if _verifies(raw, row["hash"])), None)


def get_guard(db: sqlite3.Connection, password_id: int) -> tuple[Share, str] | None:
    """Return the enabled share that an active password guards, and the password's hash."""
    row = db.execute(
        "SELECT sharing.*, share_passwords.hash FROM share_passwords JOIN sharing ON sharing.id = sharing_id"
        " WHERE share_passwords.id = ? AND is_active = 1 AND enabled = 1 AND expires_at IS NULL",
        (password_id,),
    ).fetchone()
    return (_share(row), row["hash"]) if row else None


def new_token() -> str:
    """Return a fresh access token."""
    return secrets.token_urlsafe(22)


def hash_password(raw: str) -> str:
    """Return the salted, slow hash of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(raw, salt).hex()}"


def _verifies(raw: str, stored: str) -> bool:
    _, salt, digest = stored.split("$")
    return hmac.compare_digest(_scrypt(raw, bytes.fromhex(salt)).hex(), digest)


def _scrypt(raw: str, salt: bytes) -> bytes:
    return hashlib.scrypt(raw.encode(), salt=salt, **_SCRYPT)


def _column(subject: str) -> str:
    return {"insight": "insight_id", "dashboard": "dashboard_id"}[subject]


def _share(row: sqlite3.Row) -> Share:
    return Share(
        id=row["id"],
        team_id=row["team_id"],
        insight_id=row["insight_id"],
        dashboard_id=row["dashboard_id"],
        enabled=bool(row["enabled"]),
        access_token=row["access_token"],
        settings=json.loads(row["settings"]) if row["settings"] else None,
        password_required=bool(row["password_required"]),
        created_at=row["created_at"],
    )


def _password(row: sqlite3.Row) -> SharePassword:
    return SharePassword(
        id=row["id"],
        note=row["note"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        is_active=bool(row["is_active"]),
    )


def shared_ids(db: sqlite3.Connection, subject: str, subject_ids: Sequence[int]) -> set[int]:
    """Return which of these objects are shared with the public."""
    column = _column(subject)
    rows = db.execute(
        f"SELECT {column} AS id FROM sharing WHERE enabled = 1 AND expires_at IS NULL"
        f" AND {column} IN (SELECT value FROM json_each(?))",
        (json.dumps(list(subject_ids)),),
    )
    return {row["id"] for row in rows}
