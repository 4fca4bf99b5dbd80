"""Persons, newest first; next and previous, but no count (facts/rest-api.md 2.5)."""

from insights_mcp.local.app.events import read_uuid
from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.paging import change_query, read_page
from insights_mcp.local.problems import not_found
from insights_mcp.local.store.person_lists import ListedPerson, get_person, list_persons
from insights_mcp.local.store.times import show_time

# What a person is called, in this order (facts/rest-api.md 12).
NAMES = ("email", "name", "username")


@endpoint("GET", "/persons/", scope="person:read")
def list_all(call: Call) -> Answer:
    """List persons by email, distinct id or search."""
    page = read_page(call)
    with call.backend.store.read() as db:
        found = list_persons(
            db,
            call.team.id,
            search=(call.query.get("search") or "").strip(),
            distinct_id=call.query.get("distinct_id"),
            email=call.query.get("email"),
            limit=page.limit + 1,
            offset=page.offset,
        )
    has_more, back = len(found) > page.limit, page.offset - page.limit
    following = change_query(call.url, limit=page.limit, offset=page.offset + page.limit) if has_more else None
    previous = change_query(call.url, limit=page.limit, offset=back if back > 0 else None) if page.offset else None
    results = [show_person(person) for person in found[: page.limit]]
    return Answer({"next": following, "previous": previous, "results": results})


@endpoint("GET", "/persons/{id}/", scope="person:read")
def retrieve(call: Call) -> Answer:
    """Answer one person by its uuid."""
    with call.backend.store.read() as db:
        person = get_person(db, call.team.id, read_uuid(call.path["id"]))
    if person is None:
        raise not_found()
    return Answer(show_person(person))


def show_person(person: ListedPerson) -> dict[str, object]:
    """Return a person as the API shows it."""
    named = [person.properties[name] for name in NAMES if person.properties.get(name)]
    return {
        "id": person.uuid,
        "uuid": person.uuid,
        "type": "person",
        "name": str(named[0]) if named else (person.distinct_ids[0] if person.distinct_ids else person.uuid),
        "distinct_ids": person.distinct_ids,
        "properties": person.properties,
        "created_at": show_time(person.created_at),
        "is_identified": person.is_identified,
    }


ROUTES = (list_all, retrieve)
