"""Conditions on an event's person or group alone: a list of their ids instead of a join, half the work.

`person.properties.plan = 'pro'` becomes `person_id IN (SELECT id FROM persons WHERE ...)`. An event without a person
must be answered for as the join would, with nulls: what a condition is then is worked out here, and where it is true
the list is of those to leave out.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.catalog import Join
from insights_mcp.local.hogql.functions.registry import find_function
from insights_mcp.local.hogql.functions.rewrites import NULL_KEEPING
from insights_mcp.local.hogql.person_filter import print_person_filter
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import TableSource
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.tables import find_table
from insights_mcp.local.hogql.visitor import transform, walk

# What an expression is when every property in it is null. "value": not null, whatever it is.
Answer = Literal["true", "false", "null", "value", "unknown"]

_FIELDS = ("person", *(f"group_{index}" for index in range(5)))
_SIMPLE = (
    ast.Field
    | ast.Constant
    | ast.CompareOperation
    | ast.And
    | ast.Or
    | ast.Not
    | ast.Call
    | ast.BetweenExpr
    | ast.Tuple
    | ast.Array
)
_EQUALITIES = ("==", "like", "ilike", "=~", "=~*")
_INEQUALITIES = ("!=", "not like", "not ilike", "!~", "!~*")


def print_conditions(printer: Printer, conditions: Sequence[ast.Expr], scope: Scope) -> list[str]:
    """Print the conditions of a WHERE; those on one joined row alone as lists of ids where that is the same."""
    source = scope.sources[0] if scope.sources else None
    if not isinstance(source, TableSource) or source.table.name != "events" or source.is_wrapped:
        return [printer.expr(one, scope).text for one in conditions]
    left: list[ast.Expr] = []
    lists: dict[tuple[str, bool], list[ast.Expr]] = {}
    for condition in conditions:
        name = _joined_name(condition, source, scope)
        answer = "unknown" if name is None else _when_null(condition)
        if name is None or answer in ("unknown", "value"):
            left.append(condition)
        else:
            lists.setdefault((name, answer == "true"), []).append(condition)
    printed = [print_person_filter(printer, one, source, scope) or printer.expr(one, scope).text for one in left]
    for (name, leaves_out), group in lists.items():
        if source.is_joined(name):
            printed += [printer.expr(one, scope).text for one in group]
        else:
            printed.append(_print_list(printer, source, name, group, leaves_out=leaves_out))
    return printed


def _print_list(
    printer: Printer, source: TableSource, name: str, conditions: Sequence[ast.Expr], *, leaves_out: bool
) -> str:
    join = source.table.fields[name]
    table = find_table(join.table) if isinstance(join, Join) else None
    assert table is not None and isinstance(join, Join)  # noqa: S101, PT018  # by _FIELDS, for the type checker
    rows = TableSource(table, table.physical, None, printer.setting, is_wrapped=False)
    scope = Scope(sources=[rows]).before_grouping()
    inner = [printer.expr(_inside(one, name), scope).text for one in conditions]
    if leaves_out:
        # a person is left out when any of the conditions does not hold
        inner = [f"not(ifNull({' AND '.join(inner)}, false))"]
    id_, key = _text(source, join.left), _text(rows, join.right)
    where = " AND ".join([*rows.conditions(), *inner])
    return f"{'notIn' if leaves_out else 'in'}({id_}, (SELECT {key} FROM {rows.print_from()} WHERE {where}))"


def _text(source: TableSource, name: str) -> str:
    value = source.field(name)
    assert isinstance(value, Sql)  # noqa: S101  # the keys of joins are columns
    return value.text


def _joined_name(condition: ast.Expr, source: TableSource, scope: Scope) -> str | None:
    """Return the one joined row whose properties are all that a condition reads, None when it reads anything else."""
    if any(not isinstance(node, _SIMPLE) for node in walk(condition)):
        return None
    names = {_name_of(node, source, scope) for node in walk(condition) if isinstance(node, ast.Field)}
    return next(iter(names)) if len(names) == 1 else None


def _name_of(field: ast.Field, source: TableSource, scope: Scope) -> str | None:
    chain = [str(part) for part in field.chain]
    if chain[0] == source.name and len(chain) > 1:
        chain = chain[1:]
    elif chain[0] in scope.aliases or chain[0] in scope.later or len(scope.sources_with(chain[0])) != 1:
        return None
    is_property = len(chain) > 2 and chain[0] in _FIELDS and chain[1] == "properties"
    return chain[0] if is_property else None


def _inside(condition: ast.Expr, name: str) -> ast.Expr:
    """Return the condition as the joined table itself says it."""

    def change(node: ast.Node) -> ast.Node | None:
        if not isinstance(node, ast.Field):
            return None
        chain = list(node.chain)
        return replace(node, chain=chain[chain.index(name) + 1 :])

    changed = transform(condition, change)
    assert isinstance(changed, ast.Expr)  # noqa: S101  # a field for a field
    return changed


def _when_null(node: ast.Expr) -> Answer:
    """Return what an expression is when every property in it is null."""
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else "true" if node.value is True else _falsy(node.value)
    if isinstance(node, ast.Field):
        return "null"
    if isinstance(node, ast.Not):
        return {"true": "false", "false": "true"}.get(_when_null(node.expr), _when_null(node.expr))  # type: ignore[return-value]  # an answer for an answer
    if isinstance(node, ast.And):
        return _junction([_when_null(one) for one in node.exprs], ends="false", goes_on="true")
    if isinstance(node, ast.Or):
        return _junction([_when_null(one) for one in node.exprs], ends="true", goes_on="false")
    if isinstance(node, ast.CompareOperation):
        return _comparison(node)
    if isinstance(node, ast.BetweenExpr):
        return "false" if _when_null(node.expr) == "null" else "unknown"
    return _call(node) if isinstance(node, ast.Call) else "unknown"


def _falsy(value: object) -> Answer:
    return "false" if value is False else "value"


def _junction(answers: Sequence[Answer], *, ends: Answer, goes_on: Answer) -> Answer:
    if ends in answers:
        return ends
    if all(answer == goes_on for answer in answers):
        return goes_on
    return "null" if set(answers) <= {goes_on, "null"} else "unknown"


def _comparison(node: ast.CompareOperation) -> Answer:
    if node.op in ("in", "not in"):
        return _membership(node)
    left, right = _when_null(node.left), _when_null(node.right)
    if "unknown" in (left, right) or "null" not in (left, right):
        return "unknown"
    if node.op in _EQUALITIES:
        return "true" if left == right else "false"
    if node.op in _INEQUALITIES:
        return "false" if left == right else "true"
    return "false" if node.op in (">", ">=", "<", "<=") else "unknown"


def _membership(node: ast.CompareOperation) -> Answer:
    members = node.right.exprs if isinstance(node.right, ast.Tuple | ast.Array) else [node.right]
    if _when_null(node.left) != "null" or not all(isinstance(one, ast.Constant) for one in members):
        return "unknown"
    values = [one.value for one in members if isinstance(one, ast.Constant)]
    if any(value is None or isinstance(value, list | tuple | set) for value in values):
        return "unknown"
    return "false" if node.op == "in" else "true"


def _call(node: ast.Call) -> Answer:
    answers = [_when_null(arg) for arg in node.args]
    name = node.name.lower()
    if node.params or node.distinct or node.filter_expr is not None or "unknown" in answers or not answers:
        return "unknown"
    if name in ("and", "or", "not"):
        junction = {"and": ast.And(node.args), "or": ast.Or(node.args), "not": ast.Not(node.args[0])}[name]
        return _when_null(junction)
    if name in ("isnull", "isnotnull"):
        return "true" if (answers[0] == "null") == (name == "isnull") else "false"
    if name in ("ifnull", "coalesce"):
        return next((answer for answer in answers if answer != "null"), "null")
    function = find_function(node.name)
    keeps = node.name in NULL_KEEPING or (
        function is not None and function.nulls == "args" and not function.is_aggregate and not function.is_window
    )
    return "null" if keeps and "null" in answers else "unknown"
