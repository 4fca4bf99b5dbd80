"""Where in the caller's JSON a validation error stands, and what the schema has there.

Pydantic's locations mix the caller's keys with union tags and type names; here they are told apart by walking the
schema along them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

Path = tuple[str | int, ...]
_PLAIN = re.compile(r"[\w$\- ]{1,60}\Z", re.ASCII)
_LONGEST = 100


@dataclass(frozen=True)
class Member:
    """One of the types allowed at a place, with the tag that chooses it in a union."""

    annotation: object
    tag: str | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model, where an object is allowed."""
        found = self.annotation
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None

    @property
    def words(self) -> tuple[str, ...]:
        """The texts allowed, where only some are."""
        return tuple(word for word in _arguments(self.annotation, Literal) if isinstance(word, str))


@dataclass(frozen=True)
class Place:
    """A path in the caller's JSON, the model whose key ends it, and the types allowed there."""

    path: Path
    owner: type[BaseModel] | None
    members: tuple[Member, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The texts allowed here, where only some are."""
        return tuple(word for member in self.members for word in member.words)


def locate(model: type[BaseModel], loc: Sequence[str | int]) -> Place:
    """Return the place a pydantic location stands for, starting at `model`."""
    place = Place((), None, (Member(model),))
    for step in loc:
        place = _step_into(place, step)
    return place


def members_of(annotation: object) -> tuple[Member, ...]:
    """Return the types a field may hold, unions unfolded, None left out."""
    return tuple(_unfold(annotation, None))


def field_members(model: type[BaseModel], name: str) -> tuple[Member, ...]:
    """Return the types the field `name` of `model` may hold."""
    return members_of(model.model_fields[name].annotation)


def item_members(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return the types of the entries where a list is among `members`."""
    return tuple(
        item for member in members for entry in _arguments(member.annotation, list) for item in members_of(entry)
    )


def path_text(path: Path) -> str:
    """Write a path with dots: `source.series.0.math`. Odd keys are escaped, a long path keeps its end."""
    text = ".".join(part if isinstance(part, str) and _PLAIN.match(part) else json.dumps(part)[:60] for part in path)
    return text if len(text) <= _LONGEST else "…" + text[-_LONGEST:]


def _step_into(place: Place, step: str | int) -> Place:
    if isinstance(step, int):
        return Place((*place.path, step), place.owner, item_members(place.members))
    tagged = tuple(member for member in place.members if member.tag == step)
    if tagged and (len(place.members) > 1 or step.startswith("<")):
        return Place(place.path, place.owner, tagged)
    models = [model for member in place.members if (model := member.model)]
    for model in models:
        if step in model.model_fields:
            return Place((*place.path, step), model, field_members(model, step))
    maps = [member for member in place.members if get_origin(member.annotation) in (dict, Mapping)]
    if maps:
        return Place((*place.path, step), None, members_of(get_args(maps[0].annotation)[1]))
    if len(models) == 1:
        return Place((*place.path, step), models[0], ())
    return place  # the name of a union's member, such as `str`: not in the caller's JSON


def _arguments(annotation: object, origin: object) -> tuple[object, ...]:
    return get_args(annotation) if get_origin(annotation) is origin else ()


def _unfold(annotation: object, tag: str | None) -> Iterator[Member]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        own = next((item.tag for item in metadata if isinstance(item, Tag)), tag)
        yield from _unfold(inner, own)
    elif origin in (Union, UnionType):
        for arm in get_args(annotation):
            yield from _unfold(arm, tag)
    elif annotation is not type(None):
        yield Member(annotation, tag or _kind_of(annotation))


def _kind_of(annotation: object) -> str | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and "kind" in annotation.model_fields:
        default = annotation.model_fields["kind"].default
        return default if isinstance(default, str) else None
    return None
