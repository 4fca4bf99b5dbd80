"""The statement of a paths query: its edges, the most walked first."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.expressions import TRUE, all_of, call, compare, constant, field
from insights_mcp.local.queries.funnels.arrays import each, plus
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.paths.walks import select_walks
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.paths import PathsQuery

# From one visit (moment, item) to the next: the place in the path, both items, the microseconds between.
_HOP = "(step, a.2, b.2, b.1 - a.1)"
_COUNTS = """
SELECT hop.1 AS step, hop.2 AS from_item, hop.3 AS to_item, count() AS walks, avg(hop.4) AS micros
FROM (SELECT arrayJoin({hops}) AS hop FROM {walks})
GROUP BY step, from_item, to_item
HAVING {is_shown}
"""
_EDGES = """
SELECT {source} AS source, {target} AS target, walks AS value, micros / 1000 AS average_conversion_time
FROM {counts}
ORDER BY value DESC, source, target
LIMIT {limit}
"""


def plan_paths(query: PathsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises QueryError. May run a query."""
    paths = Paths(query, context)
    path, rest = field("path"), call("arrayPopFront", field("path"))
    hops = each("a b step", parse_expr(_HOP), call("arrayPopBack", path), rest, call("arrayEnumerate", rest))
    counts = fill_select(_COUNTS, hops=hops, walks=select_walks(paths), is_shown=_is_shown(paths))
    select = fill_select(
        _EDGES,
        source=_node(field("step"), "from_item"),
        target=_node(plus(field("step"), constant(1)), "to_item"),
        counts=counts,
        limit=constant(paths.edge_limit),
    )
    return [Statement(select, label="paths", max_rows=paths.edge_limit)]


def _node(step: ast.Expr, item: str) -> ast.Expr:
    """Return an item with its place in the path, such as 2_/home."""
    return call("concat", call("toString", step), constant("_"), field(item))


def _is_shown(paths: Paths) -> ast.Expr:
    """Return the condition that an edge is walked often enough, and not too often; 0 is no limit."""
    least, most = paths.filter.minEdgeWeight, paths.filter.maxEdgeWeight
    return all_of(
        [
            compare(field("walks"), ">=", constant(least)) if least else TRUE,
            compare(field("walks"), "<=", constant(most)) if most else TRUE,
        ]
    )
