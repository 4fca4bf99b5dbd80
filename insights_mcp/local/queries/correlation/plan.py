"""The statements of a correlation: how many of its actors succeeded, and the counts of every candidate."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.correlation.candidates import select_candidates
from insights_mcp.local.queries.correlation.question import IS_SUCCESS, Correlation
from insights_mcp.local.queries.expressions import alias, call, field, from_select
from insights_mcp.local.queries.funnels.histories import ACTOR
from insights_mcp.schema.correlation import FunnelCorrelationQuery

MAX_ROWS = 1_000_000


def plan_correlation(query: FunnelCorrelationQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the two statements, none for a funnel without steps. Raises QueryError."""
    if not query.source.source.series:
        return []
    correlation = Correlation(query, context)
    success, actor = field(IS_SUCCESS), field(ACTOR)
    totals = ast.SelectQuery(
        select=[
            alias("success_count", call("countDistinctIf", actor, success)),
            alias("failure_count", call("countDistinctIf", actor, call("not", success))),
        ],
        select_from=from_select(correlation.select_actors()),
    )
    return [
        Statement(totals, label="correlation totals"),
        Statement(select_candidates(correlation), label="correlation", max_rows=MAX_ROWS),
    ]
