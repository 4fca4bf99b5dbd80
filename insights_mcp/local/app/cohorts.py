"""Cohorts: list, read, create, change, and the people in them."""

import logging
from collections.abc import Sequence
from uuid import UUID

from insights_mcp.local.app.cohort_input import CohortInput, read_cohort, read_people, refuse_loops
from insights_mcp.local.app.events import read_uuid
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.app.paging import change_query, envelope, read_page
from insights_mcp.local.app.persons import show_person
from insights_mcp.local.lookups.members import list_members
from insights_mcp.local.problems import Problem, invalid, not_found
from insights_mcp.local.store.cohorts import (
    StoredCohort,
    add_static_people,
    create_cohort,
    get_cohort,
    list_cohorts,
    remove_static_person,
    update_cohort,
)
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.person_lists import get_persons
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import get_users

logger = logging.getLogger(__name__)
NO_CONDITIONS = {"properties": {"type": "OR", "values": []}}


@endpoint("GET", "/cohorts/", scope="cohort:read")
def list_all(call: Call) -> Answer:
    """List cohorts, newest first."""
    page, search = read_page(call), (call.query.get("search") or "").strip()
    is_static = {"static": True, "dynamic": False}.get(call.query.get("type") or "")
    with call.backend.store.read() as db:
        found, count = list_cohorts(
            db, call.team.id, search=search, is_static=is_static, limit=page.limit, offset=page.offset
        )
        results = _show(db, found)
    return Answer(envelope(call, page, count, results))


@endpoint("POST", "/cohorts/", scope="cohort:write", takes_any_body=True)
def create(call: Call) -> Answer:
    """Create a cohort, and find out who is in it."""
    given = read_cohort(call)
    if given.criteria is None and not given.columns.get("is_static"):
        raise invalid("A cohort needs filters, or is_static with a list of people.", attr="filters", code="required")
    with call.backend.store.write() as db:
        if given.criteria is not None:
            refuse_loops(db, call.team.id, given.criteria, None)
        cohort = create_cohort(db, call.team.id, call.user.id, given.columns, call.now)
        add_static_people(db, cohort, given.people)
    return _answer(call, cohort, 201)


@endpoint("GET", "/cohorts/{id}/", scope="cohort:read")
def retrieve(call: Call) -> Answer:
    """Answer one cohort, a deleted one too."""
    with call.backend.store.read() as db:
        return Answer(_show(db, [_need_cohort(db, call)])[0])


@endpoint("PATCH PUT", "/cohorts/{id}/", scope="cohort:write", takes_any_body=True)
def update(call: Call) -> Answer:
    """Change a cohort; `{"deleted": true}` deletes it. People that are sent join the list of a static one."""
    given = read_cohort(call)
    with call.backend.store.write() as db:
        cohort = _need_cohort(db, call)
        _refuse_other_kind(cohort, given)
        if given.criteria is not None:
            refuse_loops(db, call.team.id, given.criteria, cohort.id)
        changed = update_cohort(db, cohort.id, given.columns)
        if given.people:
            add_static_people(db, changed, given.people)
    return _answer(call, changed)


@endpoint("DELETE", "/cohorts/{id}/", scope="cohort:write")
def destroy(_: Call) -> Answer:
    """Refuse: cohorts are deleted by PATCH. The body is empty, as for insights."""
    return empty(405)


@endpoint("GET", "/cohorts/{id}/persons/", scope="cohort:read")
def list_people(call: Call) -> Answer:
    """List the people of a cohort, as `/persons/` shows them."""
    page = read_page(call)
    with call.backend.store.read() as db:
        cohort = _need_cohort(db, call)
    call.backend.queries.refresh_cohort(call.team, cohort.id)
    found = list_members(call.backend.engine, call.team.id, cohort.id, page.limit + 1, page.offset)
    with call.backend.store.read() as db:
        people = get_persons(db, call.team.id, found[: page.limit])
    has_more, back = len(found) > page.limit, page.offset - page.limit
    following = change_query(call.url, limit=page.limit, offset=page.offset + page.limit) if has_more else None
    previous = change_query(call.url, limit=page.limit, offset=back if back > 0 else None) if page.offset else None
    return Answer({"results": [show_person(one) for one in people], "next": following, "previous": previous})


@endpoint("PATCH", "/cohorts/{id}/add_persons_to_static_cohort/", scope="cohort:write")
def add_people(call: Call) -> Answer:
    """Put people on the list of a static cohort."""
    people = read_people(call.fields, "person_ids")
    with call.backend.store.write() as db:
        cohort = _need_static(db, call)
        add_static_people(db, cohort, people)
    _refresh(call, cohort)
    return Answer({"success": True})


@endpoint("PATCH", "/cohorts/{id}/remove_person_from_static_cohort/", scope="cohort:write")
def remove_person(call: Call) -> Answer:
    """Take one person off the list of a static cohort."""
    given = call.fields.get("person_id")
    if not isinstance(given, str):
        raise invalid("This field is required.", attr="person_id", code="required")
    with call.backend.store.write() as db:
        cohort = _need_static(db, call)
        person: UUID = read_uuid(given)
        if not remove_static_person(db, cohort, person):
            raise not_found("Person is not part of the cohort.")
    _refresh(call, cohort)
    return Answer({"success": True})


def _need_cohort(db: Connection, call: Call) -> StoredCohort:
    cohort = get_cohort(db, call.team.id, call.number("id"))
    if cohort is None:
        raise not_found()
    return cohort


def _need_static(db: Connection, call: Call) -> StoredCohort:
    cohort = _need_cohort(db, call)
    if not cohort.is_static:
        raise invalid("Can only change the people of static cohorts.")
    return cohort


def _refuse_other_kind(cohort: StoredCohort, given: CohortInput) -> None:
    if given.people and not cohort.is_static:
        raise invalid("Only static cohorts have a list of people.", attr="is_static")
    if "is_static" in given.columns and given.columns["is_static"] != cohort.is_static:
        raise invalid("A cohort cannot change between static and dynamic.", attr="is_static")


def _answer(call: Call, cohort: StoredCohort, status: int = 200) -> Answer:
    _refresh(call, cohort)
    with call.backend.store.read() as db:
        current = get_cohort(db, call.team.id, cohort.id) or cohort
        return Answer(_show(db, [current])[0], status)


def _refresh(call: Call, cohort: StoredCohort) -> None:
    """Compute who is in a cohort. What goes wrong is told by the cohort itself, as upstream."""
    if cohort.deleted:
        return
    try:
        call.backend.queries.refresh_cohort(call.team, cohort.id)
    except Problem as problem:
        logger.warning("Cohort %d could not be computed: %s", cohort.id, problem.detail)


def _show(db: Connection, cohorts: Sequence[StoredCohort]) -> list[dict[str, object]]:
    users = get_users(db, [cohort.created_by for cohort in cohorts])
    return [
        {
            "id": cohort.id,
            "name": cohort.name,
            "description": cohort.description,
            "groups": cohort.groups,
            "deleted": cohort.deleted,
            "filters": None if cohort.is_static and not cohort.filters else cohort.filters or NO_CONDITIONS,
            "query": None,
            "version": cohort.version,
            "pending_version": cohort.pending_version,
            "is_calculating": cohort.pending_version is not None,
            "created_by": basic_user(users.get(cohort.created_by or 0)),
            "created_at": show_time(cohort.created_at),
            "last_calculation": show_time(cohort.last_calculation),
            "last_error_at": show_time(cohort.last_error_at),
            "last_error_message": cohort.last_error_message,
            "errors_calculating": cohort.errors_calculating,
            "count": cohort.count,
            "is_static": cohort.is_static,
            "cohort_type": None,
            "experiment_set": [],
        }
        for cohort in cohorts
    ]


ROUTES = (list_all, create, retrieve, update, destroy, list_people, add_people, remove_person)
