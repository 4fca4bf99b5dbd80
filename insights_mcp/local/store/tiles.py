"""Tiles: which insights and texts stand on which dashboards. Removed tiles are kept and can come back."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.store.times import print_time

_JSON = ("layouts", "filters_overrides")
_WRITABLE = frozenset(
    (
        "deleted",
        "layouts",
        "color",
        "order",
        "filters_overrides",
        "show_description",
        "transparent_background",
        "dashboard_id",
        "last_refresh",
    )
)


@dataclass(frozen=True)
class TileText:
    """The text of a text tile, in Markdown."""

    id: int
    body: str | None
    created_by: int | None
    last_modified_at: str
    last_modified_by: int | None


@dataclass(frozen=True)
class Tile:
    """One tile. `deleted` is None until it was removed once, False after it came back (facts/rest-api.md 3.1)."""

    id: int
    dashboard_id: int
    insight_id: int | None
    text_id: int | None
    deleted: bool | None
    layouts: Mapping[str, object]
    color: str | None
    order: int | None
    filters_overrides: Mapping[str, object] | None
    show_description: bool | None
    transparent_background: bool | None
    last_refresh: str | None


_ALIVE = "coalesce(dashboard_tiles.deleted, 0) = 0"


def tiles_of_insights(db: sqlite3.Connection, insight_ids: Sequence[int]) -> dict[int, list[Tile]]:
    """Return the tiles of insights on dashboards that still exist."""
    rows = db.execute(
        "SELECT dashboard_tiles.* FROM dashboard_tiles JOIN dashboards ON dashboards.id = dashboard_id"
        f" WHERE insight_id IN (SELECT value FROM json_each(?)) AND {_ALIVE} AND dashboards.deleted = 0"
        " ORDER BY dashboard_tiles.id",
        (json.dumps(list(insight_ids)),),
    )
    found: dict[int, list[Tile]] = defaultdict(list)
    for row in rows:
        found[row["insight_id"]].append(_tile(row))
    return found


def tiles_of_dashboard(
    db: sqlite3.Connection, dashboard_id: int, *, include_deleted_insights: bool = False
) -> list[Tile]:
    """Return the tiles of a dashboard in their order."""
    alive = _ALIVE if include_deleted_insights else f"{_ALIVE} AND coalesce(insights.deleted, 0) = 0"
    rows = db.execute(
        "SELECT dashboard_tiles.* FROM dashboard_tiles LEFT JOIN insights ON insights.id = insight_id"
        f" WHERE dashboard_id = ? AND {alive}"
        ' ORDER BY dashboard_tiles."order" IS NULL, dashboard_tiles."order", dashboard_tiles.id',
        (dashboard_id,),
    )
    return [_tile(row) for row in rows]


def get_tile(db: sqlite3.Connection, dashboard_id: int, tile_id: int) -> Tile | None:
    """Return a tile of a dashboard that was not removed."""
    row = db.execute(
        f"SELECT * FROM dashboard_tiles WHERE dashboard_id = ? AND id = ? AND {_ALIVE}", (dashboard_id, tile_id)
    ).fetchone()
    return _tile(row) if row else None


def find_tile(db: sqlite3.Connection, dashboard_id: int, insight_id: int) -> Tile | None:
    """Return the tile of an insight on a dashboard that was not removed."""
    row = db.execute(
        f"SELECT * FROM dashboard_tiles WHERE dashboard_id = ? AND insight_id = ? AND {_ALIVE}",
        (dashboard_id, insight_id),
    ).fetchone()
    return _tile(row) if row else None


def put_insight(db: sqlite3.Connection, dashboard_id: int, insight_id: int) -> Tile:
    """Put an insight on a dashboard; a removed tile comes back with its number and layout."""
    row = db.execute(
        "INSERT INTO dashboard_tiles (dashboard_id, insight_id) VALUES (?, ?)"
        " ON CONFLICT (dashboard_id, insight_id) DO UPDATE SET deleted = CASE WHEN deleted = 1 THEN 0 ELSE deleted END"
        " RETURNING *",
        (dashboard_id, insight_id),
    ).fetchone()
    return _tile(row)


def put_text(
    db: sqlite3.Connection, team_id: int, dashboard_id: int, body: str | None, user_id: int, now: datetime
) -> Tile:
    """Put a new text on a dashboard."""
    text_id = db.execute(
        "INSERT INTO dashboard_texts (team_id, body, created_by, last_modified_at, last_modified_by)"
        " VALUES (?, ?, ?, ?, ?) RETURNING id",
        (team_id, body, user_id, print_time(now), user_id),
    ).fetchone()["id"]
    row = db.execute(
        "INSERT INTO dashboard_tiles (dashboard_id, text_id) VALUES (?, ?) RETURNING *", (dashboard_id, text_id)
    ).fetchone()
    return _tile(row)


def update_text(db: sqlite3.Connection, text_id: int, body: str | None, user_id: int, now: datetime) -> None:
    """Change the text of a text tile."""
    db.execute(
        "UPDATE dashboard_texts SET body = ?, last_modified_at = ?, last_modified_by = ? WHERE id = ?",
        (body, print_time(now), user_id, text_id),
    )


def get_texts(db: sqlite3.Connection, text_ids: Sequence[int]) -> dict[int, TileText]:
    """Return texts by number."""
    rows = db.execute(
        "SELECT * FROM dashboard_texts WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(text_ids)),)
    )
    return {
        row["id"]: TileText(row["id"], row["body"], row["created_by"], row["last_modified_at"], row["last_modified_by"])
        for row in rows
    }


def update_tile(db: sqlite3.Connection, tile_id: int, values: Mapping[str, object]) -> None:
    """Set columns of a tile."""
    unknown = set(values) - _WRITABLE
    if unknown:
        raise ValueError(f"no writable tile columns {sorted(unknown)}")
    for name, value in values.items():
        stored = json.dumps(value) if name in _JSON and value is not None else value
        db.execute(f'UPDATE dashboard_tiles SET "{name}" = ? WHERE id = ?', (stored, tile_id))


def remove_tile(db: sqlite3.Connection, dashboard_id: int, insight_id: int) -> None:
    """Take an insight off a dashboard; its tile is kept."""
    db.execute(
        "UPDATE dashboard_tiles SET deleted = 1 WHERE dashboard_id = ? AND insight_id = ?", (dashboard_id, insight_id)
    )


def remove_tiles_of_insight(db: sqlite3.Connection, insight_id: int) -> None:
    """Take an insight off every dashboard."""
    db.execute("UPDATE dashboard_tiles SET deleted = 1 WHERE insight_id = ?", (insight_id,))


def insights_only_on(db: sqlite3.Connection, dashboard_id: int) -> list[int]:
    """Return the insights of a dashboard that stand on no other one."""
    rows = db.execute(
        f"SELECT insight_id FROM dashboard_tiles WHERE dashboard_id = ? AND insight_id IS NOT NULL AND {_ALIVE}"
        " AND NOT EXISTS (SELECT 1 FROM dashboard_tiles AS other JOIN dashboards ON dashboards.id = other.dashboard_id"
        " WHERE other.insight_id = dashboard_tiles.insight_id AND other.dashboard_id != dashboard_tiles.dashboard_id"
        " AND coalesce(other.deleted, 0) = 0 AND dashboards.deleted = 0)",
        (dashboard_id,),
    )
    return [row["insight_id"] for row in rows]


def set_insights_deleted(db: sqlite3.Connection, insight_ids: Sequence[int], *, deleted: bool) -> None:
    """Mark insights as deleted or not, and leave their tiles as they are."""
    db.execute(
        "UPDATE insights SET deleted = ? WHERE id IN (SELECT value FROM json_each(?))",
        (deleted, json.dumps(list(insight_ids))),
    )


def _tile(row: sqlite3.Row) -> Tile:
    def flag(name: str) -> bool | None:
        return None if row[name] is None else bool(row[name])

    return Tile(
        id=row["id"],
        dashboard_id=row["dashboard_id"],
        insight_id=row["insight_id"],
        text_id=row["text_id"],
        deleted=flag("deleted"),
        layouts=json.loads(row["layouts"]),
        color=row["color"],
        order=row["order"],
        filters_overrides=json.loads(row["filters_overrides"]) if row["filters_overrides"] else None,
        show_description=flag("show_description"),
        transparent_background=flag("transparent_background"),
        last_refresh=row["last_refresh"],
    )


def move_tile(db: sqlite3.Connection, tile: Tile, dashboard_id: int) -> None:
    """Move a tile to another dashboard, in place of a removed one of the same insight."""
    db.execute(
        "DELETE FROM dashboard_tiles WHERE dashboard_id = ? AND insight_id = ? AND deleted = 1",
        (dashboard_id, tile.insight_id),
    )
    update_tile(db, tile.id, {"dashboard_id": dashboard_id})
