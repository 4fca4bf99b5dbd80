"""Alerts and their thresholds, kept and shown; nothing checks them on a schedule here (facts/rest-api.md 10)."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time

_JSON = ("condition", "config", "detector_config", "schedule_restriction")
_WRITABLE = frozenset(
    (
        "name",
        "enabled",
        "insight_id",
        "threshold_id",
        "calculation_interval",
        "snoozed_until",
        "skip_weekend",
        *_JSON,
    )
)


@dataclass(frozen=True)
class Threshold:
    """Bounds that an alert compares with."""

    id: str
    insight_id: int
    name: str
    configuration: Mapping[str, object]
    created_at: str


@dataclass(frozen=True)
class Alert:
    """An alert on an insight."""

    id: str
    insight_id: int
    threshold_id: str | None
    name: str
    enabled: bool
    condition: Mapping[str, object]
    config: Mapping[str, object] | None
    detector_config: Mapping[str, object] | None
    calculation_interval: str
    snoozed_until: str | None
    skip_weekend: bool
    schedule_restriction: Mapping[str, object] | None
    created_at: str
    created_by: int | None


def create_alert(
    db: sqlite3.Connection, team_id: int, user_id: int, values: Mapping[str, object], now: datetime
) -> Alert:
    """Store a new alert with the given columns and return it."""
    columns = {
        **_storable(values),
        "id": str(uuid4()),
        "team_id": team_id,
        "created_at": print_time(now),
        "created_by": user_id,
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    row = db.execute(f"INSERT INTO alerts ({names}) VALUES ({marks}) RETURNING *", tuple(columns.values())).fetchone()
    return _alert(row)


def update_alert(db: sqlite3.Connection, alert_id: str, values: Mapping[str, object]) -> Alert:
    """Set columns of an alert and return it."""
    for name, value in _storable(values).items():
        db.execute(f"UPDATE alerts SET {name} = ? WHERE id = ?", (value, alert_id))
    return _alert(db.execute("SELECT * FROM alerts WHERE id = ?", (alert_id,)).fetchone())


def get_alert(db: sqlite3.Connection, team_id: int, alert_id: str) -> Alert | None:
    """Return an alert of a project."""
    row = db.execute("SELECT * FROM alerts WHERE team_id = ? AND id = ?", (team_id, alert_id)).fetchone()
    return _alert(row) if row else None


def list_alerts(
    db: sqlite3.Connection, team_id: int, insight_id: int | None, limit: int, offset: int
) -> tuple[list[Alert], int]:
    """Return a page of alerts, newest first, and the number of all."""
    where, values = "team_id = ?", [team_id]
    if insight_id is not None:
        where += " AND insight_id = ?"
        values.append(insight_id)
    count = db.execute(f"SELECT count(*) FROM alerts WHERE {where}", values).fetchone()[0]
    sql = f"SELECT * FROM alerts WHERE {where} ORDER BY created_at DESC, id LIMIT ? OFFSET ?"
    return [_alert(row) for row in db.execute(sql, (*values, limit, offset))], count


def alerts_of_insights(db: sqlite3.Connection, insight_ids: Sequence[int]) -> dict[int, list[Alert]]:
    """Return the alerts of insights, newest first."""
    rows = db.execute(
        "SELECT * FROM alerts WHERE insight_id IN (SELECT value FROM json_each(?)) ORDER BY created_at DESC, id",
        (json.dumps(list(insight_ids)),),
    )
    found: dict[int, list[Alert]] = defaultdict(list)
    for row in rows:
        found[row["insight_id"]].append(_alert(row))
    return found


def delete_alert(db: sqlite3.Connection, alert: Alert) -> None:
    """Delete an alert with its threshold."""
    db.execute("DELETE FROM alerts WHERE id = ?", (alert.id,))
    db.execute("DELETE FROM thresholds WHERE id = ?", (alert.threshold_id,))


def delete_alerts_of_insight(db: sqlite3.Connection, insight_id: int) -> None:
    """Delete the alerts and thresholds of an insight."""
    db.execute("DELETE FROM alerts WHERE insight_id = ?", (insight_id,))
    db.execute("DELETE FROM thresholds WHERE insight_id = ?", (insight_id,))


def set_subscribers(db: sqlite3.Connection, alert_id: str, user_ids: Sequence[int]) -> None:
    """Replace who is told of an alert."""
    db.execute("DELETE FROM alert_subscribers WHERE alert_id = ?", (alert_id,))
    db.executemany("INSERT OR IGNORE INTO alert_subscribers VALUES (?, ?)", [(alert_id, user) for user in user_ids])


def get_subscribers(db: sqlite3.Connection, alert_ids: Sequence[str]) -> dict[str, list[int]]:
    """Return who is told of alerts."""
    rows = db.execute(
        "SELECT * FROM alert_subscribers WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY user_id",
        (json.dumps(list(alert_ids)),),
    )
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row["alert_id"]].append(row["user_id"])
    return found


def put_threshold(
    db: sqlite3.Connection,
    team_id: int,
    insight_id: int,
    user_id: int,
    name: str,
    configuration: Mapping[str, object],
    now: datetime,
    threshold_id: str | None = None,
) -> Threshold:
    """Store a threshold, in place of an old one if given, and return it."""
    row = db.execute(
        "INSERT INTO thresholds (id, team_id, insight_id, name, configuration, created_at, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
        " configuration = excluded.configuration, insight_id = excluded.insight_id RETURNING *",
        (
            threshold_id or str(uuid4()),
            team_id,
            insight_id,
            name,
            json.dumps(configuration),
            print_time(now),
            user_id,
        ),
    ).fetchone()
    return _threshold(row)


def get_thresholds(db: sqlite3.Connection, threshold_ids: Sequence[str]) -> dict[str, Threshold]:
    """Return thresholds by number."""
    rows = db.execute(
        "SELECT * FROM thresholds WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(threshold_ids)),)
    )
    return {row["id"]: _threshold(row) for row in rows}


def list_thresholds(db: sqlite3.Connection, insight_id: int, limit: int, offset: int) -> tuple[list[Threshold], int]:
    """Return a page of an insight's thresholds, newest first, and the number of all."""
    count = db.execute("SELECT count(*) FROM thresholds WHERE insight_id = ?", (insight_id,)).fetchone()[0]
    rows = db.execute(
        "SELECT * FROM thresholds WHERE insight_id = ? ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
        (insight_id, limit, offset),
    )
    return [_threshold(row) for row in rows], count


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable alert columns {sorted(unknown)}")
    return {name: json.dumps(value) if name in _JSON and value is not None else value for name, value in values.items()}


def _threshold(row: sqlite3.Row) -> Threshold:
    return Threshold(row["id"], row["insight_id"], row["name"], json.loads(row["configuration"]), row["created_at"])


def _alert(row: sqlite3.Row) -> Alert:
    def loaded(name: str) -> Mapping[str, object] | None:
        return json.loads(row[name]) if row[name] else None

    return Alert(
        id=row["id"],
        insight_id=row["insight_id"],
        threshold_id=row["threshold_id"],
        name=row["name"],
        enabled=bool(row["enabled"]),
        condition=loaded("condition") or {},
        config=loaded("config"),
        detector_config=loaded("detector_config"),
        calculation_interval=row["calculation_interval"],
        snoozed_until=row["snoozed_until"],
        skip_weekend=bool(row["skip_weekend"]),
        schedule_restriction=loaded("schedule_restriction"),
        created_at=row["created_at"],
        created_by=row["created_by"],
    )
