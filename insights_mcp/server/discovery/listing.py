"""Lists of events and of properties: ranked by use, searched by meaning, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.render.tables import Table, cell, cut_table
from insights_mcp.server.discovery.matching import read_wanted
from insights_mcp.server.discovery.properties import KnownProperty, merge_properties
from insights_mcp.server.discovery.samples import Samples
from insights_mcp.server.discovery.suggesting import suggest_active
from insights_mcp.server.discovery.telling import event_table, note_trouble, property_table, tell_ready
from insights_mcp.server.discovery.topics import find_events, match_events, match_properties
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call

# A page without events asked for shows what these many of the most used ones carry.
_SAMPLED = 5
_MOST_SAMPLED = 10
_NAMED = 12


@dataclass(frozen=True)
class Listed:
    """One page of a list, ready to be told: `offset` rows came before it, `total` there are."""

    noun: str
    what: str
    note: str
    table: Table
    offset: int
    total: int

    def tell(self, max_tokens: int) -> str:
        """Return the page in at most about that many tokens, with the way to what is left out."""
        if not self.table.rows:
            return self.what
        cut = cut_table(self.table, max_tokens - 60)
        shown = f"{cut.kept} of {self.total}" if cut.kept < self.total else str(self.total)
        end = self.offset + cut.kept
        more = f" Next page: offset={end}." if end < self.total else ""
        return f"{shown} {_plural(self.noun, self.total)}{self.what}.{self.note}{more}\n{cut.text}"


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"


async def list_events(call: Call, search: str | None, limit: int, offset: int) -> Listed:
    """Return the events, the most used of the project's own first, or those that fit some words, best first."""
    known = await find_events(search, call)
    where = await name_project(call.api)
    found = list(known.events)
    if search and search.strip():
        found, _ = match_events(read_wanted(search), known)
    if not found:
        return _nothing("event", search, where)
    page = found[offset : offset + limit]
    fits = f" for {cell(search)}" if search else ""
    counted = "" if known.trouble else ", by use in the last 30 days" if not search else ""
    return Listed(
        "event", f" in {where}{fits}{counted}", note_trouble(known.trouble), event_table(page), offset, len(found)
    )


async def list_properties(
    call: Call,
    kind: str,
    events: Sequence[str],
    search: str | None,
    limit: int,
    offset: int,
    group_type_index: int | None,
) -> Listed:
    """Return the properties of a kind, those that are set most first, or those that fit some words, best first."""
    found, trouble = await _known_properties(call, kind, events, group_type_index)
    where = await name_project(call.api)
    if search and search.strip():
        found, _ = match_properties(read_wanted(search), found)
    if not found:
        return _nothing(f"{kind} property", search, where)
    of = f" of {', '.join(map(cell, events))}" if events else f" in {where}"
    fits = f" for {cell(search)}" if search else ""
    note = f" Values could not be sampled ({trouble})." if trouble else ""
    page = found[offset : offset + limit]
    return Listed(f"{kind} property", f"{of}{fits}", note, property_table(page), offset, len(found))


async def tell_nothing(search: str, where: str, call: Call) -> str:
    """Return that nothing is called so, and what there is instead."""
    known = (await find_events(None, call)).events
    if not known:
        return f"No event was seen in {where} yet."
    names = ", ".join(cell(one.name) for one in known[:_NAMED])
    rest = f"; {len(known) - _NAMED} more: kind=events" if len(known) > _NAMED else ""
    said = f"Nothing in {where} is called like {cell(search)}. Its events are {names}{rest}."
    query = suggest_active(search, known)
    return f"{said}\n{tell_ready(query)}" if query is not None else said


async def _known_properties(
    call: Call, kind: str, events: Sequence[str], group_type_index: int | None
) -> tuple[list[KnownProperty], str | None]:
    """Return definitions merged with samples, and why there are no samples if so."""
    if kind == "event" and events:
        page = await call.api.definitions.properties(event_names=events, limit=1000)
    else:
        page = await call.catalogue.properties(call.api, kind, group_type_index)
    samples: Samples | str = {}
    if kind == "event":
        names = list(events) or [one.name for one in (await find_events(None, call)).events]
        samples = await call.catalogue.samples(call.api, names[: _MOST_SAMPLED if events else _SAMPLED])
    elif kind == "person":
        people = await call.catalogue.people(call.api)
        samples = people if isinstance(people, str) else {"person": people}
    if isinstance(samples, str):
        return merge_properties(page.results, {}, kind), samples
    return merge_properties(page.results, samples, kind), None


def _nothing(noun: str, search: str | None, where: str) -> Listed:
    if search:
        said = f"No {noun} in {where} fits {cell(search)}. Try other words, or leave search out."
    else:
        said = f"No {noun} was seen in {where} yet."
    return Listed(noun, said, "", Table((), ()), 0, 0)
