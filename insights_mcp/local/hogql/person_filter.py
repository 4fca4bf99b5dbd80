"""Events of one person, told without joining who was merged to every event.

An event is a person's when it was written with that person and its distinct id was not given away since, or when its
distinct id was given to the person.
"""

from collections.abc import Callable

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.comparisons import compare
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import TableSource
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.tables import find_table

_MOVED = "_overrides"


def print_person_filter(printer: Printer, condition: ast.Expr, source: TableSource, scope: Scope) -> str | None:
    """Print `person_id = '...'` over events so that no join is needed; None for any other condition."""
    if not printer.context.has_overrides or not isinstance(condition, ast.CompareOperation):
        return None
    if not _is_person_filter(condition, source, scope):
        return None
    wanted = printer.expr(condition.right, scope)

    def is_wanted(person_id: Sql) -> str:
        return compare(person_id, "==", wanted, printer.setting, scope).text

    distinct_id = source.column("distinct_id")
    written = is_wanted(source.column("_person_id"))
    moved = _select_moved(printer)
    to_them = _select_moved(printer, is_wanted)
    return f"or(and({written}, notIn({distinct_id.text}, {moved})), in({distinct_id.text}, {to_them}))"


def _is_person_filter(condition: ast.CompareOperation, source: TableSource, scope: Scope) -> bool:
    """Return whether the condition is that the event's person has this id."""
    field, value = condition.left, condition.right
    if condition.op != "==" or not isinstance(field, ast.Field):
        return False
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return False
    if list(field.chain) == [source.name, "person_id"]:
        return True
    is_hidden = "person_id" in scope.aliases or "person_id" in scope.later
    return list(field.chain) == ["person_id"] and not is_hidden and scope.sources_with("person_id") == [source]


def _select_moved(printer: Printer, is_wanted: Callable[[Sql], str] | None = None) -> str:
    """Return the distinct ids that were given away; those given to a person when a condition on it is set."""
    table = find_table(_MOVED)
    assert table is not None  # noqa: S101  # a name of ours, for the type checker
    rows = TableSource(table, table.physical, None, printer.setting, is_wrapped=False)
    conditions = [*rows.conditions(), *([is_wanted(rows.column("person_id"))] if is_wanted else [])]
    return f"(SELECT {rows.column('distinct_id').text} FROM {rows.print_from()} WHERE {' AND '.join(conditions)})"
