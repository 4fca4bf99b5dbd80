"""Paths before, between or after the steps of a funnel: whose events count, and between which moments.

Everybody who did the step counts, or with a negative step who left before it, as in a funnel's actors.
"""

from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import alias, all_of, compare, constant, field, from_select
from insights_mcp.local.queries.funnels.actors import make_public, match_actors, open_funnel
from insights_mcp.local.queries.funnels.arrays import item, plus
from insights_mcp.local.queries.funnels.conversions import DONE_AT
from insights_mcp.local.queries.funnels.histories import ACTOR, actor_of
from insights_mcp.local.queries.funnels.question import Funnel
from insights_mcp.local.queries.funnels.reached import select_reached
from insights_mcp.schema.correlation import FunnelsActorsQuery
from insights_mcp.schema.paths import FunnelPathsFilter, FunnelPathType

# The column of events that says who acts in the funnel.
KEY = "funnel_actor"
_SINCE = "since"
_UNTIL = "until"


@dataclass(frozen=True)
class FunnelPart:
    """Events of a funnel's actors before, between or after its steps."""

    type: FunnelPathType
    asked: FunnelsActorsQuery
    funnel: Funnel

    @property
    def step(self) -> int:
        """The step, counted from 1, that was done last: the one asked for, or the one before the drop-off."""
        step = self.asked.funnelStep or 0
        return step if step > 0 else -step - 1

    @property
    def key(self) -> ast.Expr:
        """Who acts in the funnel, of an event."""
        return actor_of(self.funnel)

    def join(self, events: ast.SelectQuery) -> ast.JoinExpr:
        """Return events, which have KEY, joined with the actors of the funnel. May run a query."""
        same = compare(field("visits", KEY), "==", field("actors", ACTOR))
        actors = ast.JoinExpr(
            table=self._select_actors(),
            alias="actors",
            join_type="INNER JOIN",
            constraint=ast.JoinConstraint(expr=same, constraint_type="ON"),
        )
        return ast.JoinExpr(table=events, alias="visits", next_join=actors)

    def match(self, moment: ast.Expr) -> ast.Expr:
        """Return the condition, in that join, that an event is in the part. Moments are microseconds since 1970."""
        since = compare(moment, ">=", field("actors", _SINCE))
        until = compare(moment, "<=", field("actors", _UNTIL))
        if self.type == "funnel_path_after_step":
            return since
        return until if self.type == "funnel_path_before_step" else all_of([since, until])

    def _select_actors(self) -> ast.SelectQuery:
        since, until = self._moment_of(self.step), self._moment_of(self.step)
        if self.type == "funnel_path_between_steps":
            since = self._moment_of(self.step - 1)
        elif (self.asked.funnelStep or 0) < 0:
            # who left has left when the conversion window is over
            since = plus(since, constant(self.funnel.window))
        return make_public(
            ast.SelectQuery(
                select=[alias(ACTOR, field(ACTOR)), alias(_SINCE, since), alias(_UNTIL, until)],
                select_from=from_select(select_reached(self.funnel)),
                where=match_actors(self.asked, self.funnel),
            )
        )

    def _moment_of(self, step: int) -> ast.Expr:
        """Return when a step was done; of an optional one, when the last required step before it was."""
        required = sum(one not in self.funnel.optional for one in range(1, step + 1))
        return plus(item(field(DONE_AT), required), constant(self.funnel.origin))


def read_funnel_part(asked: FunnelPathsFilter, context: QueryContext) -> FunnelPart:
    """Return the part of a funnel that is asked for. Raises QueryError.

    How the funnel is shown and broken down plays no part: its actors count once.
    """
    if asked.funnelPathType is None:
        raise QueryError(
            "Say with funnelPathType whether paths are before, between or after steps of the funnel.",
            attr="funnelPathsFilter.funnelPathType",
        )
    settings = asked.funnelSource.funnelsFilter.model_copy(update={"funnelVizType": "steps"})
    source = asked.funnelSource.model_copy(update={"funnelsFilter": settings, "breakdownFilter": None})
    actors = FunnelsActorsQuery(source=source, funnelStep=asked.funnelStep)
    part = FunnelPart(asked.funnelPathType, actors, open_funnel(actors, context))
    match_actors(actors, part.funnel)
    if asked.funnelPathType == "funnel_path_between_steps" and part.step == 1:
        raise QueryError("There is no step before the first one.", attr="funnelPathsFilter.funnelStep")
    return part
