"""The results of a paths query as PostHog prints them: what a path's beginning leads to (facts/queries.md 1.5)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.paths.question import Paths
from insights_mcp.local.queries.sampling import scale
from insights_mcp.schema.paths import PathsQuery

_FIRST = "1_"
_FIELDS = ("source", "target", "value", "average_conversion_time")


def shape_paths(rows: Sequence[Rows], query: PathsQuery, context: QueryContext) -> Outcome:
    """Return the edges, the most walked first. Those whose way from the beginning is cut off are left out."""
    edges = [dict(zip(_FIELDS, row, strict=True)) for row in rows[0].rows]
    found = _find_reachable(edges)
    factor = float(query.samplingFactor or 1)
    return Outcome(
        results=[_scale(edge, factor) for edge in edges if edge["source"] in found],
        dates=Paths(query, context).dates.span,
    )


def _find_reachable(edges: Sequence[Mapping[str, object]]) -> set[str]:
    """Return the nodes that edges from the first items lead to, and these."""
    targets: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        targets[str(edge["source"])].append(str(edge["target"]))
    waiting = [node for node in targets if node.startswith(_FIRST)]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += targets.get(node, ())
    return found


def _scale(edge: Mapping[str, object], factor: float) -> Mapping[str, object]:
    value = edge["value"]
    return {**edge, "value": scale(value, factor, None)} if factor != 1 and isinstance(value, int) else edge
