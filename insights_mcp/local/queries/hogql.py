"""HogQLQuery: a question in SQL (facts/queries.md 1.9, 2)."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import MAX_LIMIT
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.placeholders import OMIT_COMPARISON, replace_placeholders
from insights_mcp.local.hogql.printer import with_default_limit
from insights_mcp.local.queries.context import Outcome, QueryContext, QueryError, Statement
from insights_mcp.local.queries.expressions import TRUE, all_of, compare, constant, field
from insights_mcp.local.queries.filters import match_filters, match_test_accounts
from insights_mcp.local.queries.plain import print_type
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.filters import PropertyFilter
from insights_mcp.schema.hogql import HogQLFilters, HogQLQuery
from insights_mcp.schema.text import nearest

_ZONELESS = re.compile(r"(?:Nullable\()?DateTime(?:64\(\d\))?\)?")
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
        results=_without_zones(answer.rows[:limit], answer.types),
        columns=answer.columns,
        types=list(zip(answer.columns, map(print_type, answer.types), strict=True)),
        has_more=None if limit is None else len(answer.rows) > limit,
        limit=limit,
        offset=None if limit is None else 0,
        extra={"query": query.query},
    )


def _without_zones(rows: Sequence[tuple[object, ...]], types: Sequence[str]) -> Sequence[tuple[object, ...]]:
    """Return the rows with the times of columns without a time zone as such: they are printed without an offset."""
    places = [place for place, type_ in enumerate(types) if _ZONELESS.fullmatch(type_)]
    if not places:
        return rows
    changed = []
    for row in rows:
        values = list(row)
        for place in places:
            value = values[place]
            values[place] = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        changed.append(tuple(values))
    return changed


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
        if chain[0] == "filters" and "filters" not in self.values:
            return self._filter(select) if len(chain) == 1 else self._date(chain)
        if chain[0] == "variables" and len(chain) == 2:
            return self._variable(chain[1])
        if len(chain) == 1 and chain[0] in self.values:
            return constant(self.values[chain[0]])
        return None

    def _variable(self, name: str) -> ast.Expr:
        variable = self.variables.get(name)
        if variable is None:
            close = nearest(name, self.variables)
            hint = f". Did you mean: {close}?" if close else ""
            raise QueryError(f"Variable {name} is missing from query{hint}", attr="variables")
        return constant(None if variable.isNull else variable.value)

    def _filter(self, select: ast.SelectQuery | None) -> ast.Expr:
        tables = _tables_of(select)
        column = next((_TIME_COLUMNS[table] for table in ("groups", "events", "sessions") if table in tables), None)
        if column is None:
            known = ", ".join(_TIME_COLUMNS)
            raise QueryError(
                f"Cannot use 'filters' placeholder in a SELECT that does not read from one of the tables {known}"
            )
        if self.filters is None:
            return TRUE
        moment = field(column)
        start, end = self._moment(self.filters, "date_from"), self._moment(self.filters, "date_to")
        return all_of(
            [
                *self._match_properties(self.filters.properties, tables),
                compare(moment, "<", constant(end)) if end else TRUE,
                compare(moment, ">=", constant(start)) if start else TRUE,
                match_test_accounts(self.filters.filterTestAccounts, self.context),
            ]
        )

    def _match_properties(self, filters: Sequence[PropertyFilter], tables: Collection[str]) -> list[ast.Expr]:
        """Return the conditions of filters, each on the table that has the property."""
        if "sessions" in tables:
            ours = [one for one in filters if one.type == "session"]
            others = [one for one in filters if one.type != "session"]
            if others and "events" not in tables:
                raise QueryError("Only session properties can be filtered by when selecting from sessions alone.")
            return [match_filters(ours, self.context, "session"), match_filters(others, self.context)]
        return [match_filters(filters, self.context, "group" if "groups" in tables else "event")]

    def _date(self, chain: tuple[str, ...]) -> ast.Node:
        end = chain[2] if len(chain) == 3 and chain[1] == "dateRange" else ""
        if end not in ("from", "to"):
            raise QueryError(
                f"Unsupported filters placeholder {{{'.'.join(chain)}}}. There are {{filters}},"
                " {filters.dateRange.from} and {filters.dateRange.to}."
            )
        moment = self._moment(self.filters, f"date_{end}") if self.filters else None
        return constant(moment) if moment else OMIT_COMPARISON

    def _moment(self, filters: HogQLFilters, name: str) -> datetime | None:
        text = getattr(filters.dateRange, name, None)
        if not text or text == "all":
            return None
        week_start_day = self.context.team.week_start_day
        return parse_moment(text, self.context.timezone, self.context.now, week_start_day=week_start_day).at


def _tables_of(select: ast.SelectQuery | None) -> set[str]:
    """Return the tables of a FROM by name."""
    tables: set[str] = set()
    join = select.select_from if select else None
    while join is not None:
        if isinstance(join.table, ast.Field):
            tables.add(".".join(map(str, join.table.chain)))
        join = join.next_join
    return tables
