"""Ids as people and models give them: a number, a short_id, a pasted PostHog address, the whole name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import WithJsonSchema

from insights_mcp.client import PostHogClient
from insights_mcp.errors import InputError
from insights_mcp.render.marking import quote
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.schema.text import nearest
from insights_mcp.server.tool import Call

InsightId = Annotated[str, WithJsonSchema({"type": "string", "description": "Insight number, short_id or PostHog URL"})]
DashboardId = Annotated[str, WithJsonSchema({"type": "string", "description": "Dashboard number or PostHog URL"})]

_SHORT_ID = re.compile(r"[A-Za-z0-9_-]{4,16}")
_PAGE = re.compile(r"/(?:insights|dashboard|dashboards)/([^/]+)")
_PROJECT = re.compile(r"/(?:project|projects|environments)/(\d+)/")
# `insight 12`, `id=12`, `#12`.
_LABEL = re.compile(r"(?:(?:insight|dashboard|id|short_id)\s*[:=#\s]\s*|#)(?!/)(?=\S+$)", re.IGNORECASE)
_LONGEST_NUMBER = 15
_RESOURCES = {"insight", "dashboard"}
_LENGTH_OF_SHORT_ID = 8
_LOOKED_THROUGH = 500
_SUGGESTED = 3


@dataclass(frozen=True)
class Named:
    """An id, and the project that a pasted address names."""

    key: int | str
    project_id: int | None = None


class NotAnId(InputError):
    """What was given for an id is none; it may be a name."""


async def find_insight(call: Call, given: str, *, is_write: bool = False) -> int | str:
    """Return number or short_id of the insight meant. The exact name of one insight will do, except for a write.

    Raises InputError when it is neither; then it names insights that are called something like it.
    """
    try:
        named = parse_insight(given)
    except NotAnId as refusal:
        return await _insight_by_name(call, given, is_write=is_write, refusal=refusal)
    await _check_project(call.api, named)
    # Short ids have eight characters: another length is more likely a one-word name.
    if isinstance(named.key, str) and named.project_id is None and len(named.key) != _LENGTH_OF_SHORT_ID:
        return await _insight_by_name(call, named.key, is_write=is_write, refusal=None)
    return named.key


async def find_dashboard(call: Call, given: str, *, is_write: bool = False) -> int:
    """Return the number of the dashboard meant. The exact name of one dashboard will do, except for a write.

    Raises InputError when it is neither; then it names dashboards that are called something like it.
    """
    try:
        return await dashboard_key(call.api, given)
    except NotAnId as refusal:
        boards = (await call.api.dashboards.list(limit=_LOOKED_THROUGH)).results
        named = {board.id: board.name or "" for board in boards}
        return _choose(call, given, named, noun="dashboard", is_write=is_write, refusal=refusal)


async def _insight_by_name(call: Call, given: str, *, is_write: bool, refusal: NotAnId | None) -> int | str:
    if len(given.strip()) < 2 or "/" in given or not given.isprintable():
        if refusal is not None:
            raise refusal
        return given
    page = await call.api.insights.list(InsightFilters(search=given.strip()[:200]), limit=20)
    if not page.results and refusal is not None:  # nothing holds these words: perhaps they are misspelt
        page = await call.api.insights.list(limit=200)
    named = {one.id: one.title for one in page.results}
    if refusal is None and not any(_same(title, given) for title in named.values()):
        return given
    return _choose(call, given, named, noun="insight", is_write=is_write, refusal=refusal)


def _choose(
    call: Call, given: str, named: Mapping[int, str], *, noun: str, is_write: bool, refusal: NotAnId | None
) -> int:
    """Return the one that bears the name given.

    Raises InputError when none does, or several do, or it is to be changed, which asks for an id.
    """
    same = [number for number, name in named.items() if _same(name, given)]
    if len(same) == 1 and not is_write:
        call.notes.append(f"Read id {quote(given, 60)} as {noun} {same[0]}, by its name.")
        return same[0]
    near = nearest(given, named.values())
    meant = same or [number for number, name in named.items() if name == near] or list(named)
    if not meant:
        raise refusal or NotAnId(f"id {quote(given, 60)} is no {noun}.")
    told = ", ".join(f"{number} {quote(named[number], 60)}" for number in meant[:_SUGGESTED])
    problem = f"id {quote(given, 60)} is a name, not an id." if same else f"id {quote(given, 60)} is no {noun}'s."
    raise NotAnId(problem, advice=f"Did you mean {told}? Give the number.")


def _same(name: str, given: str) -> bool:
    return name.strip().casefold() == given.strip().casefold()


async def insight_key(api: PostHogClient, given: str) -> int | str:
    """Return number or short_id of the insight meant.

    Raises InputError when it is neither, or an address of another project.
    """
    named = parse_insight(given)
    await _check_project(api, named)
    return named.key


async def dashboard_key(api: PostHogClient, given: str) -> int:
    """Return the number of the dashboard meant.

    Raises InputError when it is none, or an address of another project.
    """
    named = _parse(given, noun="dashboard", find_with="dashboards-list")
    await _check_project(api, named)
    if not isinstance(named.key, int):
        raise _not_an_id(given, "dashboard", "dashboards-list", "a number or a PostHog URL")
    return named.key


def parse_insight(given: str) -> Named:
    """Return what an insight's id says, without asking anybody.

    Raises InputError.
    """
    named = _parse(given, noun="insight", find_with="insights-list")
    if isinstance(named.key, str) and not _SHORT_ID.fullmatch(named.key):
        raise _not_an_id(given, "insight", "insights-list", "a number, a short_id or a PostHog URL")
    return named


def _parse(given: str, *, noun: str, find_with: str) -> Named:
    text = _LABEL.sub("", given.strip().strip("\"'<>"), count=1)
    project = None
    if "/" in text:
        address = urlsplit(text if "://" in text or text.startswith("/") else f"/{text}")
        if address.scheme in _RESOURCES and address.scheme != noun:
            raise _not_an_id(given, noun, find_with, f"the address of a saved {noun}")
        path = f"/{address.netloc}{address.path}" if address.scheme in _RESOURCES else address.path
        page = _PAGE.search(path + "/") or re.fullmatch(r"/([^/]+)/?", path)
        if page is None or page[1] == "new":
            raise _not_an_id(given, noun, find_with, f"the address of a saved {noun}")
        found = _PROJECT.search(path)
        project = int(found[1]) if found else None
        text = unquote(page[1])
    if text.isdecimal() and text.isascii() and 0 < len(text) <= _LONGEST_NUMBER:
        return Named(int(text), project)
    return Named(text, project)


async def _check_project(api: PostHogClient, named: Named) -> None:
    if named.project_id is None:
        return
    ours = (await api.project()).id
    if ours != named.project_id:
        raise InputError(
            f"That address is in project {named.project_id}; this server works in project {ours}.",
            advice=f"Whoever runs it can set POSTHOG_PROJECT_ID={named.project_id}.",
        )


def _not_an_id(given: str, noun: str, find_with: str, wanted: str) -> NotAnId:
    return NotAnId(
        f"id {quote(given, 60)} is not {wanted}.", advice=f"Find the {noun} with {find_with} and give its id."
    )
