"""From a project to documents: the same for the same state, in an order that reads well."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.marking import quote
from insights_mcp.render.reading import mapping
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.server.files.board_plans import look_of, text_in
from insights_mcp.server.files.documents import DASHBOARD, INSIGHT, LOOKS, SIDES
from insights_mcp.server.files.keys import key_in, make_key, without_keys
from insights_mcp.server.files.project import address_of, all_dashboards, source_of
from insights_mcp.server.files.query_bodies import without_nulls
from insights_mcp.server.files.yaml_text import Listing, Row, write_document

_FEW = 20
_FAR = 1 << 30


@dataclass(frozen=True)
class Wanted:
    """What to export: insights and dashboards by number, those with a tag, or all. Dashboards bring their insights."""

    insights: Collection[int] = ()
    dashboards: Collection[int] = ()
    tag: str | None = None
    all: bool = False
    # Keys that files have already, by their sources: a renamed insight keeps its file.
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """One document: what it is, its key, its text."""

    kind: str
    key: str
    text: str


@dataclass(frozen=True)
class Export:
    """Documents, insights before dashboards, each by their keys; and what was left out, a sentence each."""

    documents: Sequence[Exported]
    notes: Sequence[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all documents as one text."""
        return "---\n".join(one.text for one in self.documents)


async def export(api: PostHogClient, wanted: Wanted) -> Export:
    """Read what is wanted and write it down.

    Raises NotFound for a number that is not there, and what the API raises.
    """
    address, notes = await address_of(api), list[str]()
    boards = [await api.dashboards.get(number) for number in await _board_numbers(api, wanted)]
    insights = await _insights(api, wanted, boards)
    insights = [one for one in insights if _can_be_written(one, notes)]
    keys = _give_keys(insights, INSIGHT, address, wanted.known, notes)
    board_keys = _give_keys(boards, DASHBOARD, address, wanted.known, notes)
    documents = [
        Exported(INSIGHT, keys[one.id], write_document(_insight(one, keys[one.id], address))) for one in insights
    ]
    documents += [
        Exported(DASHBOARD, board_keys[one.id], write_document(_board(one, board_keys[one.id], keys, address, notes)))
        for one in boards
    ]
    documents.sort(key=lambda one: (one.kind != INSIGHT, one.key))
    return Export(documents, notes)


async def _board_numbers(api: PostHogClient, wanted: Wanted) -> list[int]:
    numbers = set(wanted.dashboards)
    if wanted.all or wanted.tag is not None:
        tag = (wanted.tag or "").strip().lower()
        numbers |= {one.id for one in await all_dashboards(api) if wanted.all or tag in one.tags}
    return sorted(numbers)


async def _insights(api: PostHogClient, wanted: Wanted, boards: Sequence[Dashboard]) -> list[Insight]:
    """Return the insights as saved: a tile shows its query under the dashboard's filters (facts/rest-api.md 4.3)."""
    numbers = {*wanted.insights, *(tile.insight.id for board in boards for tile in board.tiles if tile.insight)}
    found: dict[int, Insight] = {}
    if wanted.all:
        found |= {one.id: one async for one in api.insights.iterate(InsightFilters(saved=True))}
    elif wanted.tag is not None:
        found |= {one.id: one async for one in api.insights.iterate(InsightFilters(tags=[wanted.tag]))}
    missing = numbers - found.keys()
    if len(missing) > _FEW:
        found |= {one.id: one async for one in api.insights.iterate() if one.id in missing}
        missing -= found.keys()
    for number in sorted(missing):
        found[number] = await api.insights.get(number, basic=True)
    return [found[number] for number in sorted(found)]


def _can_be_written(insight: Insight, notes: list[str]) -> bool:
    if insight.query is None:
        notes.append(f"Left out: insight {insight.id} {quote(insight.title, 60)} is kept as old filters, not a query.")
    return insight.query is not None


def _give_keys(
    objects: Iterable[Insight | Dashboard], kind: str, address: str, known: Mapping[str, str], notes: list[str]
) -> dict[int, str]:
    """Return each object's key: its tag's, else its file's, else one of its name; equal ones are numbered by age."""
    ordered = sorted(objects, key=lambda one: (key_in(one.tags) is None, source_of(one, address) not in known, one.id))
    keys: dict[int, str] = {}
    for one in ordered:
        tagged = key_in(one.tags)
        name = one.title if isinstance(one, Insight) else one.name or ""
        spare = one.short_id.lower() if isinstance(one, Insight) else str(one.id)
        key = unused = tagged or known.get(source_of(one, address)) or make_key(name) or f"{kind}-{make_key(spare)}"
        count = 1
        while unused in keys.values():
            count += 1
            unused = f"{key}-{count}"
        if tagged and unused != tagged:
            notes.append(f"{kind} {one.id} has the key {tagged} of another one: it is {unused} in the files.")
        keys[one.id] = unused
    return keys


def _insight(insight: Insight, key: str, address: str) -> dict[str, object]:
    derived = {"derived_name": insight.derived_name} if insight.derived_name and not insight.name else {}
    return {
        "kind": INSIGHT,
        "key": key,
        "name": insight.name or "",
        **derived,
        "description": insight.description or "",
        "tags": Listing(without_keys(insight.tags)),
        "favorited": insight.favorited,
        "query": _ordered(without_nulls(insight.query)),
        "source": f"{source_of(insight, address)}#{key}",
    }


def _board(board: Dashboard, key: str, keys: Mapping[int, str], address: str, notes: list[str]) -> dict[str, object]:
    variables = {"variables": _ordered(board.variables)} if board.variables else {}
    tiles = [found for tile in sorted(board.tiles, key=_place) if (found := _tile(tile, keys)) is not None]
    if len(tiles) < len(board.tiles):
        notes.append(
            f"Left out: {len(board.tiles) - len(tiles)} tiles of dashboard {board.id} {quote(board.name or '', 60)} "
            "that are neither text nor an insight with a query."
        )
    return {
        "kind": DASHBOARD,
        "key": key,
        "name": board.name or key,
        "description": board.description,
        "tags": Listing(without_keys(board.tags)),
        "pinned": board.pinned,
        "filters": _ordered(without_nulls(board.filters)),
        **variables,
        "tiles": tiles,
        "source": f"{source_of(board, address)}#{key}",
    }


def _tile(tile: Tile, keys: Mapping[int, str]) -> dict[str, object] | None:
    shown: dict[str, object]
    if tile.insight is not None and tile.insight.id in keys:
        shown = {"insight": keys[tile.insight.id]}
    elif tile.insight is None and text_in(tile).strip():
        shown = {"text": text_in(tile)}
    else:
        return None
    layouts = {size: box for size in ("sm", "xs") if (box := _box(tile.layouts.get(size))) is not None}
    looks = {name: _ordered(look_of(tile, name)) for name in LOOKS if look_of(tile, name)}
    return {**shown, **({"layouts": layouts} if layouts else {}), **looks}


def _box(value: object) -> Row | None:
    sides = {side: mapping(value).get(side) for side in SIDES}
    numbers = {side: int(number) for side, number in sides.items() if isinstance(number, int | float)}
    return Row(numbers) if len(numbers) == len(SIDES) and numbers["w"] and numbers["h"] else None


def _place(tile: Tile) -> tuple[int, int, int, int]:
    """Return where a tile stands, top to bottom and left to right; one that was never placed comes last."""
    box: dict[str, object] = _box(tile.layouts.get("sm")) or {}
    y, x = box.get("y"), box.get("x")
    return (
        y if isinstance(y, int) else _FAR,
        x if isinstance(x, int) else _FAR,
        tile.order if tile.order is not None else _FAR,
        tile.id,
    )


def _ordered(value: object) -> object:
    """Return data with the keys of every object in one order: what it is first, then by name.

    Servers keep their own orders (a JSON column of PostgreSQL sorts by length), so there is none to keep.
    """
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (name != "kind", name))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(item) for item in value] if isinstance(value, list | tuple) else value
