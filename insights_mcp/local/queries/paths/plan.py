"""The statement of a paths query: its edges, the most walked first."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.expressions import TRUE, all_of, compare, constant, field
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.paths.walks import select_walks
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.paths import PathsQuery

# An item with its place in the path, such as 2_/home, is a node; two neighbours are an edge.
_EDGES = """
SELECT
    concat(toString(step), '_', from_item) AS source,
    concat(toString(step + 1), '_', to_item) AS target,
    walks AS value,
    micros / 1000 AS average_conversion_time
FROM (
    SELECT edge.1 AS step, edge.2 AS from_item, edge.3 AS to_item, count() AS walks, avg(edge.4) AS micros
    FROM (
        SELECT arrayJoin(arrayMap(
            (a, b, step) -> tuple(step, a.2, b.2, b.1 - a.1),
            arrayPopBack(path), arrayPopFront(path), arrayEnumerate(arrayPopFront(path))
        )) AS edge
        FROM {walks}
    )
    GROUP BY step, from_item, to_item
    HAVING {is_shown}
)
ORDER BY value DESC, source, target
LIMIT {limit}
"""


def plan_paths(query: PathsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises QueryError. May run a query."""
    paths = Paths(query, context)
    select = fill_select(_EDGES, walks=select_walks(paths), is_shown=_is_shown(paths), limit=constant(paths.edge_limit))
    return [Statement(select, label="paths", max_rows=paths.edge_limit)]


def _is_shown(paths: Paths) -> ast.Expr:
    """Return the condition that an edge is walked often enough, and not too often; 0 is no limit."""
    least, most = paths.filter.minEdgeWeight, paths.filter.maxEdgeWeight
    return all_of(
        [
            compare(field("walks"), ">=", constant(least)) if least else TRUE,
            compare(field("walks"), "<=", constant(most)) if most else TRUE,
        ]
    )
