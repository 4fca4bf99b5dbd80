"""Each kind of validation error in words: what stands there, what may, what was probably meant."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from insights_mcp.schema import hints
from insights_mcp.schema.events import ActorsQuery
from insights_mcp.schema.filters import PropertyFilter, PropertyFilterGroup, PropertyFilterRoot
from insights_mcp.schema.places import Path, Place, field_members, item_members, locate
from insights_mcp.schema.problem import Problem
from insights_mcp.schema.samples import filters_of, nested_sample, sample, show

# Fields nobody means when they look for one.
_NOISE = frozenset({"response", "version", "modifiers", "tags", "dataColorTheme"})
# Names too common to say where a stray field belongs.
_COMMON = frozenset({"id", "key", "kind", "name", "type", "value", "values", "properties"})
_TYPE_NAMES: dict[object, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
# Which node a source goes into, for those put into the wrong one.
WRAPPERS = {
    "HogQLQuery": "DataVisualizationNode",
    "EventsQuery": "DataTableNode",
    "ActorsQuery": "DataTableNode",
    **dict.fromkeys(
        ("TrendsQuery", "FunnelsQuery", "RetentionQuery", "PathsQuery", "StickinessQuery", "LifecycleQuery"),
        "InsightVizNode",
    ),
}
# ... and which query asks for the people behind it.
_ACTORS = {
    "FunnelsQuery": "FunnelsActorsQuery",
    "StickinessQuery": "StickinessActorsQuery",
    **dict.fromkeys(("TrendsQuery", "RetentionQuery", "PathsQuery", "LifecycleQuery"), "InsightActorsQuery"),
}


def describe(model: type[BaseModel], body: object, details: ErrorDetails) -> Problem:
    """Return what one validation error of `body` against `model` means to its caller."""
    place = locate(model, details["loc"])
    group = _filters_problem(details, place, body)
    if group is not None:
        return group
    handler = _HANDLERS.get(details["type"])
    if handler is not None:
        return handler(details, place)
    if details["type"].endswith(("_type", "_parsing", "_from_float")):
        return _wrong_type(details, place)
    reason = details["msg"].replace("Input should", "it should", 1)
    return Problem(place.path, f"{show(details['input'])} is refused: {reason}.", rank=3)


def _filters_problem(details: ErrorDetails, place: Place, body: object) -> Problem | None:
    """Explain filters in a wrong shape: a map of conditions, a bare filter for a group, a group in a list."""
    path = place.path[:-1]
    given = value_at(body, path)
    if not isinstance(given, Mapping) or details["type"] not in ("missing", "extra_forbidden", "literal_error"):
        return None
    if place.owner in (PropertyFilterRoot, PropertyFilterGroup) and "values" not in given:
        if "key" not in given:
            example = {"properties": filters_of(given) or hints.EXAMPLES["properties"]}
            return Problem(path, "must be a list of filters, or AND/OR groups.", 0, example=example)
        filters: list[object] = [dict(given)]
        if place.owner is PropertyFilterRoot or path[-1] == "properties":
            return Problem(path, "must be a list of filters.", 0, example={"properties": filters})
        nested = {"properties": {"type": "AND", "values": [{"type": "AND", "values": filters}]}}
        return Problem(path, "a filter stands where a group of filters is asked for.", 0, example=nested)
    if place.owner is PropertyFilter and "values" in given:
        example = {"type": "AND", "values": [{"type": "OR", "values": hints.EXAMPLES["properties"]}]}
        text = "a group stands in a list of filters; use groups throughout."
        return Problem(path, text, 0, example={"properties": example})
    return None


def _extra(details: ErrorDetails, place: Place) -> Problem:
    path, owner, value = place.path, place.owner, details["input"]
    key, parent = str(path[-1]), path[:-1]
    if owner is None:
        return Problem(path, "is not known here.", 4)
    fields = tuple(name for name in owner.model_fields if name not in _NOISE)
    stray = f"{show(key)} is not a field of {_title(owner)}"
    same = next((name for name in fields if shape_of(name) == shape_of(key)), None)
    if same:
        return Problem(path, f"{stray}.", 1, (), same, sample(same, value, known_fit=True), (*parent, same))
    home = home_of(owner, key)
    if home:
        example = nested_sample(owner, *home, value)
        return Problem(path, f"{stray}; it belongs in {home[0]}.", 1, example=example, cures=(*parent, home[0]))
    renamed = next((name for name in hints.OLD_NAMES.get(key.lower(), ()) if name in fields), None)
    if renamed:
        return Problem(path, f"{stray}; use {renamed}.", 1, example=sample(renamed, value), cures=(*parent, renamed))
    near = hints.guess(key, fields)
    if near:
        return Problem(path, f"{stray}.", 2, fields, near, sample(near, value, known_fit=True), (*parent, near))
    return Problem(path, f"{stray}.", 4, fields)


def _missing(_details: ErrorDetails, place: Place) -> Problem:
    name = str(place.path[-1])
    who = _title(place.owner) if place.owner else "this object"
    return Problem(place.path, f"is missing; {who} needs it.", 5, place.words, example=sample(name))


def _literal(details: ErrorDetails, place: Place) -> Problem:
    given, name = details["input"], str(place.path[-1])
    if name == "kind":
        return _kind_problem(place, given, place.words, None)
    word = given.get("type") if isinstance(given, Mapping) else given
    meant = hints.guess(word, place.words) if isinstance(word, str) else None
    example = {name: meant or place.words[0]}
    return Problem(place.path, f"{show(given)} is not allowed.", 3, place.words, meant, example)


def _tag(details: ErrorDetails, place: Place) -> Problem:
    given = details["input"]
    kinds = tuple(member.tag for member in place.members if member.tag and not member.tag.startswith("<"))
    if isinstance(given, Mapping):
        return _kind_problem(place, given.get("kind"), kinds, given)
    in_list = isinstance(place.path[-1], int)
    example = sample(str(place.path[-2] if in_list else place.path[-1]), given)
    text = f"must be an object, not {_what(given)}."
    return Problem(place.path, text, 0, () if example else kinds, example=example)


def _kind_problem(place: Place, given: object, kinds: Sequence[str], owner: object) -> Problem:
    path = place.path if place.path and place.path[-1] == "kind" else (*place.path, "kind")
    if given is None:
        return Problem(path, "is missing.", 0, tuple(kinds))
    if not isinstance(given, str):
        return Problem(path, f"must be text, not {_what(given)}.", 0, tuple(kinds))
    wrapper = (_ACTORS if place.owner is ActorsQuery else WRAPPERS).get(given)
    if wrapper and path == ("source", "kind"):
        example = {"kind": wrapper, "source": owner or {"kind": given}}
        return Problem(path, f"{given} cannot stand here; put it in {wrapper}.", 0, example=example)
    return Problem(
        path, f"{show(given)} is not a kind that can stand here.", 0, tuple(kinds), hints.guess(given, kinds)
    )


def _wrong_type(details: ErrorDetails, place: Place) -> Problem:
    given = details["input"]
    name = next((str(part) for part in reversed(place.path) if isinstance(part, str)), "")
    text = f"must be {_type_text(place)}, not {_what(given)}."
    return Problem(place.path, text, 3, place.words, example=sample(name, given))


_HANDLERS: dict[str, Callable[[ErrorDetails, Place], Problem]] = {
    "extra_forbidden": _extra,
    "literal_error": _literal,
    "missing": _missing,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag,
}


def home_of(owner: type[BaseModel], key: str) -> tuple[str, str] | None:
    """Return (field, name) where `key` belongs one level below `owner`, such as (breakdownFilter, breakdown)."""
    if key in _COMMON:
        return None
    for field in owner.model_fields:
        members = field_members(owner, field) if field not in _NOISE else ()
        for member in (*members, *item_members(members)):
            for name in member.model.model_fields if member.model else {}:
                if shape_of(name) == shape_of(key) and name not in _COMMON:
                    return field, name
    return None


def _title(model: type[BaseModel]) -> str:
    """Return the name a model goes by in PostHog: its kind, else its class."""
    kind = model.model_fields["kind"].default if "kind" in model.model_fields else None
    if isinstance(kind, str):
        return kind
    return "a filter group" if model in (PropertyFilterRoot, PropertyFilterGroup) else model.__name__


def _type_text(place: Place) -> str:
    names: dict[str, None] = {}
    for member in place.members:
        if member.words:
            names["one of the allowed words"] = None
        elif item_members((member,)):
            names["a list"] = None
        else:
            names[_TYPE_NAMES.get(member.annotation, "an object")] = None
    if "a number" in names:
        names.pop("a whole number", None)
    *most, last = names or ("something else",)
    return f"{', '.join(most)} or {last}" if most else last


def _what(value: object) -> str:
    if isinstance(value, str):
        return f"the text {show(value)}"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else show(value)


def value_at(body: object, path: Path) -> object:
    """Return what stands at a path of the caller's JSON."""
    for part in path:
        if isinstance(body, Mapping):
            body = body.get(part)
        elif isinstance(body, list) and isinstance(part, int):
            body = body[part]
    return body


def shape_of(name: str) -> str:
    """Return a name without case, `_` and `-`, to tell spellings of one name."""
    return name.lower().replace("_", "").replace("-", "")
