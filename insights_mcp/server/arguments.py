"""The arguments of tools: what is published of them, and how what arrives is read.

Models send numbers as text, lists as JSON text and null for "not given"; that is understood. An argument that does not
exist is refused by name with the nearest one: the SDK would drop it silently (facts/mcp.md 1.3).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from insights_mcp.errors import InputError
from insights_mcp.render.marking import quote
from insights_mcp.schema.text import nearest
from insights_mcp.server.argument_names import mend_names

_MAX_PROBLEMS = 3
_MAX_ECHO = 40
_QUERY_EXAMPLE = '{"kind":"TrendsQuery","series":[{"kind":"EventsNode","event":"$pageview"}]}'
_NUMERIC = {"integer", "number"}
_BOUNDS = frozenset({"minimum", "maximum", "maxLength", "minLength"})

A = TypeVar("A", bound="Arguments")
Schema = Mapping[str, Any]


class Arguments(BaseModel):
    """The base of every tool's arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, protected_namespaces=())


@cache
def published_schema(model: type[Arguments]) -> dict[str, Any]:
    """Return the JSON schema of a tool's arguments with nothing in it that a model does not need.

    No titles, no `anyOf` with null, no defaults: half the tokens of the generated one (facts/mcp.md 1.3). No bounds
    either, nor that other arguments are refused: few calls meet that, and the refusal says more than a schema can.
    """
    required = model.model_json_schema().get("required")
    properties = {
        name: {key: value for key, value in found.items() if key not in _BOUNDS}
        for name, found in checked_schemas(model).items()
    }
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


@cache
def checked_schemas(model: type[Arguments]) -> dict[str, dict[str, Any]]:
    """Return the schema of each argument with its bounds, as it is checked and told in refusals."""
    generated = model.model_json_schema().get("properties", {})
    return {name: _clean(found) for name, found in generated.items()}


def read_arguments(model: type[A], given: Mapping[str, object], tool: str, *, notes: list[str] | None = None) -> A:
    """Return the checked arguments; what was mended in their names is added to `notes`.

    Raises InputError that names up to three problems and says what each argument may be.
    """
    properties: Mapping[str, Schema] = checked_schemas(model)
    given, mended = mend_names(given, properties)
    if notes is not None and mended:
        notes.append(f"Read {', '.join(mended)}.")
    for name in given:
        if name not in properties:
            raise _unknown(tool, name, list(properties))
    read = {name: _lenient(value, properties[name]) for name, value in given.items() if value is not None}
    try:
        return model.model_validate(read)
    except ValidationError as error:
        problems = dict.fromkeys(_say(problem, properties) for problem in error.errors(include_url=False))
        raise InputError(f"{tool}: {' '.join(list(problems)[:_MAX_PROBLEMS])}") from None


def _clean(found: Schema) -> dict[str, Any]:
    arms = [arm for arm in found.get("anyOf", ()) if arm.get("type") != "null"]
    merged = {**found, **arms[0]} if len(arms) == 1 else dict(found)
    kept = {key: value for key, value in merged.items() if key not in ("title", "default", "anyOf")}
    if kept.get("additionalProperties") is True:  # any object
        del kept["additionalProperties"]
    if isinstance(kept.get("items"), dict):
        kept["items"] = _clean(kept["items"])
    return kept


def _lenient(value: object, schema: Schema) -> object:
    kind = schema.get("type")
    if isinstance(value, str):
        return _from_text(value, schema)
    if kind == "array" and isinstance(value, int | float | dict):
        return [value]
    return value


def _from_text(text: str, schema: Schema) -> object:
    kind = schema.get("type")
    if kind in ("array", "object"):
        parsed = _parse(text)
        if kind == "array" and not isinstance(parsed, list):
            return [text] if parsed is None or isinstance(parsed, str) else [parsed]
        return text if parsed is None else parsed
    if kind in _NUMERIC or kind == "boolean":
        return text.strip()
    choices = schema.get("enum", ())
    return next((choice for choice in choices if choice.lower() == text.strip().lower()), text)


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unknown(tool: str, name: str, known: Sequence[str]) -> InputError:
    near = nearest(name, known)
    takes = f"{tool} takes {', '.join(known)}." if known else f"{tool} takes no arguments."
    return InputError(
        f"{tool} has no argument {quote(name, _MAX_ECHO)}.", advice=f"Did you mean {near}? {takes}" if near else takes
    )


def _say(problem: Mapping[str, Any], properties: Mapping[str, Schema]) -> str:
    name, *inner = problem["loc"] or ("arguments",)
    schema = properties.get(name, {})
    if problem["type"] == "missing":
        about = f"such as {_QUERY_EXAMPLE}" if name == "query" else schema.get("description")
        return f"{name} is required{f' ({about})' if about else ''}."
    if problem["type"] == "value_error":  # a validator of ours: its words are meant to be read
        return f"{name} {problem['ctx']['error']}."
    wanted = _describe(schema["items"] if inner and "items" in schema else schema)
    place = f"{name}[{inner[0]}]" if inner else name
    return f"{place} must be {wanted}, not {_echo(problem['input'])}."


def _describe(schema: Schema) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(choice) for choice in schema["enum"])
    kind = schema.get("type")
    if kind in _NUMERIC:
        noun = "a whole number" if kind == "integer" else "a number"
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            return f"{noun} from {low} to {high}"
        return f"{noun} of at least {low}" if low is not None else noun
    if kind == "string":
        longest = schema.get("maxLength")
        return f"text of at most {longest} characters" if longest else "text"
    if kind == "object":
        return f"an object ({schema['description']})" if "description" in schema else "an object"
    return {"boolean": "true or false", "array": "a list"}.get(str(kind), "something else")


def _echo(value: object) -> str:
    if isinstance(value, str):
        return quote(value, _MAX_ECHO)
    return quote(json.dumps(value, ensure_ascii=False, default=str), _MAX_ECHO)[1:-1].replace('\\"', '"')
