"""A project's events, persons and groups, written straight into the engine."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql.context import PropertyType
from insights_mcp.local.queries.context import Action, Cohort

NAMESPACE = UUID("6f1a3a0e-6d0a-4d8e-9d3c-0d4f5f1f8a11")
TEAM = 1
CREATED_AT = datetime(2020, 1, 1, tzinfo=UTC)


def person_id(distinct_id: str, team_id: int = TEAM) -> UUID:
    return uuid5(NAMESPACE, f"{team_id}:{distinct_id}")


def moment(text: str | datetime) -> datetime:
    parsed = datetime.fromisoformat(text) if isinstance(text, str) else text
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass
class World:
    """Writes rows for one project. Give persons before their events, so that distinct ids find them."""

    engine: Engine
    team_id: int = TEAM
    persons: dict[str, UUID] = field(default_factory=dict)
    events_written: int = 0

    def add_person(
        self,
        distinct_ids: Sequence[str],
        properties: Mapping[str, Any] | None = None,
        created_at: str | datetime = CREATED_AT,
    ) -> UUID:
        """Add a person with everything that points at them."""
        self.add_people([(distinct_ids, properties or {}, moment(created_at))])
        return self.persons[distinct_ids[0]]

    def add_people(self, people: Sequence[tuple[Sequence[str], Mapping[str, Any], datetime]]) -> None:
        """Add persons at once: the distinct ids of each, their properties, when they were created."""
        ids = {owned[0]: person_id(owned[0], self.team_id) for owned, _, _ in people}
        for owned, _, _ in people:
            self.persons |= dict.fromkeys(owned, ids[owned[0]])
        self.engine.insert(
            "persons",
            ["team_id", "id", "properties", "created_at", "is_identified", "is_deleted", "version"],
            [
                (self.team_id, ids[owned[0]], dump(properties), created, 1, 0, 1)
                for owned, properties, created in people
            ],
        )
        self.engine.insert(
            "person_distinct_ids",
            ["team_id", "distinct_id", "person_id", "version"],
            [(self.team_id, one, ids[owned[0]], 1) for owned, _, _ in people for one in owned],
        )

    def add_group(
        self, index: int, key: str, properties: Mapping[str, Any], created_at: str | datetime = CREATED_AT
    ) -> None:
        """Add a group."""
        created = moment(created_at)
        self.engine.insert(
            "groups",
            ["team_id", "index", "key", "properties", "created_at", "updated_at", "version"],
            [(self.team_id, index, key, dump(properties), created, created, 1)],
        )

    def add_cohort(self, cohort_id: int, distinct_ids: Iterable[str]) -> None:
        """Make the persons behind these distinct ids the members of a cohort."""
        self.engine.insert(
            "cohort_people",
            ["team_id", "cohort_id", "person_id", "version"],
            [(self.team_id, cohort_id, self.persons.get(one, person_id(one, self.team_id)), 1) for one in distinct_ids],
        )

    def add_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Add events: `event`, `distinct_id`, `timestamp`, and perhaps `properties`, `uuid`, `elements_chain`."""
        rows = [self._row(one) for one in events]
        columns = [
            "team_id",
            "uuid",
            "event",
            "properties",
            "timestamp",
            "distinct_id",
            "person_id",
            "elements_chain",
            "created_at",
            "person_mode",
        ]
        self.engine.insert("events", columns, rows)

    def _row(self, event: Mapping[str, Any]) -> tuple[object, ...]:
        self.events_written += 1
        distinct_id = event["distinct_id"]
        timestamp = moment(event["timestamp"])
        return (
            self.team_id,
            UUID(event["uuid"]) if "uuid" in event else uuid5(NAMESPACE, f"event {self.events_written}"),
            event["event"],
            dump(event.get("properties", {})),
            timestamp,
            distinct_id,
            self.persons.get(distinct_id, person_id(distinct_id, self.team_id)),
            event.get("elements_chain", ""),
            timestamp,
            "full" if event.get("properties", {}).get("$process_person_profile") is not False else "propertyless",
        )


def dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class TestTeam:
    """What queries must know of a project."""

    __test__ = False

    id: int = TEAM
    timezone: str = "UTC"
    week_start_day: int = 0
    test_account_filters: list[dict[str, Any]] = field(default_factory=list)
    path_cleaning_filters: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TestDefinitions:
    """Actions and cohorts of a test."""

    __test__ = False

    actions: Sequence[Action] = ()
    cohorts: Sequence[Cohort] = ()

    def action(self, team_id: int, action: int | str) -> Action | None:
        return next((one for one in self.actions if action in (one.id, one.name)), None)

    def cohort(self, team_id: int, cohort: int | str) -> Cohort | None:
        return next((one for one in self.cohorts if cohort in (one.id, one.name)), None)

    def static_cohorts(self, team_id: int) -> Sequence[int]:
        return [one.id for one in self.cohorts if one.is_static]


@dataclass(frozen=True)
class TestTypes:
    """Property types by kind and key."""

    __test__ = False

    types: Mapping[str, Mapping[str, PropertyType]] = field(default_factory=dict)

    def type_of(self, kind: str, key: str) -> PropertyType | None:
        return self.types.get(kind, {}).get(key)
