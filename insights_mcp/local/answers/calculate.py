"""Calculates one query: its kind's statements, run one after the other, shaped into results."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from insights_mcp.local.answers.answer import Calculated, JsonMap
from insights_mcp.local.engine.base import DEFAULT_LIMITS, Engine, Limits, QueryCancelled, Rows
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.printer import Printed, print_select
from insights_mcp.local.queries.context import AnyKind, DateSpan, Outcome, QueryContext, Statement
from insights_mcp.local.queries.plain import print_moment, to_plain
from insights_mcp.schema.queries import SourceQuery


class StatementRunner:
    """Runs the statements of one query under its id. The same statement is run once, so kinds may ask again."""

    def __init__(self, engine: Engine, query_id: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self._engine = engine
        self._query_id = query_id
        self._limits = limits
        self._rows: dict[str, Rows] = {}
        self.is_cancelled = False

    def fetch(self, context: HogQLContext, statement: Statement) -> Rows:
        """Run a statement. Raises EngineError, HogQLError."""
        return self.run(self.print(context, statement), statement)

    def print(self, context: HogQLContext, statement: Statement) -> Printed:
        """Print a statement. Raises HogQLError."""
        return print_select(statement.select, statement.hogql or context)

    def run(self, printed: Printed, statement: Statement) -> Rows:
        """Run a printed statement. Raises EngineError."""
        key = repr((printed.sql, sorted(printed.params.items())))
        if key not in self._rows:
            if self.is_cancelled:
                raise QueryCancelled("The query was cancelled.")
            limits = self._limits if statement.max_rows is None else replace(self._limits, max_rows=statement.max_rows)
            rows = self._engine.run(printed.sql, printed.params, limits=limits, query_id=self._query_id)
            # The engine names a column after the SQL we printed; the caller knows it as the HogQL it wrote.
            self._rows[key] = replace(rows, columns=list(printed.columns))
        return self._rows[key]

    def cancel(self) -> bool:
        """Stop what runs, and run nothing more. Return whether anything ran."""
        self.is_cancelled = True
        return self._engine.cancel(self._query_id)


def calculate(kind: AnyKind, query: SourceQuery, context: QueryContext, runner: StatementRunner) -> Calculated:
    """Answer a query. Raises QueryError, HogQLError, EngineError."""
    statements = kind.plan(query, context)
    printed = [runner.print(context.hogql, statement) for statement in statements]
    rows = [runner.run(text, statement) for text, statement in zip(printed, statements, strict=True)]
    return _to_calculated(kind.shape(rows, query, context), printed)


def _to_calculated(outcome: Outcome, printed: Sequence[Printed]) -> Calculated:
    return Calculated(
        results=to_plain(outcome.results),
        columns=outcome.columns,
        types=outcome.types,
        hogql=" UNION ALL ".join(one.hogql for one in printed),
        has_more=outcome.has_more,
        limit=outcome.limit,
        offset=outcome.offset,
        resolved_date_range=_print_span(outcome.dates),
        resolved_compare_date_range=_print_span(outcome.compare_dates),
        warnings=list(outcome.warnings) or None,
        extra={key: to_plain(value) for key, value in outcome.extra.items()},
    )


def _print_span(span: DateSpan | None) -> JsonMap | None:
    return {"date_from": print_moment(span.date_from), "date_to": print_moment(span.date_to)} if span else None


def end_of(calculated: Calculated) -> datetime | None:
    """Return when the answered range ends."""
    text = (calculated.resolved_date_range or {}).get("date_to")
    return datetime.fromisoformat(text) if isinstance(text, str) else None
