"""Which events are which steps and exclusions, as one number per event (facts/queries.md 1.3, Event query)."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.entities import match_entity, match_name
from insights_mcp.local.queries.expressions import alias, all_of, any_of, call, compare, constant, field, from_table
from insights_mcp.local.queries.filters import match_filters
from insights_mcp.local.queries.funnels.arrays import ZERO, choose, plus
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.schema.entities import Exclusion, GroupNode, Series

_FIRST_TIMES = ("first_time_for_user", "first_time_for_user_with_filters")


def mask_of(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return the number whose bits say which steps and exclusions an event is. Raises QueryError."""
    flags = [(layout.step_bit(index), match_step(funnel, step)) for index, step in enumerate(funnel.series, 1)]
    for step in sorted(funnel.excluded_before):
        standing = [one for one in funnel.exclusions if one.funnelFromStep + 2 <= step <= one.funnelToStep + 1]
        flags.append((layout.exclusion_bit(step), any_of(match_step(funnel, one) for one in standing)))
    parts = [choose(condition, constant(1 << bit), ZERO) for bit, condition in flags]
    mask = parts[0]
    for part in parts[1:]:
        mask = plus(mask, part)
    return mask


def match_step(funnel: Funnel, entity: Series | Exclusion) -> ast.Expr:
    """Return the condition that an event is the step, or an excluded one. Raises QueryError."""
    if isinstance(entity, GroupNode) and any(node.math in _FIRST_TIMES for node in entity.nodes):
        is_any = any_of(match_step(funnel, node) for node in entity.nodes)
        condition = all_of([is_any, match_filters(entity.properties, funnel.context)])
    else:
        condition = match_entity(entity, funnel.context)
    if entity.math not in _FIRST_TIMES:
        return condition
    firsts = _select_first_events(funnel, entity)
    return all_of([condition, ast.CompareOperation(left=field("uuid"), op="global in", right=firsts)])


def match_any_name(funnel: Funnel) -> ast.Expr | None:
    """Return the condition that an event has the name of a step or an exclusion, None when it may have any."""
    names: set[str] = set()
    for entity in (*funnel.series, *funnel.exclusions):
        found = funnel.names_of(entity)
        if found is None:
            return None
        names |= found
    return compare(field("event"), "in", ast.Tuple(exprs=[constant(name) for name in sorted(names)]))


def _select_first_events(funnel: Funnel, entity: Series | Exclusion) -> ast.SelectQuery:
    """Return each person's first event of all history that is the entity; its filters count only when asked for."""
    is_filtered = entity.math == "first_time_for_user_with_filters"
    is_entity = (match_entity if is_filtered else match_name)(entity, funnel.context)
    until = compare(field("timestamp"), "<=", constant(funnel.run.dates.date_to))
    return ast.SelectQuery(
        select=[alias("first_event", call("argMin", field("uuid"), field("timestamp")))],
        select_from=from_table("events", sample=funnel.sample),
        where=all_of([until, is_entity]),
        group_by=[field("person_id")],
    )
