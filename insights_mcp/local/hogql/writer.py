"""Syntax trees back to HogQL text, for people: the `hogql` of an answer, the names of columns."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.identifiers import quote_name


def print_hogql(node: ast.Node) -> str:
    """Return the text of a tree. Parsing it gives the same tree again, but for the order of nested joins of AND."""
    writer = _WRITERS.get(type(node))
    if writer is None:
        raise TypeError(f"{type(node).__name__} has no HogQL text")
    return writer(node)


def _list(nodes: Iterable[ast.Node] | None) -> str:
    return ", ".join(_item(node) for node in nodes or ())


def _item(node: ast.Node) -> str:
    """Return a node among others; a query that stands for a value is in brackets."""
    return f"({print_hogql(node)})" if isinstance(node, ast.AnySelect) else print_hogql(node)


def _constant(node: ast.Constant) -> str:
    return _value(node.value)


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return f"toDateTime({_text(value.isoformat(sep=' '))})"
    if isinstance(value, date):
        return f"toDate({_text(value.isoformat())})"
    if isinstance(value, list | tuple | set | frozenset):
        return f"[{', '.join(_value(one) for one in value)}]"
    return _text(str(value))


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    for raw, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\b", "\\b"), ("\f", "\\f"), ("\0", "\\0")):
        escaped = escaped.replace(raw, written)
    return f"'{escaped}'"


def _field(node: ast.Field) -> str:
    return ".".join("*" if part == "*" else quote_name(str(part)) for part in node.chain)


def _alias(node: ast.Alias) -> str:
    return _item(node.expr) if node.hidden else f"{_item(node.expr)} AS {quote_name(node.alias)}"


def _call(node: ast.Call) -> str:
    params = f"({_list(node.params)})" if node.params else ""
    distinct = "DISTINCT " if node.distinct else ""
    order = f" ORDER BY {_list(node.order_by)}" if node.order_by else ""
    text = f"{node.name}{params}({distinct}{_list(node.args)}{order})"
    if node.within_group:
        text += f" WITHIN GROUP (ORDER BY {_list(node.within_group)})"
    return text if node.filter_expr is None else f"{text} FILTER (WHERE {print_hogql(node.filter_expr)})"


def _expr_call(node: ast.ExprCall) -> str:
    return f"{print_hogql(node.expr)}({_list(node.args)})"


_FUNCTIONS = {
    "==": "equals",
    "!=": "notEquals",
    ">": "greater",
    ">=": "greaterOrEquals",
    "<": "less",
    "<=": "lessOrEquals",
    "like": "like",
    "ilike": "ilike",
    "not like": "notLike",
    "not ilike": "notILike",
    "in": "in",
    "not in": "notIn",
    "global in": "globalIn",
    "global not in": "globalNotIn",
}


def _comparison(node: ast.CompareOperation) -> str:
    left, right = _operand(node.left), _operand(node.right)
    if node.is_null_comparison_style:
        return f"{left} IS {'NOT ' if node.op == '!=' else ''}NULL"
    if node.op in _FUNCTIONS:
        return f"{_FUNCTIONS[node.op]}({_item(node.left)}, {_item(node.right)})"
    return f"{left} {node.op.upper()} {right}"


def _distinct(node: ast.IsDistinctFrom) -> str:
    return f"{_operand(node.left)} IS {'NOT ' if node.negated else ''}DISTINCT FROM {_operand(node.right)}"


def _operand(node: ast.Expr) -> str:
    text = _item(node)
    is_open = isinstance(
        node,
        ast.CompareOperation | ast.BetweenExpr | ast.IsDistinctFrom | ast.Lambda | ast.Alias | ast.ArithmeticOperation,
    )
    return f"({text})" if is_open else text


def _arithmetic(node: ast.ArithmeticOperation) -> str:
    names = {"+": "plus", "-": "minus", "*": "multiply", "/": "divide", "%": "modulo"}
    chain: list[tuple[str, ast.Expr]] = []
    left: ast.Expr = node
    while isinstance(left, ast.ArithmeticOperation):  # a sum of many terms is a deep tree
        chain.append((names[left.op], left.right))
        left = left.left
    text = _item(left)
    for name, right in reversed(chain):
        text = f"{name}({text}, {_item(right)})"
    return text


def _junction(name: str) -> Callable[[ast.And | ast.Or], str]:
    def write(node: ast.And | ast.Or) -> str:
        if len(node.exprs) == 1:
            return print_hogql(node.exprs[0])
        return f"{name}({_list(node.exprs)})" if node.exprs else ("true" if name == "and" else "false")

    return write


def _not(node: ast.Not) -> str:
    return f"not({print_hogql(node.expr)})"


def _between(node: ast.BetweenExpr) -> str:
    word = "NOT BETWEEN" if node.negated else "BETWEEN"
    return f"{_operand(node.expr)} {word} {_operand(node.low)} AND {_operand(node.high)}"


def _lambda(node: ast.Lambda) -> str:
    names = ", ".join(quote_name(name) for name in node.args)
    return f"{names if len(node.args) == 1 else f'({names})'} -> {print_hogql(node.expr)}"


def _tuple(node: ast.Tuple) -> str:
    return f"tuple({_list(node.exprs)})"


def _array(node: ast.Array) -> str:
    return f"[{_list(node.exprs)}]"


def _tuple_access(node: ast.TupleAccess) -> str:
    return f"{_operand(node.tuple)}{'?' if node.nullish else ''}.{node.index}"


def _array_access(node: ast.ArrayAccess) -> str:
    return f"{_operand(node.array)}{'?.' if node.nullish else ''}[{print_hogql(node.property)}]"


def _slice(node: ast.ArraySlice) -> str:
    start, end = ("" if one is None else print_hogql(one) for one in (node.start_expr, node.end_expr))
    return f"{_operand(node.array)}[{start}:{end}]"


def _dict(node: ast.Dict) -> str:
    return "{" + ", ".join(f"{print_hogql(key)}: {print_hogql(value)}" for key, value in node.items) + "}"


def _cast(node: ast.TypeCast) -> str:
    return f"CAST({print_hogql(node.expr)} AS {node.type_name})"


def _try_cast(node: ast.TryCast) -> str:
    return f"TRY_CAST({print_hogql(node.expr)} AS {node.type_name})"


def _placeholder(node: ast.Placeholder) -> str:
    return "{" + print_hogql(node.expr) + "}"


def _positional(node: ast.PositionalRef) -> str:
    return f"#{node.index}"


def _named(node: ast.NamedArgument) -> str:
    return f"{node.name} := {print_hogql(node.value)}"


def _spread(node: ast.SpreadExpr) -> str:
    return f"*{print_hogql(node.expr)}"


def _columns(node: ast.ColumnsExpr) -> str:
    if node.regex is not None:
        return f"COLUMNS({_text(node.regex)})"
    if node.columns is not None:
        return f"COLUMNS({_list(node.columns)})"
    text = "*"
    if node.exclude:
        text += f" EXCLUDE ({', '.join(quote_name(name) for name in node.exclude)})"
    if node.replace:
        items = ", ".join(f"{print_hogql(expr)} AS {quote_name(name)}" for name, expr in node.replace.items())
        text += f" REPLACE ({items})"
    return f"COLUMNS({text})" if node.replace else text


def _tag(node: ast.HogQLXTag) -> str:
    attributes = "".join(f" {one.name}={_attribute(one.value)}" for one in node.attributes)
    return f"<{node.kind}{attributes} />"


def _attribute(value: ast.Expr | Sequence[ast.Expr]) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return json.dumps(value.value)
    return "{" + (print_hogql(value) if isinstance(value, ast.Expr) else f"[{_list(value)}]") + "}"


def _order(node: ast.OrderExpr) -> str:
    text = f"{print_hogql(node.expr)} {node.order}"
    if node.nulls:
        text += f" NULLS {node.nulls}"
    return text if node.with_fill is None else f"{text} {_fill(node.with_fill)}"


def _fill(node: ast.WithFillExpr) -> str:
    ends = (("FROM", node.from_value), ("TO", node.to_value), ("STEP", node.step_value))
    return " ".join(["WITH FILL", *(f"{word} {print_hogql(one)}" for word, one in ends if one is not None)])


def _frame_end(node: ast.WindowFrameExpr) -> str:
    if node.frame_type == "CURRENT ROW":
        return "CURRENT ROW"
    value = node.frame_value.value if isinstance(node.frame_value, ast.Constant) else node.frame_value
    return f"{'UNBOUNDED' if value is None else value} {node.frame_type}"


def _window(node: ast.WindowExpr) -> str:
    parts = []
    if node.partition_by:
        parts.append(f"PARTITION BY {_list(node.partition_by)}")
    if node.order_by:
        parts.append(f"ORDER BY {_list(node.order_by)}")
    if node.frame_method and node.frame_start is not None:
        start = _frame_end(node.frame_start)
        both = start if node.frame_end is None else f"BETWEEN {start} AND {_frame_end(node.frame_end)}"
        parts.append(f"{node.frame_method} {both}")
    return " ".join(parts)


def _window_function(node: ast.WindowFunction) -> str:
    exprs = f"({_list(node.exprs)})" if node.exprs is not None else ""
    args = f"({_list(node.args)})" if node.args else ""
    over = (
        quote_name(node.over_identifier) if node.over_identifier else f"({_window(node.over_expr or ast.WindowExpr())})"
    )
    return f"{node.name}{exprs}{args} OVER {over}"


def _ratio(node: ast.RatioExpr) -> str:
    return print_hogql(node.left) if node.right is None else f"{print_hogql(node.left)}/{print_hogql(node.right)}"


def _sample(node: ast.SampleExpr) -> str:
    text = f"SAMPLE {_ratio(node.sample_value)}"
    return text if node.offset_value is None else f"{text} OFFSET {_ratio(node.offset_value)}"


def _join(node: ast.JoinExpr) -> str:
    text = "" if node.table is None else print_hogql(node.table)
    if isinstance(node.table, ast.AnySelect):
        text = f"({text})"
    if node.table_args is not None:
        text += f"({_list(node.table_args)})"
    if node.alias:
        text += f" AS {quote_name(node.alias)}"
    if node.column_aliases:
        text += f"({', '.join(quote_name(name) for name in node.column_aliases)})"
    if node.table_final:
        text += " FINAL"
    if node.sample is not None:
        text += f" {_sample(node.sample)}"
    if node.constraint is not None:
        constraint = print_hogql(node.constraint.expr)
        text += f" {node.constraint.constraint_type} {constraint}"
    return text if node.next_join is None else f"{text} {node.next_join.join_type or 'JOIN'} {_join(node.next_join)}"


def _values(node: ast.ValuesQuery) -> str:
    return f"(VALUES {', '.join(f'({_list(row)})' for row in node.rows)})"


def _cte(node: ast.CTE) -> str:
    if node.cte_type == "column":
        expr = print_hogql(node.expr)
        return f"{f'({expr})' if isinstance(node.expr, ast.AnySelect) else expr} AS {quote_name(node.name)}"
    columns = f"({', '.join(quote_name(name) for name in node.columns)})" if node.columns else ""
    return f"{quote_name(node.name)}{columns} AS ({print_hogql(node.expr)})"


def _with(ctes: Sequence[ast.CTE] | None) -> str:
    if not ctes:
        return ""
    recursive = "RECURSIVE " if any(one.recursive for one in ctes) else ""
    return f"WITH {recursive}{_list(ctes)} "


def _group_by(node: ast.SelectQuery) -> str:
    if node.group_by_mode == "all":
        return " GROUP BY ALL"
    if not node.group_by:
        return ""
    if node.group_by_mode == "grouping_sets":
        return f" GROUP BY GROUPING SETS ({_list(node.group_by)})"
    keys = _list(node.group_by)
    return f" GROUP BY {f'{node.group_by_mode.upper()}({keys})' if node.group_by_mode else keys}"


def _grouping_set(node: ast.GroupingSet) -> str:
    return f"({_list(node.exprs)})"


def _limits(node: ast.SelectQuery | ast.SelectSetQuery) -> str:
    text = f" ORDER BY {_list(node.order_by)}" if node.order_by else ""
    if isinstance(node, ast.SelectQuery) and node.limit_by is not None:
        offset = "" if node.limit_by.offset_value is None else f" OFFSET {print_hogql(node.limit_by.offset_value)}"
        text += f" LIMIT {print_hogql(node.limit_by.n)}{offset} BY {_list(node.limit_by.exprs)}"
    if node.limit is not None:
        percent, ties = "%" if node.limit_percent else "", " WITH TIES" if node.limit_with_ties else ""
        text += f" LIMIT {print_hogql(node.limit)}{percent}{ties}"
    return text if node.offset is None else f"{text} OFFSET {print_hogql(node.offset)}"


def _select(node: ast.SelectQuery) -> str:
    text = f"{_with(node.ctes)}SELECT {'DISTINCT ' if node.distinct else ''}{_list(node.select)}"
    if node.select_from is not None:
        text += f" FROM {_join(node.select_from)}"
    if node.array_join_list:
        text += f" {node.array_join_op} {_list(node.array_join_list)}"
    for word, clause in (("PREWHERE", node.prewhere), ("WHERE", node.where)):
        text += "" if clause is None else f" {word} {print_hogql(clause)}"
    text += _group_by(node)
    text += "" if node.having is None else f" HAVING {print_hogql(node.having)}"
    if node.window_exprs:
        windows = (f"{quote_name(name)} AS ({_window(one)})" for name, one in node.window_exprs.items())
        text += f" WINDOW {', '.join(windows)}"
    text += "" if node.qualify is None else f" QUALIFY {print_hogql(node.qualify)}"
    return text + _limits(node)


def _set(node: ast.SelectSetQuery) -> str:
    parts = [_operand_of_set(node.initial_select_query)]
    for one in node.subsequent_select_queries:
        parts += [one.set_operator, _operand_of_set(one.select_query)]
    return _with(node.ctes) + " ".join(parts) + _limits(node)


def _operand_of_set(node: ast.Node) -> str:
    text = print_hogql(node)
    is_plain = isinstance(node, ast.SelectQuery) and not (node.order_by or node.limit or node.ctes)
    return text if is_plain else f"({text})"


_WRITERS: Mapping[type[ast.Node], Callable[[ast.Node], str]] = cast(
    "Mapping[type[ast.Node], Callable[[ast.Node], str]]",
    {
        ast.Constant: _constant,
        ast.Field: _field,
        ast.Alias: _alias,
        ast.Call: _call,
        ast.ExprCall: _expr_call,
        ast.CompareOperation: _comparison,
        ast.IsDistinctFrom: _distinct,
        ast.ArithmeticOperation: _arithmetic,
        ast.And: _junction("and"),
        ast.Or: _junction("or"),
        ast.Not: _not,
        ast.BetweenExpr: _between,
        ast.Lambda: _lambda,
        ast.Tuple: _tuple,
        ast.TupleAccess: _tuple_access,
        ast.Array: _array,
        ast.ArrayAccess: _array_access,
        ast.ArraySlice: _slice,
        ast.Dict: _dict,
        ast.TypeCast: _cast,
        ast.TryCast: _try_cast,
        ast.Placeholder: _placeholder,
        ast.PositionalRef: _positional,
        ast.NamedArgument: _named,
        ast.SpreadExpr: _spread,
        ast.ColumnsExpr: _columns,
        ast.HogQLXTag: _tag,
        ast.OrderExpr: _order,
        ast.WindowExpr: _window,
        ast.WindowFunction: _window_function,
        ast.RatioExpr: _ratio,
        ast.SampleExpr: _sample,
        ast.JoinExpr: _join,
        ast.ValuesQuery: _values,
        ast.CTE: _cte,
        ast.GroupingSet: _grouping_set,
        ast.SelectQuery: _select,
        ast.SelectSetQuery: _set,
    },
)
