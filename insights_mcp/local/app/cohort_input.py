"""What a request writes to a cohort: its name, its conditions, or the people on its list."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from insights_mcp.local.app.fields import Fields, read_flag, read_list, read_object, read_text
from insights_mcp.local.app.http import Call
from insights_mcp.local.app.insight_input import MAX_TEXT
from insights_mcp.local.app.multipart import is_multipart, read_form
from insights_mcp.local.cohorts.criteria import CohortInvalid, Criteria, read_criteria
from insights_mcp.local.cohorts.legacy_groups import filters_of_groups
from insights_mcp.local.problems import invalid
from insights_mcp.local.store.cohorts import get_cohort
from insights_mcp.local.store.connection import Connection

# The columns of an uploaded file that may name people, best first.
ID_COLUMNS = ("person_id", "person-id", "Person .id", "distinct_id", "distinct-id", "Distinct ID", "id")
LOOP = "Cohorts cannot reference other cohorts in a loop."


@dataclass(frozen=True)
class CohortInput:
    """The fields a request sent. `people` are uuids of persons or distinct ids, for the list of a static cohort."""

    columns: Mapping[str, object] = field(default_factory=dict)
    criteria: Criteria | None = None
    people: Sequence[str] = ()


def read_cohort(call: Call) -> CohortInput:
    """Return the fields of a new or changed cohort, from JSON or from a form with a file. Raises Problem."""
    fields = read_form(call.body) if is_multipart(call.body) else call.fields
    columns: dict[str, object] = {}
    if "name" in fields:
        columns["name"] = read_text(fields, "name", limit=MAX_TEXT)
    if "description" in fields:
        columns["description"] = read_text(fields, "description", limit=1000, nullable=False)
    columns |= {name: read_flag(fields, name) for name in ("is_static", "deleted") if name in fields}
    criteria = _read_conditions(fields, columns)
    return CohortInput(columns, criteria, [*_read_ids(fields), *_read_csv(fields)])


def read_people(fields: Fields, name: str) -> list[str]:
    """Return uuids of persons or distinct ids. Raises Problem."""
    people = read_list(fields, name)
    if not all(isinstance(one, str) for one in people):
        raise invalid("Expected a list of person uuids or distinct ids.", attr=name)
    return [str(one) for one in people]


def refuse_loops(db: Connection, team_id: int, criteria: Criteria, cohort_id: int | None) -> None:
    """Raise Problem when a cohort's conditions lead back to it, or name a cohort that does not exist."""
    waiting, seen = list(criteria.cohorts()), set[int]()
    direct = set(waiting)
    while waiting:
        number = waiting.pop()
        if number == cohort_id:
            raise invalid(LOOP, attr="filters")
        if number in seen:
            continue
        seen.add(number)
        found = get_cohort(db, team_id, number)
        if found is None and number in direct:
            raise invalid(f"Cohort ID {number} does not exist!", attr="filters")
        if found is not None and not found.is_static:
            waiting += _cohorts_of(found.filters, found.groups)


def _cohorts_of(filters: Mapping[str, object] | None, groups: Sequence[Mapping[str, object]]) -> list[int]:
    try:
        return list(read_criteria(filters if filters is not None else filters_of_groups(groups)).cohorts())
    except CohortInvalid:
        return []


def _read_conditions(fields: Fields, columns: dict[str, object]) -> Criteria | None:
    """Note the conditions among the columns and return them as read, None when there are none."""
    filters = read_object(fields, "filters", "Filters must be a dictionary") if "filters" in fields else None
    if "groups" in fields:
        groups = read_list(fields, "groups")
        if not all(isinstance(one, dict) for one in groups):
            raise invalid("Expected a list of groups.", attr="groups")
        columns["groups"] = groups
        if filters is None and groups:
            filters = filters_of_groups([one for one in groups if isinstance(one, dict)])
    if filters is None:
        return None
    columns["filters"] = filters
    if not filters:
        return None
    try:
        return read_criteria(filters)
    except CohortInvalid as error:
        raise invalid(str(error), attr="filters") from error


def _read_ids(fields: Fields) -> list[str]:
    name = "_create_static_person_ids"
    return read_people(fields, name) if fields.get(name) is not None else []


def _read_csv(fields: Fields) -> list[str]:
    """Return the people in an uploaded file: one a line, or in a column that its first line names."""
    text = fields.get("csv")
    if text is None:
        return []
    if not isinstance(text, str):
        raise invalid("The submitted data was not a file. Check the encoding type on the form.", attr="csv")
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if row]
    if not rows:
        return []
    named = [rows[0].index(column) for column in ID_COLUMNS if column in rows[0]]
    if not named and len(rows[0]) > 1:
        raise invalid(f"The file needs a column named {' or '.join(ID_COLUMNS[:2])} or distinct_id.", attr="csv")
    place = named[0] if named else 0
    people = [row[place].strip() for row in (rows[1:] if named else rows) if len(row) > place]
    return [person for person in people if person]
