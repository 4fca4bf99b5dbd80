"""Mending one problem that validation found: a field in the wrong place, another word for it, text for an object."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from insights_mcp.schema import hints
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.descriptions import home_of, shape_of, value_at
from insights_mcp.schema.entities import EventsNode
from insights_mcp.schema.nodes import DataTableNode, DataVisualizationNode, InsightVizNode
from insights_mcp.schema.places import Path, Place, locate, path_text
from insights_mcp.schema.queries import model_of
from insights_mcp.schema.retention import RetentionEntity
from insights_mcp.schema.samples import filters_of, series_of, show

_NODES: tuple[type[BaseModel], ...] = (InsightVizNode, DataVisualizationNode, DataTableNode)
# Old names whose value fits as it is, or after a conversion below.
_RENAMES = {
    "sql": "query",
    "hogql": "query",
    "granularity": "interval",
    "filters": "properties",
    "filter": "properties",
    "where": "properties",
    "property_filters": "properties",
    "events": "series",
    "steps": "series",
    "metrics": "series",
    "entities": "series",
    "dates": "dateRange",
    "date": "dateRange",
    "time_range": "dateRange",
    "timerange": "dateRange",
    "group_by": "breakdown",
    "groupby": "breakdown",
    "break_down_by": "breakdown",
    "chart": "display",
    "chart_type": "display",
    "charttype": "display",
    "visualization": "display",
    "property": "key",
    "values": "value",
    "op": "operator",
    "aggregation": "math",
}
_WINDOW_NAMES = {"funnelwindowdays": "day", "conversionwindowdays": "day", "funnelwindowhours": "hour"}
_EVENT_NAMES = ("event", "id", "name", "event_name", "eventName")
# Names that mean something else in one model than elsewhere.
_OWN_RENAMES: dict[type[BaseModel], dict[str, str]] = {
    BreakdownFilter: {"property": "breakdown", "type": "breakdown_type", "limit": "breakdown_limit"},
    RetentionEntity: {"event": "id", "event_name": "id"},
}
_LONGEST_KEY = 40


def mend_problem(model: type[BaseModel], body: dict[str, object], details: ErrorDetails) -> str | None:
    """Mend what one validation error tells of, within `body`, and return what was done; None when it is not safe."""
    place = locate(model, details["loc"])
    if not place.path:
        return None
    handler = _HANDLERS.get(details["type"])
    if handler is not None:
        return handler(body, place, details["input"])
    return _mend_type(body, place, details["input"]) if details["type"].endswith("_type") else None


def _move_stray(body: dict[str, object], place: Place, value: object) -> str | None:
    """Give a field that does not exist here its right name, or its right place."""
    owner, key, parent = place.owner, str(place.path[-1]), value_at(body, place.path[:-1])
    if owner is None or not isinstance(parent, dict) or key not in parent:
        return None
    for name in owner.model_fields:
        if shape_of(name) == shape_of(key) and name not in parent:
            return _rename(parent, key, name, value)
    if owner in _NODES:
        return _move_into_source(parent, key, value)
    if (unit := _WINDOW_NAMES.get(shape_of(key))) and "funnelsFilter" in owner.model_fields:
        window = {"funnelWindowInterval": value, "funnelWindowIntervalUnit": unit}
        return _put_into(parent, key, "funnelsFilter", window)
    renamed = _OWN_RENAMES.get(owner, _RENAMES).get(key.lower())
    if owner is EventsNode and key in _EVENT_NAMES and isinstance(value, str) and "event" not in parent:
        return _rename(parent, key, "event", value)
    if renamed in owner.model_fields and renamed not in parent:
        return _rename(parent, key, str(renamed), value)
    home = home_of(owner, key) or (home_of(owner, renamed) if renamed else None)
    return _move_home(parent, key, home, value) if home else None


def _rename(parent: dict[str, object], key: str, name: str, value: object) -> str:
    parent[name] = parent.pop(key, value)
    return f"{key[:_LONGEST_KEY]} -> {name}"


def _move_into_source(parent: dict[str, object], key: str, value: object) -> str | None:
    """Move a query's field out of the node around it; where in the query it belongs is for the next round."""
    source = parent.get("source")
    model = model_of(source.get("kind")) if isinstance(source, dict) else None
    if not isinstance(source, dict) or model is None or key in source:
        return None
    if key not in model.model_fields and home_of(model, _RENAMES.get(key.lower(), key)) is None:
        return None
    source[key] = parent.pop(key, value)
    return f"{key[:_LONGEST_KEY]} -> source"


def _move_home(parent: dict[str, object], key: str, home: tuple[str, str], value: object) -> str | None:
    field, name = home
    if field == "breakdownFilter" and name == "breakdown" and not isinstance(value, str | int):
        return _put_into(parent, key, field, _breakdowns(value))
    if isinstance(parent.get(field), list) or field == "series":
        return None
    return _put_into(parent, key, field, {name: value})


def _breakdowns(value: object) -> dict[str, object]:
    """Return a breakdown given as an object or a list as `breakdowns`."""
    items = value if isinstance(value, list) else [value]
    found: list[object] = []
    for item in items:
        if isinstance(item, Mapping):
            name = item.get("property", item.get("key", item.get("name", item.get("breakdown"))))
            found.append({"property": name, "type": item.get("type", item.get("breakdown_type", "event"))})
        else:
            found.append({"property": item, "type": "event"})
    return {"breakdowns": found}


def _put_into(parent: dict[str, object], key: str, field: str, added: dict[str, object]) -> str | None:
    present = parent.get(field)
    if present is not None and (not isinstance(present, dict) or present.keys() & added.keys()):
        return None
    parent.pop(key, None)
    parent[field] = {**(present or {}), **added}
    return f"{key[:_LONGEST_KEY]} -> {field}.{next(iter(added))}"


def _mend_word(body: dict[str, object], place: Place, value: object) -> str | None:
    meant = meant_word(value, place.words)
    if meant is None:
        return None
    _set(body, place.path, meant)
    return f"{_end(place.path)} {show(value)} -> {meant}"


def meant_word(given: object, allowed: Sequence[str]) -> str | None:
    """Return the allowed word that is given in another spelling, or under its everyday name."""
    if not isinstance(given, str):
        return None
    shape = shape_of(given).replace(" ", "")
    for word in allowed:
        if shape_of(word) == shape:
            return word
    return next((meant for meant in hints.SYNONYMS.get(shape, ()) if meant in allowed), None)


def _mend_tag(body: dict[str, object], place: Place, value: object) -> str | None:
    """Mend an object of a union: its kind by another word, no kind at all, a plain name for an event."""
    tags = [member.tag for member in place.members if member.tag and not member.tag.startswith("<")]
    if isinstance(value, Mapping):
        given = value.get("kind")
        entry = value_at(body, place.path)
        if not isinstance(entry, dict):
            return None
        if given is None and "EventsNode" in tags and isinstance(place.path[-1], int):
            return _name_event(entry, place.path)
        meant = meant_word(given, tags)
        if meant is None:
            return None
        entry["kind"] = meant
        return f"kind {show(given)} -> {meant}"
    if "EventsNode" in tags and isinstance(value, str) and isinstance(place.path[-1], int):
        _set(body, place.path, {"kind": "EventsNode", "event": value})
        return f"{path_text(place.path)}: a name -> an EventsNode"
    return _mend_type(body, place, value)


def _name_event(entry: dict[str, object], path: Path) -> str | None:
    for name in _EVENT_NAMES:
        if isinstance(event := entry.get(name), str):
            entry.pop(name)
            entry.update({"kind": "EventsNode", "event": event})
            return f"{path_text(path)}: kind added: EventsNode"
    return None


def _mend_type(body: dict[str, object], place: Place, value: object) -> str | None:
    """Turn what is given into the object or the list that is asked for, where its meaning is plain."""
    name = str(place.path[-1])
    if name in ("series", "properties"):
        return _mend_list(body, place.path, name, value)
    if isinstance(value, str) and name in hints.MAIN_FIELDS:
        kept = {"type": "events"} if name.endswith("Entity") else {}
        _set(body, place.path, {hints.MAIN_FIELDS[name]: value, **kept})
        return f"{name}: text -> {name}.{hints.MAIN_FIELDS[name]}"
    if name == "dateRange" and isinstance(value, list) and len(value) == 2 and all(isinstance(x, str) for x in value):
        _set(body, place.path, {"date_from": value[0], "date_to": value[1]})
        return "dateRange: a list -> date_from and date_to"
    if name == "compareFilter" and isinstance(value, bool):
        _set(body, place.path, {"compare": value})
        return "compareFilter -> compareFilter.compare"
    return None


def _mend_list(body: dict[str, object], path: Path, name: str, value: object) -> str | None:
    if name == "properties":
        if isinstance(value, Mapping) and "values" not in value:
            mended: list[object] = [dict(value)] if "key" in value or "property" in value else _filters(value)
            if mended:
                _set(body, path, mended)
                return "properties: an object -> a list of filters"
        return None
    if isinstance(value, Mapping) and not {"kind", "event"} & set(value):
        return None
    series: list[object] | None = [dict(value)] if isinstance(value, Mapping) else series_of(value)
    if not series:
        return None
    _set(body, path, series)
    return "series: one entry -> a list"


def _filters(conditions: Mapping[str, object]) -> list[object]:
    found = [filters_of({key: value}) for key, value in conditions.items()]
    return [one for some in found if some for one in some] if all(found) else []


def _set(body: object, path: Path, value: object) -> None:
    parent = value_at(body, path[:-1])
    if isinstance(parent, dict | list):
        parent[path[-1]] = value  # type: ignore[index]  # the path was walked in this very body


def _end(path: Path) -> str:
    return next((str(part) for part in reversed(path) if isinstance(part, str)), "value")


def _mend_missing(body: dict[str, object], place: Place, _: object) -> str | None:
    """Mend filters in a wrong shape, which validation tells as a missing part of a group."""
    path = place.path[:-1]
    if path and path[-1] == "properties":
        return _mend_list(body, path, "properties", value_at(body, path))
    return None


_HANDLERS: dict[str, Callable[[dict[str, object], Place, object], str | None]] = {
    "extra_forbidden": _move_stray,
    "literal_error": _mend_word,
    "missing": _mend_missing,
    "union_tag_invalid": _mend_tag,
    "union_tag_not_found": _mend_tag,
}
