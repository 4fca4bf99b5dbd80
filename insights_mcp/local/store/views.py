"""Who looked at which insight last (facts/rest-api.md 9): one row per user and insight."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time


@dataclass(frozen=True)
class Trending:
    """An insight with how many people looked at it in a window, the latest three first."""

    insight_id: int
    view_count: int
    viewers: tuple[int, ...]


def record_views(db: sqlite3.Connection, team_id: int, user_id: int, insight_ids: Sequence[int], now: datetime) -> None:
    """Note that a user looked at insights now."""
    db.executemany(
        "INSERT INTO insight_views (team_id, user_id, insight_id, last_viewed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (insight_id, user_id) DO UPDATE SET last_viewed_at = excluded.last_viewed_at",
        [(team_id, user_id, insight_id, print_time(now)) for insight_id in insight_ids],
    )


def last_views(db: sqlite3.Connection, insight_ids: Sequence[int]) -> dict[int, str]:
    """Return when each insight was last looked at by anyone."""
    rows = db.execute(
        "SELECT insight_id, max(last_viewed_at) AS at FROM insight_views"
        " WHERE insight_id IN (SELECT value FROM json_each(?)) GROUP BY insight_id",
        (json.dumps(list(insight_ids)),),
    )
    return {row["insight_id"]: row["at"] for row in rows}


def viewed_by(db: sqlite3.Connection, team_id: int, user_id: int, limit: int) -> list[int]:
    """Return the insights a user looked at, latest first, without deleted ones."""
    rows = db.execute(
        "SELECT insight_id FROM insight_views JOIN insights ON insights.id = insight_views.insight_id"
        " WHERE insight_views.team_id = ? AND user_id = ? AND insights.deleted = 0"
        " ORDER BY last_viewed_at DESC, insight_id LIMIT ?",
        (team_id, user_id, limit),
    )
    return [row["insight_id"] for row in rows]


def find_trending(db: sqlite3.Connection, team_id: int, since: datetime, limit: int) -> list[Trending]:
    """Return the insights most people looked at since a moment."""
    rows = db.execute(
        "SELECT insight_id, count(*) AS views, json_group_array(json_array(last_viewed_at, user_id)) AS viewers"
        " FROM insight_views JOIN insights ON insights.id = insight_views.insight_id"
        " WHERE insight_views.team_id = ? AND last_viewed_at >= ? AND insights.deleted = 0"
        " GROUP BY insight_id ORDER BY views DESC, insights.last_modified_at DESC, insight_id LIMIT ?",
        (team_id, print_time(since), limit),
    )
    return [
        Trending(
            insight_id=row["insight_id"],
            view_count=row["views"],
            viewers=tuple(user_id for _, user_id in sorted(json.loads(row["viewers"]), reverse=True)[:3]),
        )
        for row in rows
    ]
