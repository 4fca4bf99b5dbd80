"""Persons and groups looked up for the rows of a page, after it is known who stands in them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.expressions import constant

# A page has at most 50,000 rows; a person may have many ids.
MAX_ROWS = 5_000_000
# What a person is called, unless the project says otherwise: the first of these that they have.
DISPLAY_NAMES = ("email", "Email", "name", "Name", "username", "Username", "UserName")

_OWNERS = "select distinct_id, toString(person_id) from person_distinct_ids where distinct_id in {ids}"
_IDS = "select toString(person_id), distinct_id from person_distinct_ids where person_id in {ids} order by distinct_id"
_PERSONS = "select toString(id), created_at, properties, is_identified from persons where id in {ids}"
_GROUPS = "select key, created_at, properties from groups where index = {index} and key in {keys}"


@dataclass(frozen=True)
class FoundPerson:
    """A person as tables show it."""

    id: str
    created_at: datetime
    properties: Mapping[str, object]
    is_identified: bool
    distinct_ids: Sequence[str] = field(default=())


@dataclass(frozen=True)
class FoundGroup:
    """A group as tables show it."""

    key: str
    created_at: datetime
    properties: Mapping[str, object]


def find_persons(ids: Iterable[str], context: QueryContext) -> dict[str, FoundPerson]:
    """Return the persons that exist, by id. Runs a query."""
    wanted = sorted(set(ids))
    rows = _fetch(_PERSONS, {"ids": wanted}, context, "persons") if wanted else []
    return {
        str(row[0]): FoundPerson(str(row[0]), _moment(row[1]), read_properties(row[2]), bool(row[3])) for row in rows
    }


def find_persons_with_ids(ids: Iterable[str], context: QueryContext) -> dict[str, FoundPerson]:
    """Return the persons that exist with all their distinct ids, by id. Runs two queries."""
    found = find_persons(ids, context)
    distinct_ids: dict[str, list[str]] = defaultdict(list)
    if found:
        for person, distinct_id in _fetch(_IDS, {"ids": sorted(found)}, context, "ids of persons"):
            distinct_ids[str(person)].append(str(distinct_id))
    return {
        id_: FoundPerson(id_, one.created_at, one.properties, one.is_identified, tuple(distinct_ids[id_]))
        for id_, one in found.items()
    }


def find_owners(distinct_ids: Iterable[str], context: QueryContext) -> dict[str, FoundPerson]:
    """Return the person of each distinct id that has one. Runs two queries."""
    wanted = sorted(set(distinct_ids))
    if not wanted:
        return {}
    owners = {
        str(distinct_id): str(person)
        for distinct_id, person in _fetch(_OWNERS, {"ids": wanted}, context, "persons of ids")
    }
    persons = find_persons(owners.values(), context)
    return {distinct_id: persons[person] for distinct_id, person in owners.items() if person in persons}


def find_groups(index: int, keys: Iterable[str], context: QueryContext) -> dict[str, FoundGroup]:
    """Return the groups of a type that exist, by key. Runs a query."""
    wanted = sorted(set(keys))
    rows = _fetch(_GROUPS, {"index": index, "keys": wanted}, context, "groups") if wanted else []
    return {str(row[0]): FoundGroup(str(row[0]), _moment(row[1]), read_properties(row[2])) for row in rows}


def display_names(context: QueryContext) -> Sequence[str]:
    """Return the properties that a person may be called by, in order."""
    chosen = context.team.settings.get("person_display_name_properties")
    return [str(name) for name in chosen] if isinstance(chosen, list) and chosen else DISPLAY_NAMES


def read_properties(text: object) -> Mapping[str, object]:
    """Return the JSON object of a properties column; whole numbers that JavaScript has no form of become floats."""
    try:
        read = json.loads(str(text), parse_int=_read_int)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _read_int(text: str) -> int | float:
    return float(text) if len(text) > 20 or not -(1 << 63) <= int(text) < 1 << 64 else int(text)


def _fetch(
    template: str, values: Mapping[str, object], context: QueryContext, label: str
) -> Sequence[tuple[object, ...]]:
    select = parse_select(template, {name: constant(value) for name, value in values.items()})
    return context.fetch(Statement(select, label=label, max_rows=MAX_ROWS)).rows


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("created_at is a time")
    return value
