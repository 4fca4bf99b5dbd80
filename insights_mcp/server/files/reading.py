"""From texts to what they say of insights and dashboards; everything wrong with them is found at once."""

from collections.abc import Mapping
from typing import TypeVar

from insights_mcp.schema.text import nearest
from insights_mcp.server.files.documents import DASHBOARD, INSIGHT, DashboardFile, Files, InsightFile
from insights_mcp.server.files.fields import Fields
from insights_mcp.server.files.findings import At, Findings, Place
from insights_mcp.server.files.keys import MAX_KEY, is_key, make_key
from insights_mcp.server.files.query_bodies import check_body
from insights_mcp.server.files.tile_fields import read_tiles
from insights_mcp.server.files.yaml_text import Document, NotYaml, read_documents

MAX_DOCUMENTS = 2000
_MAX_NAME = 400
_MAX_TEXT = 10_000
_MAX_TAG = 255
_INSIGHT = ("kind", "key", "name", "derived_name", "description", "tags", "favorited", "query", "source")
_DASHBOARD = ("kind", "key", "name", "description", "tags", "pinned", "filters", "variables", "tiles", "source")

F = TypeVar("F", InsightFile, DashboardFile)


def read_files(texts: Mapping[str, str], findings: Findings, *, unchecked: bool = False) -> Files:
    """Return what the texts say, each by the name it is told by; what is wrong goes to the findings."""
    insights: dict[str, InsightFile] = {}
    dashboards: dict[str, DashboardFile] = {}
    count = 0
    for name, text in texts.items():
        for document in _documents(name, text, findings):
            count += 1
            place = Place(name, document)
            if count > MAX_DOCUMENTS:
                findings.refuse(place.at(), f"more than {MAX_DOCUMENTS:,} insights and dashboards at once")
                return Files(insights, dashboards)
            _read_one(place, insights, dashboards, findings, unchecked=unchecked)
    if not count and not findings.has_errors:
        findings.refuse(At(next(iter(texts), "yaml")), "holds no insight and no dashboard")
    return Files(insights, dashboards)


def _documents(name: str, text: str, findings: Findings) -> list[Document]:
    try:
        return read_documents(text)
    except NotYaml as error:
        findings.refuse(At(name, error.line), error.problem)
        return []


def _read_one(
    place: Place,
    insights: dict[str, InsightFile],
    dashboards: dict[str, DashboardFile],
    findings: Findings,
    *,
    unchecked: bool,
) -> None:
    data = place.document.data
    if not isinstance(data, Mapping):
        findings.refuse(place.at(), "must be an object with kind: insight or kind: dashboard")
        return
    fields, kind = Fields(place, data, findings), data.get("kind")
    if kind == INSIGHT:
        _add(insights, _read_insight(fields, place, findings, unchecked=unchecked), fields)
    elif kind == DASHBOARD:
        _add(dashboards, _read_dashboard(fields, place), fields)
    else:
        near = nearest(kind, (INSIGHT, DASHBOARD)) if isinstance(kind, str) else None
        fields.refuse(f"must be insight or dashboard{f'; did you mean {near}?' if near else ''}", "kind")


def _add(found: dict[str, F], one: F | None, fields: Fields) -> None:
    if one is None:
        return
    if one.key in found:
        fields.refuse(f"{one.key} is also in {found[one.key].place.at()}", "key")
    found.setdefault(one.key, one)


def _read_insight(fields: Fields, place: Place, findings: Findings, *, unchecked: bool) -> InsightFile | None:
    fields.refuse_unknown(_INSIGHT)
    name, derived = _trimmed(fields, "name"), _trimmed(fields, "derived_name")
    key = _read_key(fields, name or derived)
    given = fields.object("query")
    if given is None:
        if fields.data.get("query") is None:
            fields.refuse("query is missing")
        return None
    body = check_body(place, given, findings, unchecked=unchecked)
    return InsightFile(
        key,
        place,
        body,
        name=name,
        derived_name=derived,
        description=_trimmed(fields, "description"),
        tags=fields.words("tags", _MAX_TAG),
        favorited=fields.flag("favorited"),
        source=fields.text("source", _MAX_TEXT),
    )


def _read_dashboard(fields: Fields, place: Place) -> DashboardFile | None:
    fields.refuse_unknown(_DASHBOARD)
    name = _trimmed(fields, "name")
    key = _read_key(fields, name)
    if not name:
        fields.refuse("must not be empty" if "name" in fields.data else "name is missing", "name")
        return None
    return DashboardFile(
        key,
        place,
        name,
        description=_trimmed(fields, "description", _MAX_TEXT),
        tags=fields.words("tags", _MAX_TAG),
        pinned=fields.flag("pinned"),
        filters=fields.object("filters"),
        variables=fields.object("variables"),
        tiles=read_tiles(fields),
        source=fields.text("source", _MAX_TEXT),
    )


def _trimmed(fields: Fields, name: str, longest: int = _MAX_NAME) -> str | None:
    """Return a text as the API keeps it: without blanks around it."""
    text = fields.text(name, longest)
    return None if text is None else text.strip()


def _read_key(fields: Fields, name: str | None) -> str:
    given = fields.text("key", _MAX_TEXT)
    if given is None:
        key = make_key(name or "")
        if not key and "key" not in fields.data:
            fields.refuse("key is missing, such as key: weekly-signups")
        return key
    if not is_key(given):
        better = make_key(given)
        meant = f"; did you mean {better}?" if better else ""
        fields.refuse(f"must be of at most {MAX_KEY} small letters, digits, dots and dashes{meant}", "key")
        return better or given
    return given
