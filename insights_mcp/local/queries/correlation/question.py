"""What a correlation asks: the funnel, its actors, and how long each of them was in it."""

from dataclasses import dataclass, replace
from functools import cached_property

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.visitor import transform
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.entities import require_action
from insights_mcp.local.queries.expressions import alias, call, constant, field, from_select
from insights_mcp.local.queries.funnels.actors import match_actors, open_funnel
from insights_mcp.local.queries.funnels.arrays import choose, is_set, minus, plus, times
from insights_mcp.local.queries.funnels.conversions import DONE, FINAL_TIME, FIRST_TIME
from insights_mcp.local.queries.funnels.histories import ACTOR
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.reached import select_reached
from insights_mcp.schema.correlation import FunnelCorrelationQuery, FunnelsActorsQuery
from insights_mcp.schema.entities import ActionsNode, EventsNode, GroupNode, Series

# The funnel's actors in a join.
ACTORS = "actors"
IS_SUCCESS = "is_success"
# When events begin to count for an actor, and when no more.
SINCE = "since"
UNTIL = "until"
_EVENTS = "event_rows"
_MICROS = 1_000_000


@dataclass(frozen=True)
class Correlation:
    """A correlation, ready to be put into SQL."""

    query: FunnelCorrelationQuery
    context: QueryContext

    @property
    def asked(self) -> FunnelsActorsQuery:
        """The actors to compare: all who entered, when nothing else is said."""
        source = self.query.source
        return source if source.funnelStep is not None else source.model_copy(update={"funnelStep": 1})

    @cached_property
    def funnel(self) -> Funnel:
        """The funnel they are of. Raises QueryError."""
        return open_funnel(self.asked, self.context)

    @property
    def events_name(self) -> str:
        """What the events are called in a join."""
        return _EVENTS

    def of_event(self, expr: ast.Expr) -> ast.Expr:
        """Return an expression over an event with its fields named in full, for use in a join."""
        return _name_in_full(expr, frozenset())

    @cached_property
    def step_names(self) -> list[str]:
        """The names of events that are steps."""
        return sorted({name for step in self.funnel.series for name in self._names(step)})

    def _names(self, step: Series) -> list[str]:
        if isinstance(step, EventsNode):
            return [step.event] if step.event else []
        if isinstance(step, ActionsNode):
            return [one.event for one in require_action(step.id, self.context).steps if one.event]
        return [name for node in step.nodes for name in self._names(node)] if isinstance(step, GroupNode) else []

    def select_actors(self) -> ast.SelectQuery:
        """Return ACTOR, IS_SUCCESS, SINCE and UNTIL of the actors. Runs a query.

        Events count by the second they are in: from the second after the first step's, and to the one of the end.
        """
        funnel = self.funnel
        end = choose(is_set(field(FINAL_TIME)), field(FINAL_TIME), self._window_end())
        return ast.SelectQuery(
            select=[
                alias(ACTOR, field(ACTOR)),
                alias(IS_SUCCESS, call("bitTest", field(DONE), constant(funnel.size - 1))),
                alias(SINCE, _second(plus(field(FIRST_TIME), constant(_MICROS - 1)))),
                alias(UNTIL, _second(plus(end, constant(_MICROS - 2)))),
            ],
            select_from=from_select(select_reached(funnel)),
            where=match_actors(self.asked, funnel),
        )

    def _window_end(self) -> ast.Expr:
        """Return when an actor's window ends; months are those of the calendar here, as upstream."""
        funnel = self.funnel
        if funnel.filter.funnelWindowIntervalUnit != "month":
            return plus(field(FIRST_TIME), constant(funnel.window))
        first = call("fromUnixTimestamp64Micro", plus(field(FIRST_TIME), constant(funnel.origin)), constant("UTC"))
        end = call("toUnixTimestamp64Micro", call("addMonths", first, constant(funnel.window_count)))
        return minus(end, constant(funnel.origin))


def _second(moment: ast.Expr) -> ast.Expr:
    """Return the start of the second that a moment is in, both counted from a funnel's origin."""
    # the origin is a microsecond before a whole second
    return plus(times(call("intDiv", moment, constant(_MICROS)), constant(_MICROS)), constant(1))


def _name_in_full(expr: ast.Expr, bound: frozenset[str]) -> ast.Expr:
    """Return an expression with its fields named in full, but for the names that lambdas bind."""

    def change(node: ast.Node) -> ast.Node | None:
        if isinstance(node, ast.Lambda):
            return replace(node, expr=_name_in_full(node.expr, bound | frozenset(node.args)))
        if isinstance(node, ast.Field) and str(node.chain[0]) not in bound:
            return replace(node, chain=(_EVENTS, *node.chain))
        return None

    named = transform(expr, change)
    if not isinstance(named, ast.Expr):
        raise TypeError("an expression stays an expression")
    return named
