"""Single events, latest first; next, but no count (facts/rest-api.md 2.5)."""

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.moments import read_moment
from insights_mcp.local.app.paging import change_query, read_page
from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.lookups.events import EventFilter, StoredEvent, get_event, list_events
from insights_mcp.local.problems import not_found
from insights_mcp.local.store.person_lists import get_person
from insights_mcp.local.store.persons import Person, find_persons

MOST = 1_000


@endpoint("GET", "/events/", scope="query:read")
def list_all(call: Call) -> Answer:
    """List events of a name, a person or a distinct id, between two moments."""
    limit = min(read_page(call).limit, MOST)
    wanted = EventFilter(
        event=call.query.get("event") or None,
        distinct_ids=_read_distinct_ids(call),
        after=read_moment(call, "after"),
        before=read_moment(call, "before"),
    )
    found = list_events(call.backend.engine, call.team.id, wanted, limit + 1)
    shown, has_more = found[:limit], len(found) > limit
    with call.backend.store.read() as db:
        persons = find_persons(db, call.team.id, {event.distinct_id for event in shown})
    following = None
    if has_more:
        before = shown[-1].timestamp.astimezone(UTC).isoformat()
        following = change_query(call.url, before=before, limit=limit)
    return Answer({"next": following, "results": [_show(event, persons) for event in shown]})


@endpoint("GET", "/events/{id}/", scope="query:read")
def retrieve(call: Call) -> Answer:
    """Answer one event by its uuid."""
    event = get_event(call.backend.engine, call.team.id, read_uuid(call.path["id"]))
    if event is None:
        raise not_found()
    with call.backend.store.read() as db:
        return Answer(_show(event, find_persons(db, call.team.id, [event.distinct_id])))


def read_uuid(text: str) -> UUID:
    """Return a uuid of a path. Raises Problem 404."""
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None


def _read_distinct_ids(call: Call) -> list[str] | None:
    distinct_id, person_id = call.query.get("distinct_id"), call.query.get("person_id")
    if distinct_id:
        return [distinct_id]
    if not person_id:
        return None
    with call.backend.store.read() as db:
        person = get_person(db, call.team.id, read_uuid(person_id))
    return list(person.distinct_ids) if person else []


def _show(event: StoredEvent, persons: Mapping[str, Person]) -> dict[str, object]:
    person = persons.get(event.distinct_id)
    return {
        "id": event.uuid,
        "distinct_id": event.distinct_id,
        "properties": event.properties,
        "event": event.event,
        "timestamp": event.timestamp.astimezone(UTC),
        "person": {
            "is_identified": person.is_identified,
            "distinct_ids": [event.distinct_id],
            "properties": person.properties,
            "uuid": str(person.uuid),
        }
        if person
        else None,
        "elements": [element.body() for element in read_chain(event.elements_chain)],
        "elements_chain": event.elements_chain,
    }


ROUTES = (list_all, retrieve)
