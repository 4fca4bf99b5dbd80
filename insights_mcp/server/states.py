"""Reading and writing the state of what a journal step is about: insights, their sharing, dashboards and their tiles.

A state is some fields and their values; an object that is not there is `{"deleted": true}`. Soft deletes make a
restored object the same object again, ids included (facts/rest-api.md 6, 12).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import NotFound, ValidationFailed
from insights_mcp.render.reading import mapping
from insights_mcp.schema.insights import DashboardPatch, InsightPatch
from insights_mcp.server.journal import Step

State = Mapping[str, object]
GONE: State = {"deleted": True}
SETS = frozenset({"tags", "dashboards"})
# Undone tile by tile, as far as they are as they were left: nobody else's work is lost.
TILES = frozenset({"layouts", "texts"})


def insight_state(insight: Insight) -> dict[str, object]:
    """Return the fields of an insight that people change."""
    return {
        "deleted": insight.deleted,
        "name": insight.name,
        "description": insight.description or None,
        "tags": sorted(insight.tags),
        "favorited": insight.favorited,
        "dashboards": sorted(insight.dashboard_ids),
        "query": insight.query,
    }


def dashboard_state(board: Dashboard) -> dict[str, object]:
    """Return the fields of a dashboard that people change; `layouts` by tile, `texts` by tile."""
    return {
        "deleted": board.deleted,
        "name": board.name,
        "description": board.description,
        "tags": sorted(board.tags),
        "pinned": board.pinned,
        "filters": dict(board.filters),
        "layouts": {str(tile.id): dict(tile.layouts) for tile in board.tiles},
        "texts": {str(tile.id): mapping(tile.text).get("body") for tile in board.tiles if tile.text is not None},
    }


def changed_fields(before: State, after: State) -> tuple[dict[str, object], dict[str, object]]:
    """Return the fields that differ, as they were and as they are."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


async def read_state(api: PostHogClient, step: Step) -> State:
    """Return how the object of a step is now."""
    try:
        return await _READERS[step.noun](api, step.id)
    except NotFound:
        return GONE


async def write_state(api: PostHogClient, step: Step, target: State) -> list[str]:
    """Bring the object of a step into a state, and return what could not be brought back, a sentence each."""
    return await _WRITERS[step.noun](api, step.id, target)


def _same(now: object, wanted: object) -> bool:
    """Compare values as the API may print them: what it added to an object does not count."""
    if isinstance(wanted, Mapping) and isinstance(now, Mapping):
        return all(value is None or _same(now.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list | tuple) and isinstance(now, list | tuple):
        return len(now) == len(wanted) and all(_same(one, other) for one, other in zip(now, wanted, strict=True))
    return now == wanted


def differing(now: State, wanted: State) -> list[str]:
    """Return the fields in which a state is not the wanted one."""
    if wanted.get("deleted") is True or now.get("deleted") is True:
        return [] if now.get("deleted") is wanted.get("deleted", False) else ["deleted"]
    return [name for name, value in wanted.items() if not _is_so(name, now.get(name), value)]


def _is_so(name: str, now: object, wanted: object) -> bool:
    if name == "texts":  # one too many is a difference as well
        return mapping(now) == mapping(wanted)
    if name == "layouts":  # of tiles that are gone there is nothing to say
        places = mapping(now)
        return all(tile not in places or _same(places[tile], place) for tile, place in mapping(wanted).items())
    return _same(now, wanted)


def state_before(now: State, step: Step) -> dict[str, object]:
    """Return the state that undoing a step leads to from the present one.

    Sets are undone member by member, so that what others added or removed meanwhile stays.
    """
    target = dict(step.before)
    if now.get("deleted") is True and "deleted" not in target:
        target["deleted"] = False
    for name in SETS & target.keys() & step.after.keys():
        if now.get("deleted") is not True:
            old, new, present = (_members(state.get(name)) for state in (step.before, step.after, now))
            kept = [one for one in present if one in old or one not in new]
            target[name] = sorted([*kept, *(one for one in old if one not in new and one not in present)])
    for name in TILES & target.keys():
        target[name] = _tiles_before(mapping(now.get(name)), mapping(step.before[name]), mapping(step.after.get(name)))
    return target


def _tiles_before(
    now: Mapping[str, object], before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, object]:
    """Return tiles as they were: those changed since, and those others added or removed, stay as they are."""
    target = {tile: value for tile, value in before.items() if tile not in after and tile not in now}
    for tile, value in now.items():
        if tile not in after or not _same(value, after[tile]):
            target[tile] = value
        elif tile in before:
            target[tile] = before[tile]
    return target


def _members(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


async def _read_insight(api: PostHogClient, number: int) -> State:
    return insight_state(await api.insights.get(number, basic=True))


async def _read_sharing(api: PostHogClient, number: int) -> State:
    return {"enabled": (await api.sharing.get(number)).enabled}


async def _read_dashboard(api: PostHogClient, number: int) -> State:
    return dashboard_state(await api.dashboards.get(number))


async def _write_insight(api: PostHogClient, number: int, target: State) -> list[str]:
    if target.get("deleted") is True:
        await api.insights.update(number, InsightPatch(deleted=True))
        return []
    if "deleted" in target:
        await api.insights.update(number, InsightPatch(deleted=False))
    fields: dict[str, Any] = {name: value for name, value in target.items() if name != "deleted"}
    if fields.get("query", {}) is None:  # an old insight kept as filters: there is nothing to send
        del fields["query"]
    if not fields:
        return []
    try:
        await api.insights.update(number, InsightPatch(**fields))
    except ValidationFailed as refused:
        if refused.attr != "dashboards":
            raise
        wanted = list(fields.pop("dashboards", ()))
        there = await _existing(api, wanted)
        await api.insights.update(number, InsightPatch(**fields, dashboards=there))
        return [f"Dashboard {', '.join(str(one) for one in wanted if one not in there)} is gone."]
    return []


async def _existing(api: PostHogClient, dashboards: Sequence[int]) -> list[int]:
    found = []
    for number in dashboards:
        try:
            await api.dashboards.get(number)
        except NotFound:
            continue
        found.append(number)
    return found


async def _write_sharing(api: PostHogClient, number: int, target: State) -> list[str]:
    await api.sharing.update(number, enabled=target.get("enabled") is True)
    return []


async def _write_dashboard(api: PostHogClient, number: int, target: State) -> list[str]:
    if target.get("deleted") is True:
        await api.dashboards.update(number, DashboardPatch(deleted=True))
        return []
    if "deleted" in target:
        await api.dashboards.update(number, DashboardPatch(deleted=False))
    own = set(target) - {"deleted"} - TILES
    fields: dict[str, Any] = {name: value for name, value in target.items() if name in own}
    if TILES & target.keys():
        fields["tiles"] = _tile_changes(await api.dashboards.get(number), target)
    fields = {name: value for name, value in fields.items() if name != "tiles" or value}
    if fields:
        await api.dashboards.update(number, DashboardPatch(**fields))
    return []


def _tile_changes(board: Dashboard, target: State) -> list[dict[str, object]]:
    """Return what moves tiles back, removes texts that were added, and writes removed ones anew."""
    layouts, there = mapping(target.get("layouts")), {str(tile.id) for tile in board.tiles}
    changes: list[dict[str, object]] = [
        {"id": int(tile), "layouts": place} for tile, place in layouts.items() if tile in there
    ]
    if "texts" in target:
        texts = mapping(target["texts"])
        changes += [{"id": tile.id, "deleted": True} for tile in board.tiles if tile.text and str(tile.id) not in texts]
        changes += [
            {"text": {"body": body}, "layouts": layouts.get(tile, {})}
            for tile, body in texts.items()
            if tile not in there
        ]
        changes += [
            {"id": tile.id, "text": {**_only_id(tile.text), "body": texts[str(tile.id)]}}
            for tile in board.tiles
            if tile.text and str(tile.id) in texts and tile.text.get("body") != texts[str(tile.id)]
        ]
    return changes


def _only_id(text: Mapping[str, object]) -> dict[str, object]:
    # Without it PostHog would make another text for the tile.
    return {"id": text["id"]} if "id" in text else {}


_READERS: Mapping[str, Callable[[PostHogClient, int], Awaitable[State]]] = {
    "insight": _read_insight,
    "sharing": _read_sharing,
    "dashboard": _read_dashboard,
}
_WRITERS: Mapping[str, Callable[[PostHogClient, int, State], Awaitable[list[str]]]] = {
    "insight": _write_insight,
    "sharing": _write_sharing,
    "dashboard": _write_dashboard,
}
