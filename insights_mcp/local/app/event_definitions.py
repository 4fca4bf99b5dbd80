"""Which events a project has seen (facts/rest-api.md 12)."""

from datetime import timedelta

from insights_mcp.local.app.definition_notes import Notes, load_notes, store_note
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.lists import read_texts
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.definition_notes import noted_ids
from insights_mcp.local.store.definitions import (
    EVENT_ORDERINGS,
    EventDefinition,
    delete_event_definition,
    get_event_definition,
    list_event_definitions,
)
from insights_mcp.local.store.tags import tagged_ids
from insights_mcp.local.store.times import print_time, show_time

SUBJECT = "event_definition"
STALE_AFTER = timedelta(days=30)
_POSTHOG_EVENTS = {"event_posthog": True, "event_custom": False}


@endpoint("GET", "/event_definitions/", scope="event_definition:read")
def list_all(call: Call) -> Answer:
    """List the events seen, latest day first, then by name."""
    page = read_page(call)
    names = read_texts(call, "names")
    with call.backend.store.read() as db:
        found, count = list_event_definitions(
            db,
            call.team.id,
            search=call.query.get("search") or "",
            names=names or None,
            posthog_events=_POSTHOG_EVENTS.get(call.query.get("event_type") or ""),
            excluded=read_texts(call, "excluded_properties"),
            only_ids=_only_ids(call, db),
            excluded_ids=noted_ids(db, call.team.id, SUBJECT, "hidden") if call.query.flag("exclude_hidden") else (),
            seen_since=print_time(call.now - STALE_AFTER) if call.query.flag("exclude_stale") else None,
            ordering=_read_ordering(call),
            limit=page.limit,
            offset=page.offset,
        )
        notes = load_notes(db, SUBJECT, [definition.id for definition in found])
    return Answer(envelope(call, page, count, [_show(definition, notes) for definition in found]))


@endpoint("GET", "/event_definitions/{id}/", scope="event_definition:read")
def retrieve(call: Call) -> Answer:
    """Answer one event."""
    with call.backend.store.read() as db:
        definition = _need_definition(call, db)
        return Answer(_show(definition, load_notes(db, SUBJECT, [definition.id])))


@endpoint("PATCH PUT", "/event_definitions/{id}/", scope="event_definition:write")
def update(call: Call) -> Answer:
    """Describe, tag, verify or hide an event."""
    with call.backend.store.write() as db:
        definition = _need_definition(call, db)
        store_note(call, db, SUBJECT, definition.id)
        return Answer(_show(definition, load_notes(db, SUBJECT, [definition.id])))


@endpoint("DELETE", "/event_definitions/{id}/", scope="event_definition:write")
def destroy(call: Call) -> Answer:
    """Forget that an event was seen; its rows stay."""
    with call.backend.store.write() as db:
        delete_event_definition(db, call.team.id, _need_definition(call, db).id)
    return empty(204)


def _show(definition: EventDefinition, notes: Notes) -> dict[str, object]:
    return {
        "id": definition.id,
        "name": definition.name,
        "created_at": show_time(definition.created_at),
        "last_seen_at": show_time(definition.last_seen_at),
        "last_updated_at": show_time(definition.last_seen_at),
        "enforcement_mode": "allow",
        "primary_property": None,
        "is_action": False,
        "action_id": None,
        "is_calculating": False,
        "last_calculated_at": None,
        "created_by": None,
        "post_to_slack": False,
        **notes.show(definition.id),
    }


def _only_ids(call: Call, db: Connection) -> list[str] | None:
    tags = read_texts(call, "tags")
    sets = [set(tagged_ids(db, call.team.id, SUBJECT, tags))] if tags else []
    if call.query.flag("verified"):
        sets.append(set(noted_ids(db, call.team.id, SUBJECT, "verified")))
    return sorted(set.intersection(*sets)) if sets else None


def _read_ordering(call: Call) -> list[str]:
    ordering = [item for item in (call.query.get("ordering") or "").split(",") if item]
    for item in ordering:
        if item.removeprefix("-") not in EVENT_ORDERINGS:
            detail = f"Cannot order by {item[:60]!r}. Choices are: {', '.join(EVENT_ORDERINGS)}."
            raise invalid(detail, attr="ordering")
    return ordering


def _need_definition(call: Call, db: Connection) -> EventDefinition:
    definition = get_event_definition(db, call.team.id, call.path["id"])
    if definition is None:
        raise not_found()
    return definition


ROUTES = (list_all, retrieve, update, destroy)
