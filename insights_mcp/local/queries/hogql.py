"""HogQLQuery: a question in SQL (facts/queries.md 1.9, 2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import MAX_LIMIT
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.placeholders import OMIT_COMPARISON, replace_placeholders
from insights_mcp.local.hogql.printer import with_default_limit
from insights_mcp.local.queries.context import Kind, Outcome, QueryContext, QueryError, Statement
from insights_mcp.local.queries.expressions import TRUE, all_of, compare, constant, field
from insights_mcp.local.queries.filters import match_filters, match_test_accounts
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.hogql import HogQLFilters, HogQLQuery

# The column that `{filters}` compares with its dates, by table.
_TIME_COLUMNS = {"events": "timestamp", "sessions": "$start_timestamp", "groups": "created_at"}


def plan_hogql(query: HogQLQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the one statement. Without a LIMIT of its own it asks for one row more than a page. Raises HogQLError."""
    select, _ = with_default_limit(fill_hogql(query, context))
    hogql = replace(context.hogql, trusted=False, max_rows=MAX_LIMIT)
    return [Statement(select, label="hogql", hogql=hogql)]


def shape_hogql(rows: Sequence[Rows], query: HogQLQuery, context: QueryContext) -> Outcome:
    """Return rows as lists, with the names and types of their columns. Raises HogQLError."""
    answer = rows[0]
    _, limit = with_default_limit(fill_hogql(query, context))
    return Outcome(
        results=answer.rows[:limit],
        columns=answer.columns,
        types=list(zip(answer.columns, answer.types, strict=True)),
        has_more=None if limit is None else len(answer.rows) > limit,
        limit=limit,
        offset=None if limit is None else 0,
        extra={"query": query.query},
    )


def fill_hogql(query: HogQLQuery, context: QueryContext) -> ast.AnySelect:
    """Parse the text and fill its placeholders."""
    filler = _Filler(query, context)
    filled = replace_placeholders(parse_select(query.query), filler.resolve)
    if not isinstance(filled, ast.AnySelect):
        raise QueryError("The query must be a SELECT.")
    return filled


class _Filler:
    """Gives what `{filters}`, `{filters.dateRange.from}`, `{variables.x}` and `{name}` stand for."""

    def __init__(self, query: HogQLQuery, context: QueryContext) -> None:
        self.context = context
        self.filters = query.filters
        self.values = query.values or {}
        self.variables = {one.code_name: one for one in (query.variables or {}).values()}

    def resolve(self, chain: tuple[str, ...], select: ast.SelectQuery | None) -> ast.Node | None:
        """Return the expression for a placeholder, None for an unknown one. Raises QueryError."""
        if chain == ("filters",):
            return self._filter(select)
        if chain[:2] == ("filters", "dateRange") and len(chain) == 3:
            return self._date(chain[2])
        if chain[0] == "variables" and len(chain) == 2:
            variable = self.variables.get(chain[1])
            if variable is None:
                raise QueryError(f"Variable {chain[1]} is missing from query", attr="variables")
            return constant(None if variable.isNull else variable.value)
        if len(chain) == 1 and chain[0] in self.values:
            return constant(self.values[chain[0]])
        return None

    def _filter(self, select: ast.SelectQuery | None) -> ast.Expr:
        if self.filters is None:
            return TRUE
        column = _find_time_column(select)
        if column is None:
            tables = ", ".join(_TIME_COLUMNS)
            raise QueryError(f"Cannot use 'filters' placeholder here, as none of the tables {tables} was found in FROM")
        moment = field(column)
        start, end = self._moment(self.filters, "date_from"), self._moment(self.filters, "date_to")
        return all_of(
            [
                match_filters(self.filters.properties, self.context),
                compare(moment, "<", constant(end)) if end else TRUE,
                compare(moment, ">=", constant(start)) if start else TRUE,
                match_test_accounts(self.filters.filterTestAccounts, self.context),
            ]
        )

    def _date(self, end: str) -> ast.Node | None:
        if end not in ("from", "to"):
            return None
        moment = self._moment(self.filters, f"date_{end}") if self.filters else None
        return constant(moment) if moment else OMIT_COMPARISON

    def _moment(self, filters: HogQLFilters, name: str) -> datetime | None:
        text = getattr(filters.dateRange, name, None)
        if not text or text == "all":
            return None
        week_start_day = self.context.team.week_start_day
        return parse_moment(text, self.context.timezone, self.context.now, week_start_day=week_start_day).at


def _find_time_column(select: ast.SelectQuery | None) -> str | None:
    join = select.select_from if select else None
    while join is not None:
        if isinstance(join.table, ast.Field) and len(join.table.chain) == 1:
            column = _TIME_COLUMNS.get(str(join.table.chain[0]))
            if column:
                return column
        join = join.next_join
    return None


HOGQL: Kind[HogQLQuery] = Kind("HogQLQuery", plan_hogql, shape_hogql)
