"""What a series counts: events, actions and groups of them, as conditions (facts/queries.md 1.0, Entities)."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import Action, ActionStep, QueryContext, QueryError
from insights_mcp.local.queries.expressions import TRUE, all_of, any_of, call, compare, constant, field
from insights_mcp.local.queries.filters import match_filters, match_saved_filters
from insights_mcp.local.queries.selectors import match_selector, match_tag
from insights_mcp.schema.entities import ActionsNode, EventsNode, GroupNode, Series

AUTOCAPTURE = "$autocapture"
ALL_EVENTS = "All events"
_MISSING_ACTION = "Unnamed action"


def find_action(action_id: int, context: QueryContext) -> Action | None:
    """Return the project's action of this number."""
    return context.definitions.action(context.team.id, action_id)


def require_action(action_id: int, context: QueryContext) -> Action:
    """Return the action. Raises QueryError when the project has none of this number."""
    action = find_action(action_id, context)
    if action is None:
        raise QueryError(f"Action ID {action_id} does not exist!")
    return action


def match_entity(entity: Series, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is the entity and has its properties. Raises QueryError."""
    return all_of(
        [
            match_name(entity, context),
            match_filters(entity.properties, context),
            match_filters(entity.fixedProperties, context),
        ]
    )


def match_name(entity: Series, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is the entity, whatever its properties. Raises QueryError."""
    if isinstance(entity, EventsNode):
        return TRUE if entity.event is None else compare(field("event"), "==", constant(entity.event))
    if isinstance(entity, ActionsNode):
        return match_action(require_action(entity.id, context), context)
    if isinstance(entity, GroupNode):
        return _match_group(entity, context)
    raise QueryError("Data warehouse series are not supported by the local backend.")


def match_any_name(series: Sequence[Series], context: QueryContext) -> ast.Expr:
    """Return the condition that an event is one of the entities, whatever their properties. Raises QueryError.

    An action that does not exist is no event; without any other entity every event will do.
    """
    nodes = [node for entity in series for node in (entity.nodes if isinstance(entity, GroupNode) else [entity])]
    there = [one for one in nodes if not isinstance(one, ActionsNode) or find_action(one.id, context) is not None]
    return any_of(match_name(one, context) for one in there)


def name_entity(entity: Series, context: QueryContext) -> str | None:
    """Return what an entity is called in results: its event or its action's name, None for all events."""
    if isinstance(entity, EventsNode):
        return entity.event
    if isinstance(entity, ActionsNode):
        return require_action(entity.id, context).name
    if isinstance(entity, GroupNode):
        return ", ".join(_name_node(node, context) for node in entity.nodes)
    raise QueryError("Data warehouse series are not supported by the local backend.")


def name_afresh(entity: Series, name: str | None) -> str | None:
    """Return what people call an entity that is called `name`: None unless they gave it a name of its own."""
    if entity.custom_name:
        return entity.custom_name
    return entity.name if entity.name and entity.name != (name or ALL_EVENTS) else None


def match_action(action: Action, context: QueryContext) -> ast.Expr:
    """Return the condition that an event is the action: any of its steps, everything without steps."""
    return any_of(_match_step(step, context) for step in action.steps)


def _name_node(node: Series, context: QueryContext) -> str:
    if isinstance(node, ActionsNode) and find_action(node.id, context) is None:
        return _MISSING_ACTION
    return name_entity(node, context) or ALL_EVENTS


def _match_group(group: GroupNode, context: QueryContext) -> ast.Expr:
    """Join the nodes by OR. Names alone become one IN, which the primary key answers."""
    names = [node.event for node in group.nodes if isinstance(node, EventsNode) and not node.properties]
    if names and len(names) == len(group.nodes) and all(name is not None for name in names):
        return compare(field("event"), "in", ast.Tuple(exprs=[constant(name) for name in names]))
    return any_of(match_entity(node, context) for node in group.nodes)


def _match_step(step: ActionStep, context: QueryContext) -> ast.Expr:
    conditions: list[ast.Expr] = []
    if step.event:
        conditions.append(compare(field("event"), "==", constant(step.event)))
    if step.event == AUTOCAPTURE:
        conditions += _match_element(step)
    if step.url:
        conditions.append(_match_text(field("properties", "$current_url"), step.url, step.url_matching or "contains"))
    conditions.append(match_saved_filters(step.properties, context))
    return all_of(conditions)


def _match_element(step: ActionStep) -> list[ast.Expr]:
    conditions = []
    if step.selector:
        conditions.append(match_selector(step.selector))
    if step.tag_name is not None:
        conditions.append(match_tag(step.tag_name))
    if step.href is not None:
        href = field("elements_chain_href")
        conditions.append(_match_text(href, step.href, step.href_matching or "exact", ignore_case=True))
    if step.text is not None:
        condition = _match_text(field("x"), step.text, step.text_matching or "exact", ignore_case=True)
        conditions.append(call("arrayExists", ast.Lambda(args=["x"], expr=condition), field("elements_chain_texts")))
    return conditions


def _match_text(left: ast.Expr, text: str, matching: str, *, ignore_case: bool = False) -> ast.Expr:
    if matching == "regex":
        return compare(left, "=~", constant(text))
    if matching == "contains":
        return compare(left, "ilike" if ignore_case else "like", constant(f"%{text}%"))
    return compare(left, "==", constant(text))
