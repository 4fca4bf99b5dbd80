"""What is counted for each actor of a funnel: events between its first and last step, their properties, its own.

Every function answers a SELECT of `name`, `success_count` and `failure_count` over the actors of the funnel.
"""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.correlation.question import ACTORS, IS_SUCCESS, SINCE, UNTIL, Correlation
from insights_mcp.local.queries.expressions import alias, all_of, call, compare, constant, field, from_select
from insights_mcp.local.queries.funnels.histories import ACTOR, actor_of
from insights_mcp.schema.correlation import FunnelCorrelationQuery

AUTOCAPTURE = "$autocapture"
ELEMENTS_CHAIN = "elements_chain"
# Between the kind of a click and the elements that were clicked.
ELEMENTS_DIVIDER = "__~~__"
ALL_PROPERTIES = "$all"
SEPARATOR = "::"
# Properties of events with fewer hits are noise.
_FEW_HITS = 2


def select_candidates(correlation: Correlation) -> ast.SelectQuery:
    """Return the counts of a correlation. Raises QueryError."""
    kind = correlation.query.funnelCorrelationType
    if kind == "properties":
        return _select_properties(correlation)
    if kind == "event_with_properties":
        return _select_event_properties(correlation)
    return _select_events(correlation)


def looks_at_elements(query: FunnelCorrelationQuery) -> bool:
    """Return whether clicked elements take the place of the events' properties."""
    is_of_properties = query.funnelCorrelationType == "event_with_properties"
    return is_of_properties and AUTOCAPTURE in (query.funnelCorrelationEventNames or [])


def join_events(correlation: Correlation) -> ast.JoinExpr:
    """Return the events joined with the funnel's actors."""
    same = ast.CompareOperation(
        left=correlation.of_event(actor_of(correlation.funnel)), op="==", right=_of_actor(ACTOR)
    )
    return ast.JoinExpr(
        table=field("events"),
        alias=correlation.events_name,
        next_join=ast.JoinExpr(
            table=correlation.select_actors(),
            alias=ACTORS,
            join_type="INNER JOIN",
            constraint=ast.JoinConstraint(expr=same, constraint_type="ON"),
        ),
    )


def match_events(correlation: Correlation) -> ast.Expr:
    """Return the condition that an event counts: inside the actor's time in the funnel, and no step of it."""
    moment, dates = correlation.of_event(field("timestamp")), correlation.funnel.run.dates
    micros = call("minus", call("toUnixTimestamp64Micro", moment), constant(correlation.funnel.origin))
    steps = correlation.step_names
    return all_of(
        [
            compare(moment, ">=", constant(dates.date_from.replace(microsecond=0))),
            # the last second of the range does not count, as upstream
            compare(moment, "<", constant(dates.date_to.replace(microsecond=0))),
            call("_greaterOrEquals", micros, _of_actor(SINCE)),
            call("_less", micros, _of_actor(UNTIL)),
            compare(correlation.of_event(field("event")), "not in", _list(steps)) if steps else constant(True),
        ]
    )


def _select_events(correlation: Correlation) -> ast.SelectQuery:
    name = correlation.of_event(field("event"))
    excluded = correlation.query.funnelCorrelationExcludeEventNames or []
    conditions = [match_events(correlation)]
    if excluded:
        conditions.append(compare(name, "not in", _list(excluded)))
    return ast.SelectQuery(
        select=[alias("name", name), *_counts(_of_actor(ACTOR), _of_actor(IS_SUCCESS))],
        select_from=join_events(correlation),
        where=all_of(conditions),
        group_by=[name],
    )


def _select_event_properties(correlation: Correlation) -> ast.SelectQuery:
    query = correlation.query
    names = query.funnelCorrelationEventNames
    if not names:
        raise QueryError(
            "Event Property Correlation expects atleast one event name to run correlation on",
            attr="funnelCorrelationEventNames",
        )
    event = correlation.of_event(field("event"))
    rows = ast.SelectQuery(
        select=[
            alias("who", _of_actor(ACTOR)),
            alias("did_convert", _of_actor(IS_SUCCESS)),
            alias("event_name", event),
            alias("property", _event_property(correlation)),
        ],
        select_from=join_events(correlation),
        where=all_of([match_events(correlation), compare(event, "in", _list(names))]),
    )
    key, value = _part(1), _part(2)
    counts = _counts(field("who"), field("did_convert"))
    hits = call("plus", *(one.expr for one in counts))
    conditions = [compare(hits, ">", constant(_FEW_HITS))]
    excluded = query.funnelCorrelationEventExcludePropertyNames
    return ast.SelectQuery(
        select=[alias("name", _joined([field("event_name"), key, value])), *counts],
        select_from=from_select(rows),
        where=compare(key, "not in", _list(excluded)) if excluded else None,
        group_by=[field("event_name"), field("property")],
        having=all_of(conditions),
    )


def _event_property(correlation: Correlation) -> ast.Expr:
    """Return the pairs of key and value of an event's properties, one row each; of clicks the elements."""
    if not looks_at_elements(correlation.query):
        return _pairs(correlation.of_event(field("properties")))
    kind = call("ifNull", correlation.of_event(field("properties", "$event_type")), constant(""))
    chain = call("concat", kind, constant(ELEMENTS_DIVIDER), correlation.of_event(field(ELEMENTS_CHAIN)))
    return ast.Tuple(exprs=[constant(ELEMENTS_CHAIN), chain])


def _select_properties(correlation: Correlation) -> ast.SelectQuery:
    """Count the current properties of the persons, or groups, themselves."""
    names = correlation.query.funnelCorrelationNames
    if not names:
        raise QueryError(
            "Property Correlation expects atleast one Property to run correlation on", attr="funnelCorrelationNames"
        )
    document = field("owner", "properties")
    if ALL_PROPERTIES in names:
        pairs = _pairs(document)
    else:
        values = [call("JSONExtractString", document, constant(name)) for name in names]
        pairs = call("arrayJoin", call("arrayZip", _list(names, is_array=True), ast.Array(exprs=values)))
    rows = ast.SelectQuery(
        select=[
            alias("who", _of_actor(ACTOR)),
            alias("did_convert", _of_actor(IS_SUCCESS)),
            alias("property", pairs),
        ],
        select_from=_join_owners(correlation),
    )
    excluded = correlation.query.funnelCorrelationExcludeNames
    return ast.SelectQuery(
        select=[alias("name", _joined([_part(1), _part(2)])), *_counts(field("who"), field("did_convert"))],
        select_from=from_select(rows),
        where=compare(_part(1), "not in", _list(excluded)) if excluded else None,
        group_by=[field("property")],
    )


def _join_owners(correlation: Correlation) -> ast.JoinExpr:
    index = correlation.funnel.query.aggregation_group_type_index
    if index is None:
        columns, table, where = ["id", "properties"], "persons", None
    else:
        columns, table = ["key", "properties"], "groups"
        where = compare(field("index"), "==", constant(index))
    owners = ast.SelectQuery(
        select=[alias(one, field(one)) for one in columns],
        select_from=ast.JoinExpr(table=field(table)),
        where=where,
    )
    same = compare(_of_actor(ACTOR), "==", field("owner", columns[0]))
    return ast.JoinExpr(
        table=correlation.select_actors(),
        alias=ACTORS,
        next_join=ast.JoinExpr(
            table=owners,
            alias="owner",
            join_type="INNER JOIN" if index is None else "LEFT JOIN",
            constraint=ast.JoinConstraint(expr=same, constraint_type="ON"),
        ),
    )


def _pairs(document: ast.Expr) -> ast.Expr:
    return call("arrayJoin", call("JSONExtractKeysAndValues", document, constant("String")))


def _counts(actor: ast.Expr, is_success: ast.Expr) -> list[ast.Alias]:
    return [
        alias("success_count", call("countDistinctIf", actor, is_success)),
        alias("failure_count", call("countDistinctIf", actor, call("not", is_success))),
    ]


def _joined(parts: Sequence[ast.Expr]) -> ast.Expr:
    separated = [part for one in parts for part in (constant(SEPARATOR), one)][1:]
    return call("concat", *separated)


def _part(index: int) -> ast.Expr:
    return ast.TupleAccess(tuple=field("property"), index=index)


def _of_actor(name: str) -> ast.Field:
    return field(ACTORS, name)


def _list(values: Sequence[str], *, is_array: bool = False) -> ast.Expr:
    exprs = [constant(one) for one in values]
    return ast.Array(exprs=exprs) if is_array else ast.Tuple(exprs=exprs)
