"""Dashboards: a name, filters, and tiles (facts/rest-api.md 12)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time

_JSON = ("filters", "variables", "breakdown_colors", "quick_filter_ids")
_WRITABLE = frozenset(
    (
        "name",
        "description",
        "pinned",
        "deleted",
        "last_accessed_at",
        "last_refresh",
        "creation_mode",
        "restriction_level",
        "data_color_theme_id",
        *_JSON,
    )
)


@dataclass(frozen=True)
class Dashboard:
    """One dashboard as stored, without its tiles."""

    id: int
    team_id: int
    name: str | None
    description: str
    pinned: bool
    deleted: bool
    created_at: str
    created_by: int | None
    last_accessed_at: str | None
    last_refresh: str | None
    creation_mode: str
    restriction_level: int
    filters: Mapping[str, object]
    variables: Mapping[str, object]
    breakdown_colors: Sequence[object]
    data_color_theme_id: int | None
    quick_filter_ids: Sequence[object]


@dataclass(frozen=True)
class DashboardFilter:
    """Which dashboards to list."""

    search: str | None = None
    tags: Sequence[str] = ()
    creation_mode: str | None = None
    exclude_generated: bool = False
    pinned: bool | None = None


def create_dashboard(
    db: sqlite3.Connection, team_id: int, user_id: int | None, values: Mapping[str, object], now: datetime
) -> Dashboard:
    """Store a new dashboard with the given columns and return it."""
    columns = {**_storable(values), "team_id": team_id, "created_at": print_time(now), "created_by": user_id}
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql = f"INSERT INTO dashboards ({names}) VALUES ({marks}) RETURNING *"
    return _dashboard(db.execute(sql, tuple(columns.values())).fetchone())


def update_dashboard(db: sqlite3.Connection, dashboard_id: int, values: Mapping[str, object]) -> Dashboard:
    """Set columns of a dashboard and return it."""
    for name, value in _storable(values).items():
        db.execute(f"UPDATE dashboards SET {name} = ? WHERE id = ?", (value, dashboard_id))
    return _dashboard(db.execute("SELECT * FROM dashboards WHERE id = ?", (dashboard_id,)).fetchone())


def get_dashboard(
    db: sqlite3.Connection, team_id: int, dashboard_id: int, *, include_deleted: bool = False
) -> Dashboard | None:
    """Return a dashboard of a project by number."""
    alive = "" if include_deleted else " AND deleted = 0"
    row = db.execute(
        f"SELECT * FROM dashboards WHERE team_id = ? AND id = ?{alive}", (team_id, dashboard_id)
    ).fetchone()
    return _dashboard(row) if row else None


def get_dashboard_names(db: sqlite3.Connection, dashboard_ids: Sequence[int]) -> dict[int, str | None]:
    """Return the names of dashboards by number."""
    rows = db.execute(
        "SELECT id, name FROM dashboards WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(dashboard_ids)),),
    )
    return {row["id"]: row["name"] for row in rows}


def list_dashboards(
    db: sqlite3.Connection, team_id: int, wanted: DashboardFilter, limit: int, offset: int
) -> tuple[list[Dashboard], int]:
    """Return a page of dashboards, pinned first and then by name, and the number of all."""
    conditions, values = _conditions(wanted)
    where = " AND ".join(("team_id = ?", "deleted = 0", *conditions))
    bound = (team_id, *values)
    count = db.execute(f"SELECT count(*) FROM dashboards WHERE {where}", bound).fetchone()[0]
    sql = f"SELECT * FROM dashboards WHERE {where} ORDER BY pinned DESC, name COLLATE NOCASE, id LIMIT ? OFFSET ?"
    return [_dashboard(row) for row in db.execute(sql, (*bound, limit, offset))], count


def _conditions(wanted: DashboardFilter) -> tuple[list[str], list[object]]:
    conditions, values = [], list[object]()
    if wanted.creation_mode:
        conditions.append("creation_mode = ?")
        values.append(wanted.creation_mode)
    else:
        conditions.append("creation_mode != 'unlisted'")
    if wanted.search:
        conditions.append("(instr(lower(coalesce(name, '')), ?) > 0 OR instr(lower(description), ?) > 0)")
        values += [wanted.search.lower()] * 2
    if wanted.tags:
        conditions.append(
            "EXISTS (SELECT 1 FROM tagged JOIN tags ON tags.id = tagged.tag_id WHERE tagged.subject = 'dashboard'"
            " AND tagged.subject_id = CAST(dashboards.id AS TEXT) AND tags.name IN (SELECT value FROM json_each(?)))"
        )
        values.append(json.dumps(list(wanted.tags)))
    if wanted.exclude_generated:
        conditions.append("coalesce(name, '') NOT LIKE 'Generated Dashboard:%'")
    if wanted.pinned is not None:
        conditions.append("pinned = ?")
        values.append(wanted.pinned)
    return conditions, values


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable dashboard columns {sorted(unknown)}")
    return {name: json.dumps(value) if name in _JSON else value for name, value in values.items()}


def _dashboard(row: sqlite3.Row) -> Dashboard:
    return Dashboard(
        id=row["id"],
        team_id=row["team_id"],
        name=row["name"],
        description=row["description"],
        pinned=bool(row["pinned"]),
        deleted=bool(row["deleted"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        last_accessed_at=row["last_accessed_at"],
        last_refresh=row["last_refresh"],
        creation_mode=row["creation_mode"],
        restriction_level=row["restriction_level"],
        filters=json.loads(row["filters"]),
        variables=json.loads(row["variables"]),
        breakdown_colors=json.loads(row["breakdown_colors"]),
        data_color_theme_id=row["data_color_theme_id"],
        quick_filter_ids=json.loads(row["quick_filter_ids"]),
    )
