"""What a request writes to a dashboard and its tiles (facts/rest-api.md 12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from insights_mcp.local.app.fields import (
    Fields,
    read_flag,
    read_integer,
    read_key,
    read_list,
    read_object,
    read_text,
)
from insights_mcp.local.app.insight_input import MAX_TEXT, read_tags
from insights_mcp.local.app.insight_writes import query_columns
from insights_mcp.local.problems import invalid
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import Dashboard, get_dashboard, update_dashboard
from insights_mcp.local.store.insights import create_insight, get_insights
from insights_mcp.local.store.tags import get_tags, set_tags
from insights_mcp.local.store.tiles import (
    Tile,
    get_texts,
    get_tile,
    insights_only_on,
    put_insight,
    put_text,
    set_insights_deleted,
    tiles_of_dashboard,
    update_text,
    update_tile,
)

MAX_TILE_TEXT = 4000
_TILE_FLAGS = ("deleted", "show_description", "transparent_background")


@dataclass(frozen=True)
class DashboardInput:
    """The fields a request sent; None for tags means that none were sent."""

    columns: Mapping[str, object]
    tags: list[str] | None = None
    tiles: list[Mapping[str, object]] = field(default_factory=list)
    delete_insights: bool = False


def read_dashboard(fields: Fields) -> DashboardInput:
    """Return the fields of a new or changed dashboard. Raises Problem."""
    columns: dict[str, object] = {}
    if "name" in fields:
        columns["name"] = read_text(fields, "name", limit=MAX_TEXT)
    if "description" in fields:
        columns["description"] = read_text(fields, "description", nullable=False)
    columns |= {name: read_flag(fields, name) for name in ("pinned", "deleted") if name in fields}
    if "filters" in fields:
        columns["filters"] = read_object(fields, "filters", "Filters must be a dictionary") or {}
    if "variables" in fields:
        columns["variables"] = read_object(fields, "variables", "Variables must be a dictionary") or {}
    columns |= {
        name: read_list(fields, name) if fields[name] is not None else []
        for name in ("breakdown_colors", "quick_filter_ids")
        if name in fields
    }
    if "data_color_theme_id" in fields:
        columns["data_color_theme_id"] = read_integer(fields, "data_color_theme_id")
    if "restriction_level" in fields:
        columns["restriction_level"] = _read_level(fields)
    return DashboardInput(
        columns=columns,
        tags=read_tags(fields) if "tags" in fields else None,
        tiles=_read_tiles(fields) if fields.get("tiles") else [],
        delete_insights=read_flag(fields, "delete_insights") if "delete_insights" in fields else False,
    )


def store_dashboard(
    db: Connection, dashboard: Dashboard, user_id: int, given: DashboardInput, now: datetime
) -> Dashboard:
    """Write what was given to a dashboard and its tiles. Raises Problem before anything is kept."""
    changed = update_dashboard(db, dashboard.id, given.columns)
    if given.tags is not None:
        set_tags(db, dashboard.team_id, "dashboard", dashboard.id, given.tags)
    for tile in given.tiles:
        _store_tile(db, changed, user_id, tile, now)
    if changed.deleted and not dashboard.deleted and given.delete_insights:
        set_insights_deleted(db, insights_only_on(db, dashboard.id), deleted=True)
    if dashboard.deleted and not changed.deleted:
        # Tiles stay when their dashboard goes; insights that went with it still have theirs.
        on_it = [tile.insight_id for tile in tiles_of_dashboard(db, dashboard.id, include_deleted_insights=True)]
        set_insights_deleted(db, [insight_id for insight_id in on_it if insight_id is not None], deleted=False)
    return changed


def copy_tiles(
    db: Connection, source: Dashboard, target: Dashboard, user_id: int, now: datetime, *, duplicate: bool
) -> None:
    """Put a dashboard's tiles on another one, with the same insights or with copies of them."""
    for tile in tiles_of_dashboard(db, source.id):
        if tile.insight_id is not None:
            insight_id = _copy_insight(db, tile.insight_id, user_id, now) if duplicate else tile.insight_id
            copy = put_insight(db, target.id, insight_id)
        else:
            text = get_texts(db, [tile.text_id or 0]).get(tile.text_id or 0)
            copy = put_text(db, target.team_id, target.id, text.body if text else None, user_id, now)
        update_tile(
            db,
            copy.id,
            {
                "layouts": tile.layouts,
                "color": tile.color,
                "order": tile.order,
                "filters_overrides": tile.filters_overrides,
                "show_description": tile.show_description,
                "transparent_background": tile.transparent_background,
            },
        )


def _copy_insight(db: Connection, insight_id: int, user_id: int, now: datetime) -> int:
    (original,) = get_insights(db, [insight_id])
    columns = {
        "name": f"{original.name} (Copy)" if original.name else None,
        "derived_name": original.derived_name,
        "description": original.description,
        "favorited": original.favorited,
        **query_columns(original.query),
    }
    copy = create_insight(db, original.team_id, user_id, columns, now)
    set_tags(db, original.team_id, "insight", copy.id, get_tags(db, "insight", [insight_id]).get(str(insight_id), []))
    return copy.id


def find_source(db: Connection, team_id: int, value: object) -> Dashboard:
    """Return the dashboard to copy from. Raises Problem."""
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        number = int(value)
    found = get_dashboard(db, team_id, number) if number is not None and 0 < number < 1 << 31 else None
    if found is None:
        raise invalid("Invalid value provided", attr="use_dashboard")
    return found


def _read_level(fields: Fields) -> int:
    level = fields["restriction_level"]
    if level not in (21, 37):
        raise invalid(f'"{level}" is not a valid choice.', attr="restriction_level", code="invalid_choice")
    return int(level)


def _read_tiles(fields: Fields) -> list[Mapping[str, object]]:
    tiles = read_list(fields, "tiles")
    for tile in tiles:
        if not isinstance(tile, dict):
            raise invalid("Each tile must be an object.", attr="tiles")
    return [tile for tile in tiles if isinstance(tile, dict)]


def _store_tile(db: Connection, dashboard: Dashboard, user_id: int, given: Fields, now: datetime) -> None:
    """Write one tile: a change of an old one, or a new text. Insights given here are ignored, as upstream."""
    text = read_object(given, "text", "Text must be an object.")
    body = read_text(text, "body", limit=MAX_TILE_TEXT) if text is not None else None
    if given.get("id") is None:
        if text is None:
            return
        tile: Tile | None = put_text(db, dashboard.team_id, dashboard.id, body, user_id, now)
    else:
        tile = get_tile(db, dashboard.id, read_key(given["id"], "tiles"))
        if tile is not None and tile.text_id is not None and text is not None:
            update_text(db, tile.text_id, body, user_id, now)
    if tile is not None:
        update_tile(db, tile.id, _read_tile_columns(given))


def _read_tile_columns(given: Fields) -> dict[str, object]:
    columns: dict[str, object] = {}
    if "layouts" in given:
        columns["layouts"] = read_object(given, "layouts", "Layouts must be an object.") or {}
    if "filters_overrides" in given:
        columns["filters_overrides"] = read_object(given, "filters_overrides", "Filters must be a dictionary")
    if "color" in given:
        columns["color"] = read_text(given, "color", limit=MAX_TEXT)
    if "order" in given:
        columns["order"] = read_integer(given, "order")
    columns |= {name: read_flag(given, name) for name in _TILE_FLAGS if given.get(name) is not None}
    return columns
