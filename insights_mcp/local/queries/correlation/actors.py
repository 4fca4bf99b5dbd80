"""Who is behind one row of a correlation (facts/queries.md 1.8, 1.9)."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.correlation.candidates import join_events, match_events
from insights_mcp.local.queries.correlation.question import ACTORS, IS_SUCCESS, Correlation
from insights_mcp.local.queries.expressions import TRUE, alias, all_of, call, compare, constant, field, from_select
from insights_mcp.local.queries.filters import match_filters
from insights_mcp.local.queries.funnels.actors import make_public
from insights_mcp.local.queries.funnels.histories import ACTOR
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelCorrelationQuery
from insights_mcp.schema.entities import EventsNode
from insights_mcp.schema.filters import PropertyFilterGroup


def select_actors(asked: FunnelCorrelationActorsQuery, context: QueryContext) -> ast.AnySelect:
    """Return who had an event, or has some properties, each once, as `actor_id`. Raises QueryError."""
    if asked.source.funnelCorrelationType == "properties":
        return make_public(_select_with_properties(asked, context))
    return make_public(_select_with_event(asked, context))


def actors_group_index(asked: FunnelCorrelationActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    return asked.source.source.source.aggregation_group_type_index


def _select_with_event(asked: FunnelCorrelationActorsQuery, context: QueryContext) -> ast.SelectQuery:
    entity = asked.funnelCorrelationPersonEntity
    if not isinstance(entity, EventsNode):
        raise QueryError("No entity for persons specified", attr="funnelCorrelationPersonEntity")
    correlation = Correlation(asked.source, context)
    name = correlation.of_event(field("event"))
    conditions = [
        match_events(correlation),
        TRUE if entity.event is None else compare(name, "==", constant(entity.event)),
        correlation.of_event(match_filters(entity.properties, context)),
        _match_outcome(asked, field(ACTORS, IS_SUCCESS)),
    ]
    actor = field(ACTORS, ACTOR)
    return ast.SelectQuery(
        select=[alias("actor_id", actor)],
        select_from=join_events(correlation),
        where=all_of(conditions),
        group_by=[actor],
    )


def _select_with_properties(asked: FunnelCorrelationActorsQuery, context: QueryContext) -> ast.SelectQuery:
    """Return those of the funnel's actors whose events pass the properties: they are persons', or groups', own."""
    if not asked.funnelCorrelationPropertyValues:
        raise QueryError(
            "Property Correlation expects atleast one Property to get persons for",
            attr="funnelCorrelationPropertyValues",
        )
    correlation = Correlation(_narrow(asked), context)
    return ast.SelectQuery(
        select=[alias("actor_id", field(ACTOR))],
        select_from=from_select(correlation.select_actors()),
        where=_match_outcome(asked, field(IS_SUCCESS)),
        group_by=[field(ACTOR)],
    )


def _narrow(asked: FunnelCorrelationActorsQuery) -> FunnelCorrelationQuery:
    """Return the correlation with the properties among the filters of its funnel."""
    funnel = asked.source.source.source
    wanted = PropertyFilterGroup(type="AND", values=list(asked.funnelCorrelationPropertyValues or ()))
    if isinstance(funnel.properties, list):
        narrowed = funnel.model_copy(update={"properties": [*funnel.properties, *wanted.values]})
    else:
        given = PropertyFilterGroup(type=funnel.properties.type, values=list(funnel.properties.values))
        both = PropertyFilterGroup(type="AND", values=[given, wanted])
        narrowed = funnel.model_copy(update={"properties": both})
    actors = asked.source.source.model_copy(update={"source": narrowed})
    return asked.source.model_copy(update={"source": actors})


def _match_outcome(asked: FunnelCorrelationActorsQuery, is_success: ast.Expr) -> ast.Expr:
    wanted = asked.funnelCorrelationPersonConverted
    return TRUE if wanted is None else is_success if wanted else call("not", is_success)
