"""Actions: list, read, create, change (facts/queries.md 1.0, Entities)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.app.fields import Fields, read_choice, read_flag, read_list, read_text
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.insight_input import MAX_TEXT, read_tags
from insights_mcp.local.app.me import basic_user
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.actions import (
    StoredAction,
    create_action,
    find_action_by_name,
    get_action,
    list_actions,
    update_action,
)
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.tags import get_tags, set_tags
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import get_users

MATCHINGS = ("contains", "regex", "exact")
MAX_STEPS = 100
# Every field of a step, in the order shown, and what it is when a caller leaves it out.
_STEP = {
    "event": None,
    "properties": None,
    "selector": None,
    "tag_name": None,
    "text": None,
    "text_matching": None,
    "href": None,
    "href_matching": None,
    "url": None,
    "url_matching": "contains",
}


@endpoint("GET", "/actions/", scope="action:read")
def list_all(call: Call) -> Answer:
    """List actions, those calculated last first."""
    page, search = read_page(call), (call.query.get("search") or "").strip()
    with call.backend.store.read() as db:
        found, count = list_actions(db, call.team.id, search=search, limit=page.limit, offset=page.offset)
        results = _show(db, found)
    return Answer(envelope(call, page, count, results))


@endpoint("POST", "/actions/", scope="action:write")
def create(call: Call) -> Answer:
    """Create an action."""
    fields = call.fields
    columns, tags = _read(fields), read_tags(fields) if "tags" in fields else []
    with call.backend.store.write() as db:
        _refuse_taken_name(db, call, columns)
        action = create_action(db, call.team.id, call.user.id, columns, call.now)
        set_tags(db, call.team.id, "action", action.id, tags)
        return Answer(_show(db, [action])[0], 201)


@endpoint("GET", "/actions/{id}/", scope="action:read")
def retrieve(call: Call) -> Answer:
    """Answer one action, a deleted one too."""
    with call.backend.store.read() as db:
        return Answer(_show(db, [_need_action(db, call)])[0])


@endpoint("PATCH PUT", "/actions/{id}/", scope="action:write")
def update(call: Call) -> Answer:
    """Change an action: its steps are replaced as a whole; `{"deleted": true}` deletes it, false brings it back."""
    fields = call.fields
    columns = _read(fields)
    with call.backend.store.write() as db:
        action = _need_action(db, call)
        if not columns.get("deleted", action.deleted):
            _refuse_taken_name(db, call, {"name": action.name, **columns}, other_than=action.id)
        changed = update_action(db, action.id, columns)
        if "tags" in fields:
            set_tags(db, call.team.id, "action", action.id, read_tags(fields))
        return Answer(_show(db, [changed])[0])


@endpoint("DELETE", "/actions/{id}/", scope="action:write")
def destroy(_: Call) -> Answer:
    """Refuse: actions are deleted by PATCH. The body is empty, as for insights."""
    return empty(405)


def _need_action(db: Connection, call: Call) -> StoredAction:
    action = get_action(db, call.team.id, call.number("id"))
    if action is None:
        raise not_found()
    return action


def _refuse_taken_name(
    db: Connection, call: Call, columns: Mapping[str, object], *, other_than: int | None = None
) -> None:
    name = columns.get("name")
    taken = find_action_by_name(db, call.team.id, str(name), other_than=other_than) if name is not None else None
    if taken is not None:
        detail = f"This project already has an action with this name, ID {taken.id}"
        raise invalid(detail, attr="name", code="unique")


def _read(fields: Fields) -> dict[str, object]:
    columns: dict[str, object] = {}
    if "name" in fields:
        columns["name"] = read_text(fields, "name", limit=MAX_TEXT)
    columns |= {name: read_text(fields, name, nullable=False) for name in ("description",) if name in fields}
    if "slack_message_format" in fields:
        columns["slack_message_format"] = read_text(fields, "slack_message_format", limit=1200, nullable=False)
    columns |= {name: read_flag(fields, name) for name in ("post_to_slack", "deleted") if name in fields}
    columns |= {name: read_text(fields, name) for name in ("pinned_at", "creation_context") if name in fields}
    if "steps" in fields:
        columns["steps"] = _read_steps(fields)
    return columns


def _read_steps(fields: Fields) -> list[dict[str, object]]:
    steps = read_list(fields, "steps")
    if len(steps) > MAX_STEPS:
        raise invalid(f"An action has at most {MAX_STEPS} steps.", attr="steps", code="max_length")
    return [_read_step(step) for step in steps]


def _read_step(step: object) -> dict[str, object]:
    if not isinstance(step, dict):
        raise invalid(f"Invalid data. Expected a dictionary, but got {type(step).__name__}.", attr="steps")
    read: dict[str, object] = dict(_STEP)
    for name in _STEP:
        if step.get(name) is None:
            continue
        if name == "properties":
            read[name] = _read_properties(step)
        elif name.endswith("_matching"):
            read[name] = read_choice(step, name, MATCHINGS)
        else:
            read[name] = _read_exactly(step, name)
    return read


def _read_properties(step: Mapping[str, object]) -> list[object]:
    properties = read_list(step, "properties")
    if not all(isinstance(one, dict) for one in properties):
        raise invalid("Expected a list of property filters.", attr="steps__properties")
    return properties


def _read_exactly(step: Mapping[str, object], name: str) -> str:
    """Return a text with its white space: names of events may begin with it."""
    value = step[name]
    if not isinstance(value, str):
        raise invalid("Not a valid string.", attr=f"steps__{name}")
    return value


def _show(db: Connection, actions: Sequence[StoredAction]) -> list[dict[str, object]]:
    tags = get_tags(db, "action", [action.id for action in actions])
    users = get_users(db, [action.created_by for action in actions])
    return [
        {
            "id": action.id,
            "name": action.name,
            "description": action.description,
            "tags": tags.get(str(action.id), []),
            "post_to_slack": action.post_to_slack,
            "slack_message_format": action.slack_message_format,
            "steps": [{name: step.get(name, default) for name, default in _STEP.items()} for step in action.steps],
            "created_at": show_time(action.created_at),
            "created_by": basic_user(users.get(action.created_by or 0)),
            "deleted": action.deleted,
            "is_calculating": False,
            "last_calculated_at": show_time(action.last_calculated_at),
            "team_id": action.team_id,
            "is_action": True,
            "bytecode_error": None,
            "pinned_at": action.pinned_at,
            "creation_context": action.creation_context,
            "user_access_level": "manager",
        }
        for action in actions
    ]


ROUTES = (list_all, create, retrieve, update, destroy)
