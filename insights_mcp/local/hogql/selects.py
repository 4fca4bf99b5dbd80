"""SELECT and sets of SELECTs."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.bounds import add_time_bounds
from insights_mcp.local.hogql.columns import print_columns
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError
from insights_mcp.local.hogql.fields import is_row_independent
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.joins import open_from, print_from
from insights_mcp.local.hogql.ordering import print_order
from insights_mcp.local.hogql.printing import Printer, SelectSql
from insights_mcp.local.hogql.scope import NamedQuery, Scope, aliases_in, contains_aggregate
from insights_mcp.local.hogql.semijoins import print_conditions
from insights_mcp.local.hogql.sources import SelectSource
from insights_mcp.local.hogql.sqltypes import SqlType, unite
from insights_mcp.local.hogql.truncations import implied_bounds
from insights_mcp.local.hogql.windows import print_window

_SET_OPERATORS = (
    "UNION ALL",
    "UNION DISTINCT",
    "INTERSECT",
    "INTERSECT DISTINCT",
    "EXCEPT",
    "EXCEPT DISTINCT",
)
_GROUP_MODES = {"rollup": " WITH ROLLUP", "cube": " WITH CUBE"}


def print_any_select(printer: Printer, node: ast.Expr, parent: Scope | None) -> SelectSql:
    """Print a query, or several joined by UNION and the like."""
    if isinstance(node, ast.SelectQuery):
        return _print_select(printer, node, parent)
    if isinstance(node, ast.SelectSetQuery):
        return _print_set(printer, node, parent)
    raise HogQLQueryError(f"{type(node).__name__} is no query.")


def _print_select(printer: Printer, node: ast.SelectQuery, parent: Scope | None) -> SelectSql:
    scope = _open_scope(node, parent)
    joined = open_from(printer, node.select_from, scope)
    array_join = _print_array_join(printer, node, scope)
    columns = print_columns(printer, node.select, scope, is_inner=parent is not None)
    # Conditions, groups and order see the aliases of all columns.
    windows = _print_windows(printer, node, scope)
    early = scope.before_grouping()
    prewhere = _print_clause(printer, "PREWHERE", node.prewhere, early)
    where = implied_bounds(printer, _conjuncts(node.where), early)
    where += print_conditions(printer, _conjuncts(node.where), early)
    group_by = _print_group_by(printer, node, scope)
    having = _print_clause(printer, "HAVING", node.having, scope)
    qualify = _print_clause(printer, "QUALIFY", node.qualify, scope)
    order_by = _print_order_by(printer, node.order_by, node.interpolate, scope)
    limits = _print_limit_by(printer, node, scope) + print_limit(printer, node, scope)
    add_time_bounds(printer, scope, node.where, is_first_kept=_keeps_first(node.select_from))

    text = f"SELECT {'DISTINCT ' if node.distinct else ''}{', '.join(one.text for one in columns)}"
    if joined:
        text += f" FROM {print_from(joined)}"
    conditions = [condition for one in joined for condition in one.source.conditions()] + where
    text += f"{array_join}{prewhere}{_print_where(conditions)}{group_by}{having}{windows}{qualify}{order_by}{limits}"
    return SelectSql(text, [(one.name, one.type) for one in columns])


def _open_scope(node: ast.SelectQuery, parent: Scope | None) -> Scope:
    scope = Scope(parent=parent)
    scope.is_grouped = bool(node.distinct or node.group_by or node.group_by_mode) or any(
        contains_aggregate(one) for one in node.select
    )
    for cte in node.ctes or ():
        # a name sees those before it, and not itself
        inner = Scope(parent=parent, queries=dict(scope.queries))
        scope.queries[cte.name] = NamedQuery(cte, inner)
    scope.windows.update(node.window_exprs or ())
    scope.later = aliases_in(node.select)
    scope.reserve([*scope.later, *(str(one.chain[-1]) for one in node.select if isinstance(one, ast.Field))])
    return scope


def _keeps_first(first: ast.JoinExpr | None) -> bool:
    while first is not None:
        if any(word in (first.join_type or "") for word in ("RIGHT", "FULL")):
            return False
        first = first.next_join
    return True


def _conjuncts(where: ast.Expr | None) -> list[ast.Expr]:
    """Return the conditions of WHERE side by side, so that they stand in one AND with the guards."""
    if isinstance(where, ast.And):
        return [inner for one in where.exprs for inner in _conjuncts(one)]
    return [] if where is None else [where]


def _print_where(conditions: Sequence[str]) -> str:
    kept = [one for one in conditions if one != "true"]
    if not kept:
        return ""
    return f" WHERE {kept[0]}" if len(kept) == 1 else f" WHERE and({', '.join(kept)})"


def _print_clause(printer: Printer, word: str, expr: ast.Expr | None, scope: Scope) -> str:
    return "" if expr is None else f" {word} {printer.expr(expr, scope).text}"


def _print_array_join(printer: Printer, node: ast.SelectQuery, scope: Scope) -> str:
    if not node.array_join_list:
        return ""
    if node.array_join_op not in ("ARRAY JOIN", "LEFT ARRAY JOIN", "INNER ARRAY JOIN"):
        raise HogQLNotSupported(f"{node.array_join_op} is not supported.")
    if not scope.sources:
        raise HogQLQueryError("ARRAY JOIN needs a FROM.")
    parts = []
    for expr in node.array_join_list:
        if not isinstance(expr, ast.Alias):
            raise HogQLQueryError("ARRAY JOIN arrays must have an alias")
        value = printer.expr(expr.expr, scope)
        item = ast.Alias(expr.alias, ast.Call("arrayJoin", [expr.expr]), start=expr.start, end=expr.end)
        scope.add_alias(item, value.type.item or SqlType())
        parts.append(f"{value.text} AS {quote_identifier(expr.alias)}")
    word = "LEFT ARRAY JOIN" if node.array_join_op == "LEFT ARRAY JOIN" else "ARRAY JOIN"
    return f" {word} {', '.join(parts)}"


def _print_windows(printer: Printer, node: ast.SelectQuery, scope: Scope) -> str:
    if not node.window_exprs:
        return ""
    parts = [
        f"{quote_identifier(name)} AS ({print_window(printer, one, scope)})" for name, one in node.window_exprs.items()
    ]
    return f" WINDOW {', '.join(parts)}"


def _print_group_by(printer: Printer, node: ast.SelectQuery, scope: Scope) -> str:
    if node.group_by_mode == "all":
        return " GROUP BY ALL"
    if not node.group_by:
        return ""
    if node.group_by_mode == "grouping_sets":
        sets = []
        for one in node.group_by:
            exprs = one.exprs if isinstance(one, ast.GroupingSet) else [one]
            sets.append(f"({', '.join(value.text for value in printer.exprs(exprs, scope))})")
        return f" GROUP BY GROUPING SETS ({', '.join(sets)})"
    if node.group_by_mode is not None and node.group_by_mode not in _GROUP_MODES:
        raise HogQLNotSupported(f"GROUP BY {node.group_by_mode} is not supported.")
    keys = ", ".join(value.text for value in printer.exprs(node.group_by, scope))
    return f" GROUP BY {keys}{_GROUP_MODES.get(node.group_by_mode or '', '')}"


def _print_order_by(
    printer: Printer,
    keys: Sequence[ast.OrderExpr] | None,
    interpolate: Sequence[ast.InterpolateExpr] | None,
    scope: Scope,
) -> str:
    if interpolate:
        raise HogQLNotSupported("INTERPOLATE is not supported.")
    return f" ORDER BY {', '.join(print_order(printer, one, scope) for one in keys)}" if keys else ""


def _print_limit_by(printer: Printer, node: ast.SelectQuery, scope: Scope) -> str:
    if node.limit_by is None:
        return ""
    n = _print_count(printer, node.limit_by.n, scope)
    offset = (
        ""
        if node.limit_by.offset_value is None
        else f" OFFSET {_print_count(printer, node.limit_by.offset_value, scope)}"
    )
    keys = ", ".join(value.text for value in printer.exprs(node.limit_by.exprs, scope))
    return f" LIMIT {n}{offset} BY {keys}"


def print_limit(printer: Printer, node: ast.SelectQuery | ast.SelectSetQuery, scope: Scope) -> str:
    """Return LIMIT and OFFSET."""
    if node.limit_percent:
        raise HogQLNotSupported("LIMIT in percent is not supported.")
    text = ""
    if node.limit is not None:
        text += f" LIMIT {_print_count(printer, node.limit, scope)}"
        if node.limit_with_ties:
            text += " WITH TIES"
    if node.offset is not None:
        text += f" OFFSET {_print_count(printer, node.offset, scope)}"
    return text


def _print_count(printer: Printer, expr: ast.Expr, scope: Scope) -> str:
    """Print a whole number, or what can be computed to one before anything is read."""
    value = expr.value if isinstance(expr, ast.Constant) else None
    is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if is_whole or (isinstance(expr, ast.Call | ast.ArithmeticOperation) and is_row_independent(expr)):
        printed = printer.expr(expr, scope)
        if printed.type.kind in ("int", "unknown"):
            return printed.text
    raise HogQLQueryError("LIMIT and OFFSET take whole numbers.", start=expr.start, end=expr.end)


def _print_set(printer: Printer, node: ast.SelectSetQuery, parent: Scope | None) -> SelectSql:
    scope = Scope(parent=parent)
    for cte in node.ctes or ():
        scope.queries[cte.name] = NamedQuery(cte, Scope(parent=parent, queries=dict(scope.queries)))
    first = printer.select(node.initial_select_query, scope)
    parts, all_columns = [_as_operand(first, node.initial_select_query)], [first.columns]
    _share_names(node.initial_select_query, scope, parent)
    for one in node.subsequent_select_queries:
        if one.set_operator not in _SET_OPERATORS:
            raise HogQLNotSupported(f"{one.set_operator} is not supported.", start=one.start, end=one.end)
        printed = printer.select(one.select_query, scope)
        parts += [one.set_operator, _as_operand(printed, one.select_query)]
        all_columns.append(printed.columns)
        _share_names(one.select_query, scope, parent)
    if any(len(columns) != len(first.columns) for columns in all_columns):
        raise HogQLQueryError("The queries of a UNION must have the same number of columns.")
    types = [[type_ for _, type_ in columns] for columns in all_columns]
    united = [unite(list(column)) for column in zip(*types, strict=True)]
    columns = list(zip((name for name, _ in first.columns), united, strict=True))
    text = " ".join(parts)
    if node.order_by or node.limit is not None or node.offset is not None:
        text = _print_outer(printer, node, text, columns, scope)
    return SelectSql(text, columns)


def _share_names(node: ast.Node, scope: Scope, parent: Scope | None) -> None:
    """Let the queries after this one in a UNION use its common table expressions, as PostHog does."""
    for cte in (node.ctes or ()) if isinstance(node, ast.SelectQuery) else ():
        scope.queries[cte.name] = NamedQuery(cte, Scope(parent=parent, queries=dict(scope.queries)))


def _as_operand(printed: SelectSql, node: ast.Node) -> str:
    is_plain = isinstance(node, ast.SelectQuery) and not (node.order_by or node.limit or node.offset or node.limit_by)
    return printed.text if is_plain else f"SELECT * FROM ({printed.text})"


def _print_outer(
    printer: Printer, node: ast.SelectSetQuery, text: str, columns: Sequence[tuple[str, SqlType]], scope: Scope
) -> str:
    """Print the ORDER BY and LIMIT of a set: they are those of a query around it."""
    inner = Scope(parent=scope)
    inner.add_source(SelectSource(f"({text})", "q", None, dict(columns), printer.setting))
    order_by = _print_order_by(printer, node.order_by, None, inner)
    return f"SELECT * FROM ({text}) AS q{order_by}{print_limit(printer, node, inner)}"
