"""One run of a retention query with everything its SQL is made of: who acts, what starts and what continues."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import ALL_USERS, BreakdownItem, raw_value
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.entities import match_entity, match_name, require_action
from insights_mcp.local.queries.expressions import TRUE, all_of, any_of, call, compare, constant, field
from insights_mcp.local.queries.filters import in_cohort
from insights_mcp.local.queries.insight_events import (
    actor_field,
    match_actor,
    match_query,
    match_weekdays,
    over_events,
)
from insights_mcp.local.queries.retention.grid import Grid
from insights_mcp.schema.entities import ActionsNode, EventsNode
from insights_mcp.schema.retention import RetentionEntity, RetentionFilter, RetentionQuery


@dataclass(frozen=True)
class Question:
    """A run: all actors, or those of one cohort; broken down by one thing, or not."""

    query: RetentionQuery
    grid: Grid
    item: BreakdownItem | None
    cohort: int | str | None
    context: QueryContext

    @property
    def asked(self) -> RetentionFilter:
        """What retention asks beside the fields of all insights."""
        return self.query.retentionFilter

    @property
    def actor(self) -> ast.Field:
        """Who comes back."""
        return actor_field(self.query.aggregation_group_type_index)

    @property
    def is_windowed(self) -> bool:
        """Whether time is counted from an actor's first start instead of by the calendar."""
        return self.asked.timeWindowMode == "24_hour_windows"

    @property
    def is_first_ever(self) -> bool:
        """Whether only an actor's first event of that name starts, and only when it passes the filters."""
        return self.asked.retentionType == "retention_first_ever_occurrence"

    @property
    def is_first_time(self) -> bool:
        """Whether an actor starts once: with the first event of all history, not in every interval."""
        return self.is_first_ever or self.asked.retentionType == "retention_first_time"

    @property
    def is_same_entity(self) -> bool:
        """Whether what continues is what started."""
        start, back = read_entity(self.asked.targetEntity), read_entity(self.asked.returningEntity)
        return start == back

    @cached_property
    def is_start(self) -> ast.Expr:
        """The condition that an event starts. Raises QueryError."""
        return match_entity(read_entity(self.asked.targetEntity), self.context)

    @cached_property
    def is_named_start(self) -> ast.Expr:
        """The condition that an event would start, but for the filters of the entity. Raises QueryError."""
        return match_name(read_entity(self.asked.targetEntity), self.context)

    @cached_property
    def is_return(self) -> ast.Expr:
        """The condition that an event continues. Raises QueryError."""
        return match_entity(read_entity(self.asked.returningEntity), self.context)

    @property
    def in_range(self) -> ast.Expr:
        """The condition that an event is inside the table's dates."""
        return self.has_range(field("timestamp"))

    def has_range(self, moment: ast.Expr) -> ast.Expr:
        """Return the condition that a moment is inside the table's dates."""
        return all_of(
            [
                compare(moment, ">=", constant(self.grid.first)),
                compare(moment, "<", constant(self.grid.end)),
            ]
        )

    @property
    def anchor(self) -> ast.Expr:
        """The moment of an actor's first start, 1970 without one."""
        return call("minIf", field("timestamp"), self.is_start)

    @property
    def has_anchor(self) -> ast.Expr:
        """The condition on an actor that the first start counts: the first ever must pass the entity's filters."""
        if not self.is_first_ever:
            return TRUE
        return compare(self.anchor, "==", call("minIf", field("timestamp"), self.is_named_start))

    @cached_property
    def value(self) -> ast.Expr | None:
        """The breakdown value of an event as text, None without a breakdown; '' where an event has none."""
        if self.item is None:
            return None
        return call("ifNull", call("toString", raw_value(self.item, self.context)), constant(""))

    @property
    def first_value(self) -> ast.Expr | None:
        """The breakdown value of an actor's first event that bears the name of the start."""
        return None if self.value is None else call("argMinIf", self.value, field("timestamp"), self.is_named_start)

    def over_events(self, select: ast.SelectQuery, *, bounds_returns: bool = True) -> ast.SelectQuery:
        """Return a SELECT over the events that matter; first times look at the starts of all history."""
        is_start = self.is_named_start if self.is_first_ever else self.is_start
        if not self.is_first_time:
            conditions = [self.in_range, self._match_names(), self._any(is_start, self.is_return)]
        elif bounds_returns:
            before_end = compare(field("timestamp"), "<", constant(self.grid.end))
            since = compare(field("timestamp"), ">=", constant(self.grid.first))
            conditions = [before_end, self._match_names(), self._any(is_start, all_of([self.is_return, since]))]
        else:
            conditions = [self._match_names(), self._any(is_start, self.is_return)]
        return over_events(select, self.query, [*conditions, *self._filters()])

    def _filters(self) -> Sequence[ast.Expr]:
        return [
            match_query(self.query, self.context),
            match_weekdays(self.query.dateRange.daysOfWeek or ()),
            match_actor(self.query.aggregation_group_type_index),
            self._match_cohort(),
        ]

    def _match_cohort(self) -> ast.Expr:
        """Return the condition on the members of the run's cohort; by windows upstream counts everybody for each."""
        if self.cohort is None or self.cohort == ALL_USERS:
            return TRUE
        members = in_cohort(self.cohort, self.context)  # asked in any case: a cohort that does not exist is refused
        return TRUE if self.is_windowed else members

    def _any(self, first: ast.Expr, second: ast.Expr) -> ast.Expr:
        return TRUE if TRUE in (first, second) else first if first == second else any_of([first, second])

    def _match_names(self) -> ast.Expr:
        """Return the condition on names alone: beside the whole one it is what the primary key can answer."""
        entities = [read_entity(self.asked.targetEntity), read_entity(self.asked.returningEntity)]
        names = [name for entity in entities for name in _names_of(entity, self.context)]
        if None in names or not any(entity.properties or isinstance(entity, ActionsNode) for entity in entities):
            return TRUE
        options = [constant(name) for name in dict.fromkeys(names)]
        return compare(field("event"), "in", ast.Tuple(exprs=options))


def read_entity(entity: RetentionEntity) -> EventsNode | ActionsNode:
    """Return what starts or continues as a series entry. Raises QueryError."""
    if entity.type not in (None, "events", "actions"):
        raise QueryError(f"Retention of '{entity.type}' is not supported by the local backend.", code="not_supported")
    if entity.id is None:
        return EventsNode(event=None, properties=entity.properties)
    if entity.type == "actions":
        if not str(entity.id).removesuffix(".0").isdecimal():
            raise QueryError(f"Action ID {entity.id} does not exist!")
        return ActionsNode(id=int(float(entity.id)), properties=entity.properties)
    return EventsNode(event=str(entity.id), properties=entity.properties)


def _names_of(entity: EventsNode | ActionsNode, context: QueryContext) -> Sequence[str | None]:
    if isinstance(entity, EventsNode):
        return [entity.event]
    return [step.event for step in require_action(entity.id, context).steps] or [None]
