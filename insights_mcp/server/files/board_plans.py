"""What applying a file would change of one dashboard and its tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.server.files.documents import SIDES, Box, DashboardFile, Files, TileFile
from insights_mcp.server.files.findings import Findings
from insights_mcp.server.files.keys import key_in, tag_of, without_keys
from insights_mcp.server.files.project import Matches, Project, find_by_key, nearest_key
from insights_mcp.server.files.query_bodies import without_nulls


@dataclass(frozen=True)
class TilePlan:
    """A tile of a file, and the one that is there. `saved` is an insight that no file tells of."""

    file: TileFile
    there: Tile | None
    saved: Insight | None = None

    @property
    def changes(self) -> dict[str, object]:
        """Return what is to be written to a tile once it is there: text, place, looks."""
        wanted: dict[str, object] = {}
        there = self.there
        if there is not None and self.file.text is not None and not _is_text(there, self.file.text):
            known = {name: value for name, value in mapping(there.text).items() if name == "id"}
            wanted["text"] = {**known, "body": self.file.text}
        if self.file.layouts is not None and (there is None or not is_placed(there, self.file.layouts)):
            wanted["layouts"] = {size: dict(box) for size, box in self.file.layouts.items()}
        looks = (self.file.looks or {}).items()
        return wanted | {name: value for name, value in looks if there is None or not _looks(there, name, value)}


@dataclass(frozen=True)
class BoardPlan:
    """A dashboard: what is there, if it is, the fields to write, its tiles, and those that no file tells of."""

    file: DashboardFile
    found: Dashboard | None
    fields: Mapping[str, object]
    tiles: Sequence[TilePlan] = ()
    extra: Sequence[Tile] = ()
    removed: Sequence[Tile] = field(default=())

    @property
    def is_nothing(self) -> bool:
        """Return whether it is as the file says."""
        if self.found is None or self.fields or self.removed:
            return False
        return all(tile.there is not None and not tile.changes for tile in self.tiles)

    @property
    def saved(self) -> list[Insight]:
        """Return the insights on it that no file tells of."""
        return [tile.saved for tile in self.tiles if tile.saved is not None]


def plan_board(
    file: DashboardFile,
    found: Dashboard | None,
    files: Files,
    matches: Matches,
    project: Project,
    findings: Findings,
    *,
    prune: bool,
) -> BoardPlan:
    """Return what applying a file changes; tiles it does not list are extra, or removed when pruning."""
    fields = _fields_of(file, found)
    if file.tiles is None:
        return BoardPlan(file, found, fields)
    there = list(found.tiles) if found is not None else []
    tiles: dict[int, TilePlan] = {}
    for entry in file.tiles:
        if entry.insight is not None:
            saved = _find_saved(file, entry, files, project, findings)
            meant = saved or matches.insights.get(entry.insight)
            tiles[entry.at] = TilePlan(entry, _tile_of(there, meant), saved)
    texts = [entry for entry in file.tiles if entry.text is not None]
    tiles |= {entry.at: TilePlan(entry, tile) for entry, tile in _pair_texts(texts, there)}
    used = {plan.there.id for plan in tiles.values() if plan.there is not None}
    extra = [tile for tile in there if tile.id not in used and (tile.insight is not None or tile.text is not None)]
    ordered = [tiles[at] for at in sorted(tiles)]
    return BoardPlan(file, found, fields, ordered, () if prune else extra, extra if prune else ())


def text_in(tile: Tile) -> str:
    """Return the text of a tile."""
    return text_of(mapping(tile.text).get("body"))


def look_of(tile: Tile, name: str) -> object:
    """Return one of a tile's looks."""
    return getattr(tile, name, None) if name in type(tile).model_fields else (tile.model_extra or {}).get(name)


def is_placed(tile: Tile, layouts: Box) -> bool:
    """Return whether a tile stands where a file says."""
    return all(
        all(mapping(tile.layouts.get(size)).get(side) == box[side] for side in SIDES) for size, box in layouts.items()
    )


def _is_text(tile: Tile, text: str) -> bool:
    return text_in(tile).rstrip() == text.rstrip()


def _looks(tile: Tile, name: str, value: object) -> bool:
    return without_nulls(look_of(tile, name)) == without_nulls(value)


def _fields_of(file: DashboardFile, found: Dashboard | None) -> dict[str, object]:
    given: dict[str, object] = {
        "name": file.name,
        "description": file.description,
        "pinned": file.pinned,
        "filters": file.filters,
        "variables": file.variables,
    }
    tags = [*without_keys(file.tags or ()), tag_of(file.key)]
    if found is None:
        return {**{name: value for name, value in given.items() if value}, "tags": tags}
    fields = {
        name: value for name, value in given.items() if value is not None and not _is_so(getattr(found, name), value)
    }
    if file.tags is not None and without_keys(file.tags) != without_keys(found.tags):
        fields["tags"] = tags
    if fields and "tags" not in fields and key_in(found.tags) is None:
        fields["tags"] = [*without_keys(found.tags), tag_of(file.key)]
    return fields


def _is_so(now: object, wanted: object) -> bool:
    return (without_nulls(now) or None) == (without_nulls(wanted) or None)


def _find_saved(
    file: DashboardFile, entry: TileFile, files: Files, project: Project, findings: Findings
) -> Insight | None:
    """Return the insight of a key that no file has; one that does not exist is refused."""
    key = entry.insight or ""
    if key in files.insights:
        return None
    saved = find_by_key(key, project.insights)
    if saved is None:
        near = nearest_key(key, files, project.insights)
        meant = f"; did you mean {near}?" if near else ""
        findings.refuse(
            file.place.at("tiles", entry.at, "insight"),
            f"tiles.{entry.at}: no file and no insight of the project has the key {key[:60]}{meant}",
        )
    return saved


def _tile_of(tiles: Sequence[Tile], insight: Insight | None) -> Tile | None:
    if insight is None:
        return None
    return next((tile for tile in tiles if tile.insight is not None and tile.insight.id == insight.id), None)


def _pair_texts(entries: Sequence[TileFile], tiles: Sequence[Tile]) -> list[tuple[TileFile, Tile | None]]:
    """Return each text with the tile it is: one with the same words, else one in the same place, else a new one."""
    left = [tile for tile in tiles if tile.insight is None and tile.text is not None]
    pairs: dict[int, Tile] = {}
    for is_it in (_has_words, _has_place):
        for entry in entries:
            tile = next((one for one in left if is_it(entry, one)), None) if entry.at not in pairs else None
            if tile is not None:
                pairs[entry.at] = tile
                left.remove(tile)
    return [(entry, pairs.get(entry.at)) for entry in entries]


def _has_words(entry: TileFile, tile: Tile) -> bool:
    return _is_text(tile, entry.text or "")


def _has_place(entry: TileFile, tile: Tile) -> bool:
    return entry.layouts is not None and is_placed(tile, entry.layouts)
