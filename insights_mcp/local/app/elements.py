"""Autocaptured elements: kept ones, counts of clicks, values (seed 003)."""

from insights_mcp.local.app.fields import Fields, read_integer, read_list, read_text
from insights_mcp.local.app.http import Answer, Call, empty, endpoint
from insights_mcp.local.app.moments import read_moment
from insights_mcp.local.app.paging import Page, change_query, envelope, read_page
from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.lookups.clicks import VALUE_KEYS, count_chains, element_values
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.elements import (
    StoredElement,
    create_element,
    delete_element,
    get_element,
    list_elements,
    update_element,
)

KINDS = ("$autocapture", "$rageclick", "$dead_click")
STATS_LIMIT = 250
MOST_STATS = 10_000
_LIMITS = {"text": 10_000, "tag_name": 1_000, "href": 10_000, "attr_id": 10_000}


@endpoint("GET", "/elements/", scope="element:read")
def list_all(call: Call) -> Answer:
    """List the kept elements."""
    page = read_page(call)
    with call.backend.store.read() as db:
        found, count = list_elements(db, call.team.id, page.limit, page.offset)
    return Answer(envelope(call, page, count, [_show(element) for element in found]))


@endpoint("POST", "/elements/", scope="element:write")
def create(call: Call) -> Answer:
    """Keep an element."""
    values = _read_element(call.fields)
    with call.backend.store.write() as db:
        return Answer(_show(create_element(db, call.team.id, values)), 201)


@endpoint("GET", "/elements/{id}/", scope="element:read")
def retrieve(call: Call) -> Answer:
    """Answer one kept element."""
    with call.backend.store.read() as db:
        return Answer(_show(_need_element(call, db)))


@endpoint("PATCH PUT", "/elements/{id}/", scope="element:write")
def update(call: Call) -> Answer:
    """Change a kept element."""
    values = _read_element(call.fields)
    with call.backend.store.write() as db:
        return Answer(_show(update_element(db, _need_element(call, db).id, values)))


@endpoint("DELETE", "/elements/{id}/", scope="element:write")
def destroy(call: Call) -> Answer:
    """Delete a kept element."""
    with call.backend.store.write() as db:
        delete_element(db, _need_element(call, db))
    return empty(204)


@endpoint("GET", "/elements/stats/", scope="element:read")
def show_stats(call: Call) -> Answer:
    """Count clicks per chain of elements, the commonest first."""
    include = call.query.get_all("include") or [KINDS[0]]
    unknown = [kind for kind in include if kind not in KINDS]
    if unknown:
        detail = f"Only {', '.join(KINDS[:-1])} and {KINDS[-1]} are supported."
        raise invalid(detail, attr="include", code="invalid_choice")
    asked = read_page(call, STATS_LIMIT)
    page = Page(min(asked.limit, MOST_STATS), min(asked.offset, MOST_STATS))
    found = count_chains(
        call.backend.engine,
        call.team.id,
        include,
        after=read_moment(call, "date_from"),
        before=read_moment(call, "date_to"),
        limit=page.limit + 1,
        offset=page.offset,
    )
    results = [
        {
            "count": row.count,
            "hash": None,
            "type": row.event,
            "elements": [element.body() for element in read_chain(row.chain)],
        }
        for row in found[: page.limit]
    ]
    has_more, back = len(found) > page.limit, page.offset - page.limit
    following = change_query(call.url, limit=page.limit, offset=page.offset + page.limit) if has_more else None
    previous = change_query(call.url, limit=page.limit, offset=back if back > 0 else None) if page.offset else None
    return Answer({"results": results, "next": following, "previous": previous})


@endpoint("GET", "/elements/values/", scope="element:read")
def list_values(call: Call) -> Answer:
    """List values of a part of elements: tag_name, text, href or attr_id."""
    key = call.query.get("key") or ""
    if key not in VALUE_KEYS:
        raise invalid(f"key must be one of {', '.join(VALUE_KEYS)}.", attr="key", code="invalid_choice")
    found = element_values(call.backend.engine, call.team.id, key, (call.query.get("value") or "").strip())
    return Answer([{"name": value} for value in found])


def _need_element(call: Call, db: Connection) -> StoredElement:
    element = get_element(db, call.team.id, call.number("id"))
    if element is None:
        raise not_found()
    return element


def _read_element(fields: Fields) -> dict[str, object]:
    values: dict[str, object] = {
        name: read_text(fields, name, limit=limit) for name, limit in _LIMITS.items() if name in fields
    }
    values |= {name: read_integer(fields, name) for name in ("nth_child", "nth_of_type", "order") if name in fields}
    if "attr_class" in fields:
        values["attr_class"] = None if fields["attr_class"] is None else read_list(fields, "attr_class")
    if "attributes" in fields:
        values["attributes"] = fields["attributes"]
    return values


def _show(element: StoredElement) -> dict[str, object]:
    return {
        "text": element.text,
        "tag_name": element.tag_name,
        "attr_class": element.attr_class,
        "href": element.href,
        "attr_id": element.attr_id,
        "nth_child": element.nth_child,
        "nth_of_type": element.nth_of_type,
        "attributes": element.attributes,
        "order": element.order,
    }


ROUTES = (list_all, create, retrieve, update, destroy, show_stats, list_values)
