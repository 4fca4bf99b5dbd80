"""The paths themselves: one row per person and path, with what was passed and when.

A person's visits are (moment, item) pairs; moments are microseconds. Visits of one moment come in the order of their
items, which upstream leaves to chance.
"""

from dataclasses import replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.expressions import alias, constant, field
from insights_mcp.local.queries.insight_events import match_dates, match_query, over_events
from insights_mcp.local.queries.paths.funnel_part import KEY
from insights_mcp.local.queries.paths.items import item_of, match_item, match_types
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.templates import fill_select

# What stands for the middle of a path that is too long.
ELLIPSIS = "..."

_VISITS = "SELECT {actor} AS actor, toUnixTimestamp64Micro(timestamp) AS moment, {item} AS item FROM events"
_PERSONS = """
SELECT actor, arraySort(groupArray(tuple(moment, item))) AS visits FROM {visits} WHERE {condition} GROUP BY actor
"""
_PATHS = """
SELECT actor, arrayJoin(arraySplit((visit, pause) -> pause >= {longest}, visits, arrayDifference(visits.1))) AS visits
FROM {persons}
"""
# Of the same item again and again the last visit stays. A last item without a name leaves the path, as upstream.
_COMPACT = """
SELECT
    actor,
    arrayFilter((visit, following) -> visit.2 != following, visits, arrayPushBack(arrayPopFront(visits.2), '')) AS path
FROM {paths}
"""
_FROM_START = """
SELECT actor, arraySlice(path, 1, {limit}) AS path FROM {paths} WHERE notEmpty(path)
"""
_FROM_POINT = """
SELECT actor, arraySlice(path, indexOf(path.2, {start}), {limit}) AS path FROM {paths} WHERE has(path.2, {start})
"""
_TO_POINT = """
SELECT actor, arraySlice(path, greatest(place - {limit} + 1, 1), least(place, {limit})) AS path
FROM (SELECT actor, path, indexOf(path.2, {end}) AS place FROM {paths})
WHERE place > 0
"""
_FROM_POINT_ON = """
SELECT actor, arraySlice(path, indexOf(path.2, {start})) AS path FROM {paths} WHERE has(path.2, {start})
"""
_BETWEEN_POINTS = """
SELECT actor, arraySlice(path, 1, indexOf(path.2, {end})) AS path FROM {paths} WHERE has(path.2, {end})
"""
_SHORTENED = """
SELECT
    actor,
    if(
        length(path) > {limit},
        arrayConcat(arraySlice(path, 1, {half}), [tuple(path[{half} + 1].1, {ellipsis})], {tail}),
        path
    ) AS path
FROM {paths}
"""


def select_walks(paths: Paths) -> ast.SelectQuery:
    """Return `actor` and `path`, an array of (moment, item), never empty. Raises QueryError. May run a query."""
    persons = fill_select(_PERSONS, visits=_select_visits(paths), condition=match_item(paths, field("item")))
    split = fill_select(_PATHS, persons=persons, longest=constant(paths.pause))
    return _cut(fill_select(_COMPACT, paths=split), paths)


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
        found = fill_select(_FROM_POINT_ON, paths=walks, start=constant(start))
        found = fill_select(_BETWEEN_POINTS, paths=found, end=constant(end))
        return _shorten(found, paths.step_limit)
    if end:
        return fill_select(_TO_POINT, paths=walks, end=constant(end), limit=limit)
    if start:
        return fill_select(_FROM_POINT, paths=walks, start=constant(start), limit=limit)
    return fill_select(_FROM_START, paths=walks, limit=limit)


def _shorten(walks: ast.SelectQuery, limit: int) -> ast.SelectQuery:
    """Return walks with the middle of long ones left out: both ends stay, half of the limit each."""
    half = limit // 2
    tail = parse_expr("arraySlice(path, {from})", {"from": constant(-half)}) if half else ast.Array(exprs=[])
    return fill_select(
        _SHORTENED, paths=walks, limit=constant(limit), half=constant(half), ellipsis=constant(ELLIPSIS), tail=tail
    )
