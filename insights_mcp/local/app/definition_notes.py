"""Notes on definitions: how they are shown and changed, the same for events and properties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.local.app.fields import Fields, read_flag, read_key, read_text, unknown_key
from insights_mcp.local.app.http import Call
from insights_mcp.local.app.insight_input import read_tags
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.definition_notes import Note, get_notes, write_note
from insights_mcp.local.store.tags import get_tags, set_tags
from insights_mcp.local.store.times import print_time, show_time
from insights_mcp.local.store.users import User, get_user, get_users

MAX_DESCRIPTION = 10_000


@dataclass(frozen=True)
class Notes:
    """What was said of a page of definitions."""

    notes: Mapping[str, Note]
    tags: Mapping[str, Sequence[str]]
    users: Mapping[int, User]

    def show(self, definition_id: str) -> dict[str, object]:
        """Return the fields a definition shows."""
        note = self.notes.get(definition_id, Note())
        return {
            "description": note.description,
            "tags": list(self.tags.get(definition_id, [])),
            "owner": basic_user(self.users.get(note.owner or 0)),
            "verified": note.verified,
            "verified_at": show_time(note.verified_at),
            "verified_by": basic_user(self.users.get(note.verified_by or 0)),
            "hidden": note.hidden,
            "updated_at": show_time(note.updated_at),
            "updated_by": basic_user(self.users.get(note.updated_by or 0)),
        }


def load_notes(db: Connection, subject: str, definition_ids: Sequence[str]) -> Notes:
    """Read what was said of definitions."""
    notes = get_notes(db, subject, definition_ids)
    people = [person for note in notes.values() for person in (note.owner, note.verified_by, note.updated_by)]
    return Notes(notes, get_tags(db, subject, definition_ids), get_users(db, people))


def store_note(call: Call, db: Connection, subject: str, definition_id: str) -> None:
    """Write the notes among a request's fields. Raises Problem."""
    fields = call.fields
    values = _read_note(call, fields)
    if "owner" in fields:
        owner = None if fields["owner"] is None else read_key(fields["owner"], "owner")
        if owner is not None and get_user(db, owner) is None:
            raise unknown_key(owner, "owner")
        values["owner"] = owner
    if values:
        write_note(db, call.team.id, subject, definition_id, call.user.id, values, call.now)
    if "tags" in fields:
        set_tags(db, call.team.id, subject, definition_id, read_tags(fields))


def _read_note(call: Call, fields: Fields) -> dict[str, object]:
    values: dict[str, object] = {}
    if "description" in fields:
        values["description"] = read_text(fields, "description", limit=MAX_DESCRIPTION)
    if "hidden" in fields:
        values["hidden"] = read_flag(fields, "hidden")
    if "verified" in fields:
        verified = read_flag(fields, "verified")
        values["verified"] = verified
        values["verified_at"] = print_time(call.now) if verified else None
        values["verified_by"] = call.user.id if verified else None
    return values
