"""Ids as people and models give them: a number, a short_id, a pasted PostHog address."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import WithJsonSchema

from insights_mcp.client import PostHogClient
from insights_mcp.errors import InputError
from insights_mcp.render.marking import quote

InsightId = Annotated[str, WithJsonSchema({"type": "string", "description": "Insight number, short_id or PostHog URL"})]
DashboardId = Annotated[str, WithJsonSchema({"type": "string", "description": "Dashboard number or PostHog URL"})]

_SHORT_ID = re.compile(r"[A-Za-z0-9_-]{4,16}")
_PAGE = re.compile(r"/(?:insights|dashboard|dashboards)/([^/]+)")
_PROJECT = re.compile(r"/(?:project|projects|environments)/(\d+)/")
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class Named:
    """An id, and the project that a pasted address names."""

    key: int | str
    project_id: int | None = None


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
    text = given.strip().strip("\"'<>")
    project = None
    if "/" in text:
        address = urlsplit(text)
        path = f"/{address.netloc}{address.path}" if address.scheme == "insight" else address.path
        page = _PAGE.search(path + "/") or re.fullmatch(r"/([^/]+)/?", path)
        if page is None or page[1] == "new":
            raise _not_an_id(given, noun, find_with, f"the address of a saved {noun}")
        found = _PROJECT.search(path)
        project = int(found[1]) if found else None
        text = unquote(page[1])
    text = text.lstrip("#")
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


def _not_an_id(given: str, noun: str, find_with: str, wanted: str) -> InputError:
    return InputError(
        f"id {quote(given, 60)} is not {wanted}.", advice=f"Find the {noun} with {find_with} and give its id."
    )
