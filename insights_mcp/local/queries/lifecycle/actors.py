"""Who is behind a point of a lifecycle: the actors that have a status in an interval (facts/queries.md 1.9)."""

from typing import cast, get_args

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.dates import start_of
from insights_mcp.local.queries.expressions import constant
from insights_mcp.local.queries.lifecycle.plan import STATUSES, count_from, read_dates, select_codes
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.local.queries.templates import fill_select
from insights_mcp.schema.events import InsightActorsQuery
from insights_mcp.schema.lifecycle import LifecycleQuery, LifecycleStatus

_ACTORS = "SELECT actor AS actor_id FROM {codes} WHERE {has_status}"


def select_actors(asked: InsightActorsQuery, context: QueryContext) -> ast.SelectQuery:
    """Return the select of `actor_id`; without a day those of any, without a status those of all. Raises QueryError."""
    query = cast(LifecycleQuery, asked.source)
    if asked.status is not None and asked.status not in get_args(LifecycleStatus):
        raise QueryError(f"A lifecycle status is one of {', '.join(STATUSES)}, not '{asked.status}'.", attr="status")
    places = [place for place, status in enumerate(STATUSES) if asked.status in (None, status)]
    if asked.day is None:
        condition = parse_expr("arrayExists(code -> has({places}, code % 4), codes)", {"places": constant(places)})
    else:
        dates = read_dates(query, context)
        moment = parse_moment(str(asked.day), context.timezone, context.now).at
        position = count_from(dates).number_of(start_of(moment, dates.interval, dates.week_start_day))
        codes = [len(STATUSES) * position + place for place in places]
        condition = parse_expr("hasAny(codes, {wanted})", {"wanted": constant(codes)})
    return fill_select(_ACTORS, codes=select_codes(query, context), has_status=condition)


def actors_group_index(asked: InsightActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    return cast(LifecycleQuery, asked.source).aggregation_group_type_index
