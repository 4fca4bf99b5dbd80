"""One run with everything its SQL is made of: conditions, keys, source."""

from dataclasses import dataclass
from functools import cached_property

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import ALL_USERS, Breakdown, raw_value, text_value
from insights_mcp.local.queries.buckets import bucket_expr
from insights_mcp.local.queries.context import QueryContext
from insights_mcp.local.queries.dates import QueryDates
from insights_mcp.local.queries.entities import match_name
from insights_mcp.local.queries.expressions import TRUE, alias, all_of, call, compare, constant, field, from_table
from insights_mcp.local.queries.filters import in_cohort, match_filters, match_test_accounts
from insights_mcp.local.queries.trends.displays import is_cumulative, is_total_value
from insights_mcp.local.queries.trends.maths import effective_math, group_index
from insights_mcp.local.queries.trends.runs import Run, exists
from insights_mcp.schema.entities import EventsNode, GroupNode, Series
from insights_mcp.schema.trends import TrendsQuery

# Column names of the grouped rows.
TOTAL = "total"
BUCKET = "bucket"


@dataclass(frozen=True)
class Question:
    """A run of a trends query, ready to be put into SQL."""

    query: TrendsQuery
    run: Run
    breakdown: Breakdown | None
    context: QueryContext

    @property
    def entity(self) -> Series:
        """The series."""
        return self.run.entity

    @property
    def dates(self) -> QueryDates:
        """The dates of this run's period."""
        return self.run.dates

    @cached_property
    def math(self) -> str:
        """The math to compute."""
        return effective_math(self.entity, self.query.interval)

    @property
    def is_total_value(self) -> bool:
        """Whether one number is asked for instead of a time series."""
        return is_total_value(self.query)

    @property
    def is_cumulative(self) -> bool:
        """Whether points add up."""
        return is_cumulative(self.query)

    @property
    def breakdown_names(self) -> list[str]:
        """The names of the columns that hold breakdown values, one per item."""
        items = self.breakdown.items if self.breakdown else ()
        return [f"value_{index + 1}" for index in range(len(items))]

    @property
    def breakdown_columns(self) -> list[ast.Alias]:
        """The breakdown values of an event; the plain number where bins are to be cut."""
        items = self.breakdown.items if self.breakdown else ()
        return [
            alias(
                name,
                text_value(item, self.context) if item.bins is None else call("toFloat", raw_value(item, self.context)),
            )
            for name, item in zip(self.breakdown_names, items, strict=True)
        ]

    @property
    def bucket_columns(self) -> list[ast.Alias]:
        """The interval of an event; none when one number is asked for."""
        return [] if self.is_total_value else [alias(BUCKET, bucket_expr(self.dates.interval))]

    @property
    def key_names(self) -> list[str]:
        """The names of all columns that rows are grouped by."""
        return [*([] if self.is_total_value else [BUCKET]), *self.breakdown_names]

    @property
    def events(self) -> ast.JoinExpr:
        """FROM events, sampled when the query says so."""
        factor = self.query.samplingFactor
        return from_table("events", sample=float(factor) if factor and factor != 1 else None)

    @property
    def in_range(self) -> ast.Expr:
        """The condition that an event is inside the dates of the run."""
        return within(self.dates)

    @cached_property
    def is_entity(self) -> ast.Expr:
        """The condition that an event is the series' event or action, whatever its properties.

        In a group of them neither all events nor an action that is gone counts: it may leave no condition at all.
        """
        if not isinstance(self.entity, GroupNode):
            return match_name(self.entity, self.context)
        nodes = [node for node in self.entity.nodes if _is_named(node, self.context)]
        return match_name(self.entity.model_copy(update={"nodes": nodes}), self.context) if nodes else TRUE

    @cached_property
    def passes_filters(self) -> ast.Expr:
        """The condition of every filter: of the series, the query, the test accounts, the cohort, the weekdays."""
        return all_of(
            [
                match_test_accounts(self.query.filterTestAccounts, self.context),
                match_filters(self.query.properties, self.context),
                match_filters(self.entity.properties, self.context),
                match_filters(self.entity.fixedProperties, self.context),
                self._in_cohort(),
                self._on_weekdays(),
                self._has_group(),
            ]
        )

    def where(self, *extra: ast.Expr) -> ast.Expr:
        """Return the whole condition on events, with `extra` in place of the dates when given."""
        return all_of([*(extra or (self.in_range,)), self.is_entity, self.passes_filters])

    def _in_cohort(self) -> ast.Expr:
        if self.run.cohort is None or self.run.cohort == ALL_USERS:
            return constant(True)
        return in_cohort(self.run.cohort, self.context)

    def _on_weekdays(self) -> ast.Expr:
        if not self.dates.weekdays:
            return constant(True)
        days = ast.Tuple(exprs=[constant(day) for day in self.dates.weekdays])
        return compare(call("toDayOfWeek", field("timestamp")), "in", days)

    def _has_group(self) -> ast.Expr:
        index = group_index(self.entity)
        return constant(True) if index is None else compare(field(f"$group_{index}"), "!=", constant(""))


def _is_named(node: Series, context: QueryContext) -> bool:
    return exists(node, context) and not (isinstance(node, EventsNode) and node.event is None)


def within(dates: QueryDates) -> ast.Expr:
    """Return the condition that an event is inside the dates, both ends included."""
    return all_of([since(dates), until(dates)])


def since(dates: QueryDates) -> ast.Expr:
    """Return the condition that an event is not before the dates."""
    return compare(field("timestamp"), ">=", constant(dates.lower))


def until(dates: QueryDates) -> ast.Expr:
    """Return the condition that an event is not after the dates."""
    return compare(field("timestamp"), "<=", constant(dates.upper))


def select(
    columns: list[ast.Alias], source: ast.JoinExpr, where: ast.Expr | None, group_by: list[str]
) -> ast.SelectQuery:
    """Return a grouped SELECT."""
    return ast.SelectQuery(
        select=columns,
        select_from=source,
        where=where,
        group_by=[field(name) for name in group_by] or None,
    )
