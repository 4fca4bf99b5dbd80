"""Which properties events, persons, groups and sessions have (facts/rest-api.md 12)."""

from collections.abc import Sequence

from insights_mcp.local.app.definition_notes import Notes, load_notes, store_note
from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.lists import read_texts
from insights_mcp.local.app.paging import Page, envelope, read_page
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.definition_notes import noted_ids
from insights_mcp.local.store.definitions import (
    PropertyDefinition,
    get_property_definition,
    list_property_definitions,
    properties_seen_with,
)

SUBJECT = "property_definition"
TYPES = ("event", "person", "group", "session")
# Properties of sessions are computed, never sent: the same for every project (facts/queries.md 1.1).
SESSION_PROPERTIES = {
    "$start_timestamp": "DateTime",
    "$end_timestamp": "DateTime",
    "$entry_current_url": "String",
    "$entry_pathname": "String",
    "$entry_hostname": "String",
    "$end_current_url": "String",
    "$end_pathname": "String",
    "$entry_utm_source": "String",
    "$entry_utm_campaign": "String",
    "$entry_utm_medium": "String",
    "$entry_referring_domain": "String",
    "$pageview_count": "Numeric",
    "$autocapture_count": "Numeric",
    "$screen_count": "Numeric",
    "$session_duration": "Numeric",
    "$num_uniq_urls": "Numeric",
    "$is_bounce": "Boolean",
    "$channel_type": "String",
}


@endpoint("GET", "/property_definitions/", scope="property_definition:read")
def list_all(call: Call) -> Answer:
    """List properties by name."""
    type_, group_index = _read_type(call)
    page = read_page(call)
    if type_ == "session":
        return _list_session_properties(call, page)
    events = read_texts(call, "event_names")
    if events and type_ != "event":
        raise invalid("`event_names` must not be set if `type` is not `event`", attr="event_names")
    with call.backend.store.read() as db:
        hidden = noted_ids(db, call.team.id, SUBJECT, "hidden") if call.query.flag("exclude_hidden") else []
        found, count = list_property_definitions(
            db,
            call.team.id,
            type_=type_,
            group_type_index=group_index,
            search=call.query.get("search") or "",
            names=read_texts(call, "properties") or None,
            excluded=read_texts(call, "excluded_properties"),
            event_names=events if call.query.flag("filter_by_event_names") and events else None,
            is_numerical=_read_flag(call, "is_numerical"),
            is_feature_flag=_read_flag(call, "is_feature_flag"),
            excluded_ids=hidden,
            exclude_core=call.query.flag("exclude_core_properties"),
            limit=page.limit,
            offset=page.offset,
        )
        seen = {name for event in events for name in properties_seen_with(db, call.team.id, event)}
        notes = load_notes(db, SUBJECT, [definition.id for definition in found])
    results = [show_property(definition, notes, seen if events else None) for definition in found]
    return Answer(envelope(call, page, count, results))


@endpoint("GET", "/property_definitions/seen_together/", scope="property_definition:read")
def show_seen_together(call: Call) -> Answer:
    """Tell for each event whether it was seen with a property."""
    name = call.query.get("property_name")
    if not name:
        raise invalid("This query parameter is required.", attr="property_name", code="required")
    with call.backend.store.read() as db:
        events = read_texts(call, "event_names")
        return Answer({event: name in properties_seen_with(db, call.team.id, event) for event in events})


@endpoint("GET", "/property_definitions/{id}/", scope="property_definition:read")
def retrieve(call: Call) -> Answer:
    """Answer one property."""
    with call.backend.store.read() as db:
        definition = _need_definition(call, db)
        return Answer(show_property(definition, load_notes(db, SUBJECT, [definition.id]), None))


@endpoint("PATCH PUT", "/property_definitions/{id}/", scope="property_definition:write")
def update(call: Call) -> Answer:
    """Describe, tag, verify or hide a property."""
    with call.backend.store.write() as db:
        definition = _need_definition(call, db)
        store_note(call, db, SUBJECT, definition.id)
        return Answer(show_property(definition, load_notes(db, SUBJECT, [definition.id]), None))


def show_property(definition: PropertyDefinition, notes: Notes, seen: set[str] | None) -> dict[str, object]:
    """Return a property; `seen` are the names that the asked events carry."""
    return {
        "id": definition.id,
        "name": definition.name,
        "is_numerical": definition.is_numerical,
        "property_type": definition.property_type,
        "is_seen_on_filtered_events": None if seen is None else definition.name in seen,
        "is_optimized": True,
        **notes.show(definition.id),
    }


def _read_type(call: Call) -> tuple[str, int | None]:
    type_ = call.query.get("type") or "event"
    if type_ not in TYPES:
        raise invalid(f'"{type_}" is not a valid choice.', attr="type", code="invalid_choice")
    text = call.query.get("group_type_index")
    if type_ == "group" and not text:
        raise invalid("`group_type_index` must be set if `type` is `group`", attr="group_type_index")
    if type_ != "group" and text:
        raise invalid("`group_type_index` must not be set if `type` is not `group`", attr="group_type_index")
    if text and text not in ("0", "1", "2", "3", "4"):
        raise invalid("A number from 0 to 4 is required.", attr="group_type_index")
    return type_, int(text) if text else None


def _read_flag(call: Call, name: str) -> bool | None:
    return call.query.flag(name) if call.query.get(name) else None


def _list_session_properties(call: Call, page: Page) -> Answer:
    words = (call.query.get("search") or "").lower().split()
    names: Sequence[str] = read_texts(call, "properties") or sorted(SESSION_PROPERTIES)
    excluded, numerical = read_texts(call, "excluded_properties"), _read_flag(call, "is_numerical")
    found = [
        PropertyDefinition(name, name, "session", None, SESSION_PROPERTIES[name])
        for name in names
        if name in SESSION_PROPERTIES and name not in excluded and all(word in name for word in words)
    ]
    if numerical is not None:
        found = [definition for definition in found if definition.is_numerical == numerical]
    shown = [show_property(definition, Notes({}, {}, {}), None) for definition in found]
    return Answer(envelope(call, page, len(shown), shown[page.offset : page.offset + page.limit]))


def _need_definition(call: Call, db: Connection) -> PropertyDefinition:
    definition = get_property_definition(db, call.team.id, call.path["id"])
    if definition is None:
        raise not_found()
    return definition


ROUTES = (list_all, show_seen_together, retrieve, update)
