"""One JSON object as one event's parts: exports of PostHog, Mixpanel, Amplitude, Segment, or flat ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from insights_mcp.local.events.captured import NAME_LENGTH, mapping_of
from insights_mcp.local.events.files.batch import Reject
from insights_mcp.local.events.files.fields import Fields, property_of
from insights_mcp.local.events.identity import read_distinct_id

# Calls of Segment that carry no event name.
_CALLS = {"page": "$pageview", "screen": "$screen", "identify": "$identify", "group": "$groupidentify"}
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
_Path = tuple[str, ...]


@dataclass(slots=True)
class Row:
    """An object's parts, before its time is read. `given` is its own id; `content` the object itself."""

    number: int
    event: str
    distinct_id: str
    time: str
    given: str | None
    chain: str
    properties: dict[str, object]
    content: object

    @property
    def has_person(self) -> bool:
        """False when the event may not touch persons."""
        return self.properties.get("$process_person_profile") not in (False, "false")


@dataclass(frozen=True)
class _Layout:
    """Which members of an object with certain keys are properties, as (member, property)."""

    of_event: list[tuple[str, str]]
    of_person: list[tuple[str, str]]


class RowReader:
    """Takes objects apart as the fields of their file say."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._time = _path(fields.time)
        self._actors = [_path(name) for name in fields.actors]
        self._uuid = _path(fields.uuid) if fields.uuid else None
        paths = [self._time, *self._actors, *([self._uuid] if self._uuid else [])]
        # Inside the properties, but said by the event itself.
        self._said = [path[1] for path in paths if len(path) == 2 and path[0] in fields.property_objects]

    def read(self, number: int, value: Mapping[str, object]) -> Row | Reject:
        """Return the parts of an object, or why it cannot be an event."""
        fields = self._fields
        event = _text(value.get(fields.event)) if fields.event else fields.event_name
        event = event or _CALLS.get(str(value.get("type")))
        actor = self._actor(value)
        time = _text(_find(value, self._time))
        if not event:
            return Reject(number, f"no event name in {fields.event}", value)
        if not actor:
            return Reject(number, f"no distinct id in {' or '.join(fields.actors)}", value)
        if not time:
            return Reject(number, f"no time in {fields.time}", value)
        return Row(
            number=number,
            event=event[:NAME_LENGTH],
            distinct_id=actor,
            time=time,
            given=_text(_find(value, self._uuid)) if self._uuid else None,
            chain=_text(value.get(fields.elements_chain)) or "" if fields.elements_chain else "",
            properties=self._properties(value),
            content=value,
        )

    def _actor(self, value: Mapping[str, object]) -> str | None:
        for path in self._actors:
            text = read_distinct_id(_find(value, path))
            if text and not text.isspace():
                return text
        return None

    def _properties(self, value: Mapping[str, object]) -> dict[str, object]:
        properties: dict[str, object] = {}
        for name in self._fields.property_objects:
            properties |= _object(name, value.get(name))
        layout = self._layout(tuple(value))
        for member, name in layout.of_event:
            properties[name] = value[member]
        if layout.of_person or self._fields.person_objects:
            self._set_person(properties, value, layout)
        for name in self._said:
            properties.pop(name, None)
        return properties

    def _set_person(self, properties: dict[str, object], value: Mapping[str, object], layout: _Layout) -> None:
        person: dict[str, object] = {}
        for name in self._fields.person_objects:
            person |= _object(name, value.get(name))
        person |= {name: value[member] for member, name in layout.of_person}
        if person:
            properties["$set"] = {**person, **mapping_of(properties.get("$set"))}

    def _layout(self, keys: tuple[str, ...]) -> _Layout:
        layout = self._layouts.get(keys)
        if layout is None:
            owned = [(key, found) for key in keys if (found := property_of(self._fields, key))]
            layout = _Layout(
                of_event=[(key, name) for key, (owner, name) in owned if owner == "event"],
                of_person=[(key, name) for key, (owner, name) in owned if owner == "person"],
            )
            if len(self._layouts) < 10_000:
                self._layouts[keys] = layout
        return layout


def _path(name: str) -> _Path:
    first, dot, rest = name.partition(".")
    return (first, rest) if dot else (name,)


def _find(value: Mapping[str, object], path: _Path) -> object:
    if len(path) == 1:
        return value.get(path[0])
    whole = value.get(".".join(path))
    return _object(path[0], value.get(path[0])).get(path[1]) if whole is None else whole


def _object(name: str, value: object) -> dict[str, object]:
    """Return a JSON object, also one inside a text; anything else stays under its own name."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            return {name: value}
    return mapping_of(value) if value is None or isinstance(value, dict) else {name: value}


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None or isinstance(value, bool | dict | list) else str(value)
