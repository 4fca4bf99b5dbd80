"""Whether a project has what queries ask for: events, properties, and what only another project's numbers mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.errors import ApiError, PermissionDenied
from insights_mcp.render.reading import mapping
from insights_mcp.render.tables import word
from insights_mcp.schema.text import nearest
from insights_mcp.server.asking import source_of
from insights_mcp.server.files.documents import DashboardFile, Files, InsightFile
from insights_mcp.server.files.findings import At, Findings
from insights_mcp.server.mentions import events_of, properties_of
from insights_mcp.server.tool import Call

_LONGEST = 60
_MANY = 1000


@dataclass(frozen=True)
class _Use:
    """Where the first query stands that asks for a name."""

    place: At
    key: str


async def check_names(call: Call, files: Files, address: str, findings: Findings, *, strict: bool) -> None:
    """Tell the names that queries ask for and the project does not have; `strict` refuses them.

    What could not be checked is told once instead, and refused by `strict` as well.
    """
    tell = findings.refuse if strict else findings.warn
    for place, problem in _foreign(files, address):
        tell(place, problem)
    events, properties = _used(files)
    try:
        problems = await _unknown_events(call, events)
        if problems and call.vocabulary.is_empty:
            tell(At("names"), "not checked, as this project has no events yet")
            return
        for place, problem in problems + await _unknown_properties(call, properties):
            tell(place, problem)
    except PermissionDenied as denied:
        lacks = f" (the key lacks {denied.scope})" if denied.scope else ""
        tell(At("names"), f"whether events and properties exist could not be checked{lacks}")
    except ApiError as error:  # a check is worth no failure
        tell(At("names"), f"whether events and properties exist could not be checked: {error.message}")


def _used(files: Files) -> tuple[dict[str, _Use], dict[tuple[str, str], _Use]]:
    """Return the events and the properties (by type and key), each with where it is asked for first."""
    events: dict[str, _Use] = {}
    properties: dict[tuple[str, str], _Use] = {}
    for key, file in files.insights.items():
        use, source = _Use(file.place.at("query"), key), source_of(file.query)
        for name in events_of(source):
            events.setdefault(name, use)
        for mention in properties_of(source):
            properties.setdefault((mention.type, mention.key), use)
    for key, board in files.dashboards.items():
        use = _Use(board.place.at("filters"), key)
        for mention in properties_of(board.filters or {}):
            properties.setdefault((mention.type, mention.key), use)
    return events, properties


async def _unknown_events(call: Call, used: Mapping[str, _Use]) -> list[tuple[At, str]]:
    found = []
    for name, use in used.items():
        if await call.vocabulary.find(call.api, name) is None:
            near = call.vocabulary.nearest(name)
            found.append((use.place, _tell(use, "event", name, near.name if near else None)))
    return found


async def _unknown_properties(call: Call, used: Mapping[tuple[str, str], _Use]) -> list[tuple[At, str]]:
    found = []
    for kind in dict.fromkeys(kind for kind, _ in used):
        page = await call.api.definitions.properties(type=kind, limit=_MANY)
        known = [one.name for one in page.results]
        if not known:  # nothing was ever seen, or nothing is told of it
            continue
        for (its_kind, name), use in used.items():
            if its_kind != kind or name in known:
                continue
            if page.has_more and await _exists(call, kind, name):
                continue
            noun = "property" if kind == "event" else f"{kind} property"
            found.append((use.place, _tell(use, noun, name, nearest(name, known))))
    return found


async def _exists(call: Call, kind: str, name: str) -> bool:
    page = await call.api.definitions.properties(type=kind, search=name, limit=100)
    return any(one.name == name for one in page.results)


def _tell(use: _Use, noun: str, name: str, near: str | None) -> str:
    meant = f"; did you mean {word(near)}?" if near else ""
    return f"{use.key} asks for {noun} {word(name[:_LONGEST])}, which this project has never seen{meant}"


def _foreign(files: Files, address: str) -> Iterator[tuple[At, str]]:
    """Yield what means something in the project that a file came from only: actions, cohorts, variables."""
    for file in files.insights.values():
        if _is_from_elsewhere(file, address):
            for path, what in _references(file.query, ("query",)):
                yield file.place.at(*path), f"{file.key} uses {what}: here that number means another one, or none"
    for board in files.dashboards.values():
        if _is_from_elsewhere(board, address):
            found = [*_references(board.filters or {}, ("filters",)), *_references({"variables": board.variables}, ())]
            for path, what in found:
                yield board.place.at(*path), f"{board.key} uses {what}: here that number means another one, or none"


def _is_from_elsewhere(file: InsightFile | DashboardFile, address: str) -> bool:
    return file.source is not None and not file.source.startswith(f"{address}/")


def _references(value: object, path: Sequence[str | int]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        if value.get("kind") == "ActionsNode":
            yield tuple(path), f"action {value.get('id')} {word(str(value.get('name') or ''))}".strip()
        elif value.get("type") == "actions" and value.get("id") is not None:
            yield tuple(path), f"action {value.get('id')}"
        elif value.get("type") in ("cohort", "static-cohort", "precalculated-cohort"):
            yield tuple(path), f"cohort {value.get('value')}"
        for name in mapping(value.get("variables")):
            code = mapping(mapping(value["variables"])[name]).get("code_name")
            yield (*path, "variables"), f"variable {word(str(code or name)[:_LONGEST])}"
        for name, item in value.items():
            yield from _references(item, (*path, str(name)))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _references(item, (*path, at))
