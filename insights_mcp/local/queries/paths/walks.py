"""The paths themselves: one row per person and path, with what was passed and when.

A person's visits are (moment, item) pairs; moments are microseconds. Visits of one moment come in the order of their
items, which upstream leaves to chance.
"""

from dataclasses import replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.expressions import alias, call, constant, field
from insights_mcp.local.queries.insight_events import match_dates, match_query, over_events
from insights_mcp.local.queries.paths.funnel_part import KEY
from insights_mcp.local.queries.paths.items import item_of, match_item, match_types
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.templates import fill_select

# What stands for the middle of a path that is too long.
ELLIPSIS = "..."

_VISITS = "SELECT {actor} AS actor, toUnixTimestamp64Micro(timestamp) AS moment, {item} AS item FROM events"
_PERSONS = """
SELECT actor, {visits} AS visits FROM (SELECT actor, (moment, item) AS visit FROM {rows} WHERE {condition})
GROUP BY actor
"""
_SPLIT = "arraySplit((visit, pause) -> pause >= {longest}, visits, {pauses})"
_PATHS = "SELECT actor, arrayJoin({split}) AS visits FROM {persons}"
# Of the same item again and again the last visit stays. A last item without a name leaves the path, as upstream.
_COMPACT = """
SELECT actor, arrayFilter((visit, following) -> visit.2 != following, visits, {following}) AS path FROM {paths}
"""
_FROM_START = "SELECT actor, arraySlice(path, 1, {limit}) AS path FROM {paths} WHERE notEmpty(path)"
_PLACED = "SELECT actor, path, indexOf(path.2, {point}) AS place FROM {paths}"
_FROM_POINT = "SELECT actor, arraySlice(path, place, {limit}) AS path FROM {paths} WHERE place > 0"
_TO_POINT = "SELECT actor, arraySlice(path, {first}, {limit}) AS path FROM {paths} WHERE place > 0"
_SHORTENED = "SELECT actor, if(length(path) > {limit}, {short}, path) AS path FROM {paths}"


def select_walks(paths: Paths) -> ast.SelectQuery:
    """Return `actor` and `path`, an array of (moment, item), never empty. Raises QueryError. May run a query."""
    visits, items = field("visits"), ast.TupleAccess(tuple=field("visits"), index=2)
    moments = ast.TupleAccess(tuple=visits, index=1)
    persons = fill_select(
        _PERSONS,
        rows=_select_visits(paths),
        condition=match_item(paths, field("item")),
        visits=call("arraySort", call("groupArray", field("visit"))),
    )
    split = parse_expr(_SPLIT, {"longest": constant(paths.pause), "pauses": call("arrayDifference", moments)})
    following = call("arrayPushBack", call("arrayPopFront", items), constant(""))
    return _cut(
        fill_select(_COMPACT, paths=fill_select(_PATHS, persons=persons, split=split), following=following), paths
    )


def _select_visits(paths: Paths) -> ast.SelectQuery:
    visits = fill_select(_VISITS, actor=field("person_id"), item=item_of(paths))
    conditions = [match_dates(paths.dates), match_types(paths), match_query(paths.query, paths.context)]
    visits = over_events(visits, paths.query, conditions)
    part = paths.funnel_part
    if part is None:
        return visits
    visits = replace(visits, select=[*visits.select, alias(KEY, part.key)])
    return ast.SelectQuery(
        select=[alias(name, field("visits", name)) for name in ("actor", "moment", "item")],
        select_from=part.join(visits),
        where=part.match(field("visits", "moment")),
    )


def _cut(walks: ast.SelectQuery, paths: Paths) -> ast.SelectQuery:
    """Return the walks from or to the points asked for, and no longer than is looked at."""
    start, end, limit = paths.start_point, paths.end_point, constant(paths.step_limit)
    if start and end:
        rest = fill_select(_FROM_POINT, paths=_place(walks, start), limit=call("length", field("path")))
        found = fill_select(_TO_POINT, paths=_place(rest, end), first=constant(1), limit=field("place"))
        return _shorten(found, paths.step_limit)
    if end:
        first = call("greatest", parse_expr("place - {limit} + 1", {"limit": limit}), constant(1))
        shown = call("least", field("place"), limit)
        return fill_select(_TO_POINT, paths=_place(walks, end), first=first, limit=shown)
    if start:
        return fill_select(_FROM_POINT, paths=_place(walks, start), limit=limit)
    return fill_select(_FROM_START, paths=walks, limit=limit)


def _place(walks: ast.SelectQuery, point: str) -> ast.SelectQuery:
    """Return walks with the `place` of the first visit of an item, 0 where it was not visited."""
    return fill_select(_PLACED, paths=walks, point=constant(point))


def _shorten(walks: ast.SelectQuery, limit: int) -> ast.SelectQuery:
    """Return walks with the middle of long ones left out: both ends stay, half of the limit each."""
    half, path = limit // 2, field("path")
    middle = parse_expr(
        "[(path[{first}].1, {ellipsis})]", {"first": constant(half + 1), "ellipsis": constant(ELLIPSIS)}
    )
    ends = [call("arraySlice", path, constant(1), constant(half)), call("arraySlice", path, constant(-half))]
    short = call("arrayConcat", ends[0], middle, ends[1]) if half else middle
    return fill_select(_SHORTENED, paths=walks, limit=constant(limit), short=short)
