"""Checking the tiles of a call against the project before anything is written, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import DeadlineExceeded, InputError, InsightsError, NotFound, QueryFailed, Throttled
from insights_mcp.render.marking import quote
from insights_mcp.render.reading import mapping
from insights_mcp.render.results import report_result
from insights_mcp.server.asking import ask, ask_source, cached_result_of, source_of
from insights_mcp.server.boards.problems import Problems
from insights_mcp.server.boards.tiles import Given, NewInsight, SavedInsight, TextTile
from insights_mcp.server.diagnosing import UnknownEvent, explain_nothing
from insights_mcp.server.identifiers import find_insight
from insights_mcp.server.layouts import Shape, shape_of_query
from insights_mcp.server.look_alikes import LookAlikes, tell_look_alike
from insights_mcp.server.tool import Call
from insights_mcp.server.trials import check_names

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

_MISTAKE_STATUS = 400
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class PlannedTile:
    """A tile that was checked: what it will be, how large, and what it shows now."""

    title: str
    shape: Shape
    shows: str = ""
    warning: str = ""
    new: NewInsight | None = None
    body: Mapping[str, object] | None = None
    saved: Insight | None = None
    text: str | None = None


async def plan_tiles(
    call: Call, given: Mapping[str, Given], problems: Problems, *, force: bool
) -> dict[str, PlannedTile]:
    """Check every tile, several at a time; what is wrong is added to the problems.

    Raises what has nothing to do with one tile: a missing scope, no network.
    """
    planned: dict[str, PlannedTile] = {}
    failures: list[InsightsError] = []
    look_alikes = None if force else LookAlikes(call.api)

    async def plan(name: str, tile: Given) -> None:
        try:
            planned[name] = await _plan_tile(call, name, tile, look_alikes)
        except NotFound as error:
            problems.add(name, error.message)
        except UnknownEvent as error:  # its advice is about single insights
            problems.add(name, error.message)
        except InputError as error:
            problems.add(name, str(error))
        except QueryFailed as error:
            if error.status != _MISTAKE_STATUS:
                failures.append(error)
            problems.add(name, f"{error.message} {quote(error.detail or '', 120)} {error.advice or ''}")
        except InsightsError as error:
            failures.append(error)

    async with anyio.create_task_group() as tasks:
        for name, tile in given.items():
            tasks.start_soon(plan, name, tile)
    if failures:
        raise failures[0]
    return {name: planned[name] for name in given if name in planned}


async def _plan_tile(call: Call, name: str, tile: Given, look_alikes: LookAlikes | None) -> PlannedTile:
    if isinstance(tile, TextTile):
        return PlannedTile(name, Shape("text", tile.body), text=tile.body)
    if isinstance(tile, SavedInsight):
        return await _plan_saved(call, tile)
    return await _plan_new(call, name, tile, look_alikes)


async def _plan_saved(call: Call, tile: SavedInsight) -> PlannedTile:
    insight = await call.api.insights.get(await find_insight(call, tile.id))
    source = source_of(insight.query) if insight.query is not None else {}
    result = cached_result_of(insight)
    shows = report_result(result).brief if result is not None else await _run(call, source)
    return PlannedTile(insight.title, shape_of_query(source, display_of(insight.query)), shows, saved=insight)


async def _run(call: Call, source: Mapping[str, object]) -> str:
    if not source:
        return ""
    try:
        return (await ask_source(call, source, is_stored=True)).report.brief
    except (QueryFailed, Throttled, DeadlineExceeded) as failed:
        return f"not run: {failed.message}"


async def _plan_new(call: Call, name: str, tile: NewInsight, look_alikes: LookAlikes | None) -> PlannedTile:
    from insights_mcp.naming import name_query
    from insights_mcp.schema.queries import dump_query, unwrap_query, wrap_query

    query = wrap_query(tile.query)
    if look_alikes is not None:
        await check_names(call, query)
        found = await look_alikes.find(query)
        if found is not None:
            raise InputError(f"{tell_look_alike(found)}: give {found.id} as the tile, or force=true")
    shows, warning = await _try(call, query)
    written = await name_query(query, model=None)
    body = dump_query(query)
    shape = shape_of_query(dump_query(unwrap_query(query)), display_of(body))
    title = tile.name or _title(name) or written.name
    new = NewInsight(query, title, tile.description or written.description, tile.tags)
    return PlannedTile(title, shape, shows, warning, new=new, body=body)


async def _try(call: Call, query: "AnyQuery") -> tuple[str, str]:
    """Return what the query shows now, and a warning when that is nothing.

    Raises QueryFailed when it can never work.
    """
    try:
        asked = await ask(call, query)
    except QueryFailed as failed:
        if failed.status == _MISTAKE_STATUS:
            raise
        return f"not tried: {failed.message}", ""
    except (Throttled, DeadlineExceeded) as failed:
        return f"not tried: {failed.message}", ""
    if asked.report.is_empty:
        return asked.report.brief, " ".join(await explain_nothing(call, asked.source, asked.result))
    return asked.report.brief, ""


def _title(name: str) -> str | None:
    """Return the caller's own name for a tile as a title, unless it is only a letter or a number."""
    words = name.replace("_", " ").replace("-", " ").strip()
    if len(words) < _SHORTEST_NAME or words.isdecimal():
        return None
    return words[:1].upper() + words[1:]


def display_of(query: Mapping[str, object] | None) -> object:
    """Return how an insight is drawn, if its query says so."""
    body = query or {}
    source = mapping(body.get("source")) or body
    return body.get("display") or mapping(source.get("trendsFilter")).get("display")
