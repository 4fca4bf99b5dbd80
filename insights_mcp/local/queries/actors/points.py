"""The actors of one point asked for without a table around them: the rows of their SELECT (facts/queries.md 1.9)."""

from collections.abc import Sequence
from dataclasses import replace

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.actors.sources import ActorsSource, select_source
from insights_mcp.local.queries.context import Outcome, QueryContext, Statement
from insights_mcp.local.queries.expressions import constant
from insights_mcp.local.queries.pages import read_page


def plan_point(query: ActorsSource, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Raises QueryError."""
    page = read_page(None, None)
    select = replace(select_source(query, context).select, limit=constant(page.fetched))
    return [Statement(select, label="actors of a point", max_rows=page.fetched)]


def shape_point(rows: Sequence[Rows], query: ActorsSource, context: QueryContext) -> Outcome:  # noqa: ARG001  # every kind's signature
    """Return the rows as they are."""
    answer, page = rows[0], read_page(None, None)
    return Outcome(
        results=page.cut(answer),
        columns=answer.columns,
        types=list(zip(answer.columns, answer.types, strict=True)),
        has_more=page.has_more(answer),
        limit=page.limit,
        offset=page.offset,
    )
