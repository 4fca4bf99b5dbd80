"""The oracle's own view of events: plain objects, and property values as PostHog extracts them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    event: str
    distinct_id: str
    timestamp: datetime
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """Who is behind a distinct id, and what is known of them."""

    person_of: dict[str, str]
    properties: dict[str, dict[str, Any]]
    created: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Project:
    """All there is to ask about."""

    events: list[Event]
    people: People
    timezone: str = "UTC"
    week_start_day: int = 0
    property_types: dict[str, dict[str, str]] = field(default_factory=dict)
    test_account_filters: list[dict[str, Any]] = field(default_factory=list)
    # groups of type 0 by key, and when they were created
    groups: dict[str, datetime] = field(default_factory=dict)
    path_cleaning_filters: list[dict[str, Any]] = field(default_factory=list)


def text_of(properties: dict[str, Any], key: str) -> str | None:
    """The JSON text of a property without its quotes; null and missing are the same."""
    if key not in properties or properties[key] is None:
        return None
    raw = json.dumps(properties[key], separators=(",", ":"))
    return raw.removeprefix('"').removesuffix('"')


def number_of(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def typed(text: str | None, type_: str | None) -> Any:
    """The value a property has by its definition."""
    if type_ == "Numeric":
        return number_of(text)
    if type_ == "Boolean":
        return {"true": True, "false": False}.get(text or "")
    return text


def print_typed(value: Any) -> str | None:
    """A typed value as the text of a breakdown."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def value_of(project: Project, event: Event, type_: str, key: str) -> Any:
    """The value of an event or person property of an event."""
    properties = event.properties
    if type_ == "person":
        properties = project.people.properties.get(project.people.person_of[event.distinct_id], {})
    return typed(text_of(properties, key), project.property_types.get(type_, {}).get(key))
