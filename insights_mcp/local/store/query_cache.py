"""The cache of query results."""

import sqlite3
import zlib
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import parse_time, print_time

# Results of questions nobody has asked for a while make room.
MAX_ENTRIES = 5000
_SWEEP = 100


@dataclass(frozen=True)
class CachedResult:
    """A stored result: its JSON text, when it was computed, and what its freshness depends on."""

    body: str
    last_refresh: datetime
    interval: str | None
    date_to: datetime | None
    data_version: int


def read_result(db: sqlite3.Connection, team_id: int, key: str) -> CachedResult | None:
    """Return the result stored under a key."""
    row = db.execute("SELECT * FROM query_cache WHERE team_id = ? AND key = ?", (team_id, key)).fetchone()
    if row is None:
        return None
    return CachedResult(
        body=zlib.decompress(row["body"]).decode(),
        last_refresh=parse_time(row["last_refresh"]),
        interval=row["interval"],
        date_to=parse_time(row["date_to"]) if row["date_to"] else None,
        data_version=row["data_version"],
    )


def write_result(db: sqlite3.Connection, team_id: int, key: str, result: CachedResult) -> None:
    """Store a result in place of an older one."""
    db.execute(
        "INSERT OR REPLACE INTO query_cache (team_id, key, body, interval, date_to, data_version, last_refresh)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            team_id,
            key,
            zlib.compress(result.body.encode(), 1),
            result.interval,
            print_time(result.date_to) if result.date_to else None,
            result.data_version,
            print_time(result.last_refresh),
        ),
    )
    _make_room(db)


def read_data_version(db: sqlite3.Connection, team_id: int) -> int:
    """Return a number that changes when events come in, or when an action or a cohort changes."""
    row = db.execute(
        "SELECT (SELECT coalesce(sum(volume), 0) FROM event_definitions WHERE team_id = :team)"
        " + (SELECT coalesce(sum(revision), 0) FROM actions WHERE team_id = :team)"
        " + (SELECT coalesce(sum(revision), 0) FROM cohorts WHERE team_id = :team) AS total",
        {"team": team_id},
    )
    return int(row.fetchone()["total"])


def _make_room(db: sqlite3.Connection) -> None:
    total = db.execute("SELECT count(*) FROM query_cache").fetchone()[0]
    if total > MAX_ENTRIES:
        db.execute(
            "DELETE FROM query_cache WHERE (team_id, key) IN"
            " (SELECT team_id, key FROM query_cache ORDER BY last_refresh LIMIT ?)",
            (total - MAX_ENTRIES + _SWEEP,),
        )
