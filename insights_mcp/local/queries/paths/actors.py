"""Who is behind an edge, a node or a drop-off of paths (facts/queries.md 1.5, 1.9).

`pathStartKey` and `pathEndKey` name the nodes of an edge, such as 1_/home; one alone asks for everybody who went on
from, or came to, that node. `pathDropoffKey` asks for those whose path ended there.
"""

from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import FALSE, TRUE, all_of, constant
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.paths.walks import select_walks
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.events import InsightActorsQuery
from insights_mcp.schema.paths import PathsFilter, PathsQuery

_ACTORS = "SELECT actor AS actor_id, sum({times}) AS event_count FROM {walks} WHERE {condition} GROUP BY actor"
_IS_PASSED = "length(path) >= {step} AND path[{step}].2 = {item}"
_IS_LAST = "length(path) = {step} AND path[{step}].2 = {item}"
_IS_LEFT = "length(path) > {step} AND path[{step}].2 = {item}"
# A step has at most so many digits.
_LONGEST_STEP = 9


def select_actors(asked: InsightActorsQuery, context: QueryContext) -> ast.SelectQuery:
    """Return `actor_id`, and in `event_count` how often each was there. Raises QueryError. May run a query."""
    paths = Paths(cast(PathsQuery, asked.source), context)
    keys = _read_keys(paths.filter)
    return fill_select(
        _ACTORS,
        walks=select_walks(paths),
        condition=keys,
        # without a node all of them count
        times=parse_expr("length(path)") if keys == TRUE else constant(1),
    )


def _read_keys(asked: PathsFilter) -> ast.Expr:
    """Return the condition on a path that the keys put. Raises QueryError."""
    if asked.pathDropoffKey:
        return _match(_IS_LAST, _read_key(asked.pathDropoffKey, "pathDropoffKey"))
    start = _read_key(asked.pathStartKey, "pathStartKey") if asked.pathStartKey else None
    end = _read_key(asked.pathEndKey, "pathEndKey") if asked.pathEndKey else None
    if start and end and end[0] != start[0] + 1:
        return FALSE
    return all_of([_match(_IS_LEFT, start) if start else TRUE, _match(_IS_PASSED, end) if end else TRUE])


def _match(template: str, key: tuple[int, str]) -> ast.Expr:
    return parse_expr(template, {"step": constant(key[0]), "item": constant(key[1])})


def _read_key(key: str, name: str) -> tuple[int, str]:
    """Return the step and the item of a node."""
    step, mark, item = key.partition("_")
    if not (mark and step.isascii() and step.isdecimal() and len(step) <= _LONGEST_STEP and int(step)):
        raise QueryError(
            f"A node of a path is its step and its item, such as '1_/home', not '{key[:100]}'.",
            attr=f"pathsFilter.{name}",
        )
    return int(step), item
