"""Groups and their types: companies, projects, whatever events are sent for."""

from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.paging import change_query, read_page
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.group_lists import ListedGroup, count_group_properties, get_group, list_groups
from insights_mcp.local.store.groups import MAX_GROUP_TYPES, GroupType, list_group_types
from insights_mcp.local.store.times import show_time


@endpoint("GET", "/groups_types/", scope="group:read", auth_failure=403)
def list_types(call: Call) -> Answer:
    """List the group types of the project by index: a bare array."""
    with call.backend.store.read() as db:
        return Answer([_show_type(one) for one in list_group_types(db, call.team.id)])


@endpoint("GET", "/groups/", scope="group:read")
def list_all(call: Call) -> Answer:
    """List groups of a type, newest first; next and previous, but no count."""
    index, page = _read_index(call), read_page(call)
    search = (call.query.get("search") or "").strip()
    with call.backend.store.read() as db:
        found = list_groups(db, call.team.id, index, search=search, limit=page.limit + 1, offset=page.offset)
    has_more, back = len(found) > page.limit, page.offset - page.limit
    following = change_query(call.url, limit=page.limit, offset=page.offset + page.limit) if has_more else None
    previous = change_query(call.url, limit=page.limit, offset=back if back > 0 else None) if page.offset else None
    return Answer({"next": following, "previous": previous, "results": [_show(one) for one in found[: page.limit]]})


@endpoint("GET", "/groups/find/", scope="group:read")
def find(call: Call) -> Answer:
    """Answer one group by its type and key."""
    index, key = _read_index(call), call.query.get("group_key")
    if not key:
        raise invalid("You must pass ?group_key= in this request", attr="group_key")
    with call.backend.store.read() as db:
        group = get_group(db, call.team.id, index, key)
    if group is None:
        raise not_found()
    return Answer(_show(group))


@endpoint("GET", "/groups/property_definitions/", scope="group:read")
def list_properties(call: Call) -> Answer:
    """Tell which properties groups have, and how many have each, by group type."""
    with call.backend.store.read() as db:
        counts = count_group_properties(db, call.team.id)
    return Answer(
        {str(index): [{"name": name, "count": count} for name, count in found] for index, found in counts.items()}
    )


def _read_index(call: Call) -> int:
    text = call.query.get("group_type_index")
    if not text:
        raise invalid("You must pass ?group_type_index= in this request", attr="group_type_index")
    if text not in map(str, range(MAX_GROUP_TYPES)):
        raise invalid(f"A number from 0 to {MAX_GROUP_TYPES - 1} is required.", attr="group_type_index")
    return int(text)


def _show(group: ListedGroup) -> dict[str, object]:
    return {
        "group_type_index": group.index,
        "group_key": group.key,
        "group_properties": group.properties,
        "created_at": show_time(group.created_at),
    }


def _show_type(group_type: GroupType) -> dict[str, object]:
    return {
        "group_type": group_type.name,
        "group_type_index": group_type.index,
        "name_singular": None,
        "name_plural": None,
        "detail_dashboard": None,
        "default_columns": None,
        "created_at": show_time(group_type.created_at),
    }


ROUTES = (list_types, list_all, find, list_properties)
