"""What a project has already, and which of it a file means.

A file's object is found by its key: the one whose tag holds it; else one without such a tag that the file was exported
from; else one without such a tag that has its name. Two that could be meant are never guessed between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.schema.text import nearest
from insights_mcp.server.files.documents import DashboardFile, Files, InsightFile
from insights_mcp.server.files.findings import Findings
from insights_mcp.server.files.keys import key_in, make_key, tag_of
from insights_mcp.server.scopes import find_scope

_PAGE = 500
_MAX_NAMED = 3

Object = TypeVar("Object", Insight, Dashboard)
File = TypeVar("File", InsightFile, DashboardFile)


@dataclass(frozen=True)
class Project:
    """The insights and dashboards of a project, dashboards without tiles, and where it is."""

    address: str
    insights: Sequence[Insight]
    dashboards: Sequence[Dashboard]


@dataclass
class Matches:
    """Which object of the project each file means; a key that is missing means a new one."""

    insights: dict[str, Insight] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)


async def read_project(api: PostHogClient) -> Project:
    """Return what the project has: a request for each 500 insights, as many for dashboards."""
    insights = [insight async for insight in api.insights.iterate(InsightFilters())]
    return Project(await address_of(api), insights, await all_dashboards(api))


async def all_dashboards(api: PostHogClient) -> list[Dashboard]:
    """Return every dashboard, without tiles."""
    found: dict[int, Dashboard] = {}
    offset: int | None = 0
    while offset is not None:
        page = await api.dashboards.list(limit=_PAGE, offset=offset)
        found |= {board.id: board for board in page.results}
        offset = page.next_offset
    return list(found.values())


async def address_of(api: PostHogClient) -> str:
    """Return where the project is, as `source` tells it: `https://us.posthog.com/project/1`, `local/project/1`."""
    await find_scope(api)
    base = api.base_url if api.has_pages else "local"
    return f"{base}/project/{api.project_id or 'current'}"


def match(files: Files, project: Project, findings: Findings) -> Matches:
    """Return which object each file means; what cannot be told apart is refused."""
    found = Matches()
    for key, insight in _match(files.insights, project.insights, project, findings).items():
        found.insights[key] = insight
    for key, board in _match(files.dashboards, project.dashboards, project, findings).items():
        found.dashboards[key] = board
    return found


def find_by_key(key: str, insights: Sequence[Insight]) -> Insight | None:
    """Return the one insight that a key means though no file tells of it: by its tag, else by its name."""
    tagged = [one for one in insights if key_in(one.tags) == key]
    named = [one for one in insights if key_in(one.tags) is None and make_key(one.title) == key]
    meant = tagged or named
    return meant[0] if len(meant) == 1 else None


def nearest_key(key: str, files: Files, insights: Sequence[Insight]) -> str | None:
    """Return the key most like one that does not exist."""
    known = [*files.insights, *(key_in(one.tags) or make_key(one.title) for one in insights)]
    return nearest(key, known)


def _match(
    files: Mapping[str, File], objects: Sequence[Object], project: Project, findings: Findings
) -> dict[str, Object]:
    by_key: dict[str, list[Object]] = {}
    free: list[Object] = []
    for one in sorted(objects, key=lambda one: one.id):
        key = key_in(one.tags)
        if key is None:
            free.append(one)
        else:
            by_key.setdefault(key, []).append(one)
    found: dict[str, Object] = {}
    for key, file in files.items():
        _settle(file, by_key.get(key, []), found, findings)
    owners: dict[int, File] = {one.id: files[key] for key, one in found.items()}
    for key, file in files.items():
        origin = next((one for one in free if _is_source(file, one, project)), None)
        if origin is None or key in by_key:
            continue
        if origin.id in owners:
            findings.refuse(file.place.at("source"), f"{file.key} and {owners[origin.id].key} come from the same one")
        else:
            owners[origin.id], found[key] = file, origin
    for key, file in files.items():
        if key not in found and key not in by_key:
            taken = {one.id for one in found.values()}
            _settle(file, [one for one in free if one.id not in taken and _is_named(file, one)], found, findings)
    return found


def _settle(file: File, meant: Sequence[Object], found: dict[str, Object], findings: Findings) -> None:
    if len(meant) > 1:
        told = ", ".join(str(one.id) for one in meant[:_MAX_NAMED])
        more = "" if len(meant) <= _MAX_NAMED else f" and {len(meant) - _MAX_NAMED} more"
        findings.refuse(
            file.place.at("key"),
            f"{file.key} could be any of {told}{more} in the project; give the one that is meant, and no other, the "
            f"tag {tag_of(file.key)}",
        )
    elif meant:
        found[file.key] = meant[0]


def source_of(one: Insight | Dashboard, address: str) -> str:
    """Return where in which project an object is: what `source` of its file says before the key."""
    if isinstance(one, Insight):
        return f"{address}/insights/{one.short_id or one.id}"
    return f"{address}/dashboard/{one.id}"


def _is_source(file: InsightFile | DashboardFile, one: Insight | Dashboard, project: Project) -> bool:
    """Return whether a file was exported from this very object, and is not a copy of that file under another key."""
    source, _, key = (file.source or "").rpartition("#")
    if key != file.key:
        return False
    if isinstance(one, Insight):  # a short_id is the same in no two projects
        return bool(one.short_id) and source.rsplit("/", 1)[-1] == one.short_id
    # The number of a dashboard is: of local projects there is one on every machine.
    return "://" in project.address and source == source_of(one, project.address)


def _is_named(file: InsightFile | DashboardFile, one: Insight | Dashboard) -> bool:
    name = one.title if isinstance(one, Insight) else one.name or ""
    return name.strip().casefold() == file.title.strip().casefold()
