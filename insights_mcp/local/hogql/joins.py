"""FROM: tables, subqueries, joins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError, HogQLResolutionError
from insights_mcp.local.hogql.fields import is_row_independent
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.printing import Printer, SelectSql
from insights_mcp.local.hogql.scope import Scope
from insights_mcp.local.hogql.sources import SelectSource, Source, TableSource
from insights_mcp.local.hogql.sqltypes import INT, UNKNOWN, SqlType
from insights_mcp.local.hogql.tables import find_table, table_names
from insights_mcp.schema.text import nearest

_SIDES = ("LEFT", "RIGHT", "FULL", "INNER", "CROSS")
_KINDS = ("OUTER", "ANY", "ALL", "SEMI", "ANTI", "ASOF")


@dataclass(frozen=True, slots=True)
class JoinedSource:
    """A table in FROM, the word before it, and its condition."""

    source: Source
    join_type: str
    condition: str


def open_from(printer: Printer, first: ast.JoinExpr | None, scope: Scope) -> list[JoinedSource]:
    """Add the tables of a FROM to the scope. They are printed after everything that uses them."""
    joins = list(_chain(first))
    # A RIGHT or FULL join gives rows without a first table: a guard in WHERE would drop them.
    is_wrapped = any("RIGHT" in (one.join_type or "") or "FULL" in (one.join_type or "") for one in joins)
    opened: list[JoinedSource] = []
    for index, join in enumerate(joins):
        source = _open(printer, join, scope, is_wrapped=is_wrapped or index > 0)
        scope.add_source(source)
        condition = _print_condition(printer, join, scope, opened) if index else ""
        opened.append(JoinedSource(source, _join_words(join) if index else "", condition))
    return opened


def print_from(joined: Sequence[JoinedSource]) -> str:
    """Return the text after FROM."""
    parts = (f"{one.join_type} {one.source.print_from()}{one.condition}" for one in joined)
    return " ".join(parts).lstrip()


def _chain(first: ast.JoinExpr | None) -> Iterator[ast.JoinExpr]:
    while first is not None:
        yield first
        first = first.next_join


def _join_words(join: ast.JoinExpr) -> str:
    words = (join.join_type or "JOIN").upper().split()
    if words[-1:] != ["JOIN"] or any(word not in (*_SIDES, *_KINDS) for word in words[:-1]):
        raise HogQLNotSupported(f"{join.join_type} is not supported.", start=join.start, end=join.end)
    return " ".join(words)


def _print_condition(printer: Printer, join: ast.JoinExpr, scope: Scope, before: Sequence[JoinedSource]) -> str:
    words = (join.join_type or "").upper()
    if join.constraint is None:
        if "CROSS" not in words:
            raise HogQLQueryError(f"{words or 'JOIN'} needs ON or USING.", start=join.start, end=join.end)
        return ""
    if join.constraint.constraint_type == "USING":
        return _print_using(join.constraint, scope, before, words)
    return f" ON {printer.expr(join.constraint.expr, scope.in_join()).text}"


def _print_using(constraint: ast.JoinConstraint, scope: Scope, before: Sequence[JoinedSource], words: str) -> str:
    """Print USING as equalities, so that both sides are what HogQL means by the name."""
    if "FULL" in words or "RIGHT" in words:
        raise HogQLNotSupported("USING in a RIGHT or FULL JOIN is not supported. Use ON.")
    exprs = constraint.expr.exprs if isinstance(constraint.expr, ast.Tuple | ast.Array) else [constraint.expr]
    equalities = []
    for expr in exprs:
        if not isinstance(expr, ast.Field) or len(expr.chain) != 1:
            raise HogQLQueryError("USING takes the names of columns.", start=expr.start, end=expr.end)
        name = str(expr.chain[0])
        left = next((one.source for one in before if one.source.has_field(name)), None)
        right = scope.sources[-1]
        if left is None:
            raise HogQLResolutionError(f"Unable to resolve field: {name}", start=expr.start, end=expr.end)
        sides = [_text(source, name) for source in (left, right)]
        equalities.append(" = ".join(sides))
        scope.merged.add(name)
    return f" ON {' AND '.join(equalities)}"


def _text(source: Source, name: str) -> str:
    value = source.field(name)
    text = getattr(value, "text", None)
    if not isinstance(text, str):
        raise HogQLQueryError(f"'{name}' has no value that could be compared.")
    return text


def _open(printer: Printer, join: ast.JoinExpr, scope: Scope, *, is_wrapped: bool) -> Source:
    table = join.table
    if isinstance(table, ast.Field):
        return _open_name(printer, join, table, scope, is_wrapped=is_wrapped)
    if isinstance(table, ast.AnySelect):
        return _open_select(printer, join, printer.select(table, scope), scope)
    if isinstance(table, ast.ValuesQuery):
        return _open_select(printer, join, _print_values(printer, table, scope), scope)
    if isinstance(table, ast.Placeholder):
        printer.expr(table, scope)
    what = "Nothing" if table is None else type(table).__name__
    raise HogQLNotSupported(f"{what} is not supported in FROM.", start=join.start, end=join.end)


def _open_name(printer: Printer, join: ast.JoinExpr, field: ast.Field, scope: Scope, *, is_wrapped: bool) -> Source:
    name = ".".join(map(str, field.chain))
    if join.table_args is not None:
        return _open_select(printer, join, _print_numbers(printer, name, join.table_args), scope, name)
    query = scope.query(name) if len(field.chain) == 1 else None
    if query is not None and query.cte.cte_type == "subquery":
        return _open_select(printer, join, _print_cte(printer, query.cte, query.scope), scope, name)
    table = find_table(name) if not name.startswith("_") else None
    if table is None and name in ("numbers", "generate_series", "generateSeries"):
        raise HogQLQueryError(f"Table function '{name}' requires arguments", start=field.start, end=field.end)
    if table is None:
        raise HogQLResolutionError(
            f"Unknown table `{name}`.", nearest=nearest(name, table_names()), start=field.start, end=field.end
        )
    if join.table_final:
        raise HogQLQueryError("FINAL is not supported: it makes queries slow.", start=join.start, end=join.end)
    if join.column_aliases:
        raise HogQLNotSupported("Column aliases of a table are not supported.", start=join.start, end=join.end)
    shown = join.alias or name
    source = TableSource(table, scope.unused(shown), shown, printer.setting, is_wrapped=is_wrapped)
    source.sample = _print_sample(join.sample)
    return source


def _open_select(
    printer: Printer, join: ast.JoinExpr, printed: SelectSql, scope: Scope, name: str | None = None
) -> Source:
    if join.sample is not None or join.table_final:
        raise HogQLQueryError("SAMPLE and FINAL are for tables.", start=join.start, end=join.end)
    shown = join.alias or name
    columns: dict[str, SqlType] = {}
    for column, type_ in printed.columns:
        columns.setdefault(column, type_)
    text = f"({printed.text})"
    alias = scope.unused(shown or f"q{len(scope.sources) + 1}")
    source = SelectSource(text, alias, shown, columns, printer.setting)
    if join.column_aliases:
        return _rename(source, join, printer)
    return source


def _rename(source: SelectSource, join: ast.JoinExpr, printer: Printer) -> Source:
    """Give the columns of a subquery the names of `AS t(a, b)`."""
    names, given = source.columns(), list(join.column_aliases or ())
    if len(given) > len(names):
        raise HogQLQueryError("There are more column aliases than columns.", start=join.start, end=join.end)
    renamed = dict(zip(names, [*given, *names[len(given) :]], strict=True))
    inner = ", ".join(f"{quote_identifier(old)} AS {quote_identifier(new)}" for old, new in renamed.items())
    columns = {new: source.type_of(old) for old, new in renamed.items()}
    text = f"(SELECT {inner} FROM {source.print_from()})"
    return SelectSource(text, source.alias, source.name, columns, printer.setting)


def _print_cte(printer: Printer, cte: ast.CTE, scope: Scope) -> SelectSql:
    if cte.recursive or cte.using_key:
        raise HogQLNotSupported("Recursive common table expressions are not supported.", start=cte.start, end=cte.end)
    printed = printer.select(cte.expr, scope)
    if not cte.columns:
        return printed
    types = [type_ for _, type_ in printed.columns]
    if len(cte.columns) != len(types):
        raise HogQLQueryError(f"'{cte.name}' has {len(types)} columns.", start=cte.start, end=cte.end)
    names = [name for name, _ in printed.columns]
    inner = ", ".join(
        f"{quote_identifier(old)} AS {quote_identifier(new)}" for old, new in zip(names, cte.columns, strict=True)
    )
    return SelectSql(f"SELECT {inner} FROM ({printed.text})", list(zip(cte.columns, types, strict=True)))


def _print_sample(sample: ast.SampleExpr | None) -> str:
    if sample is None:
        return ""
    text = f" SAMPLE {_print_ratio(sample.sample_value)}"
    return text if sample.offset_value is None else f"{text} OFFSET {_print_ratio(sample.offset_value)}"


def _print_ratio(ratio: ast.RatioExpr) -> str:
    parts = [ratio.left] if ratio.right is None else [ratio.left, ratio.right]
    numbers = [one.value if isinstance(one, ast.Constant) else None for one in parts]
    if any(isinstance(one, bool) or not isinstance(one, int | float) or one < 0 for one in numbers):
        raise HogQLQueryError("SAMPLE takes a number or a ratio of two.")
    return "/".join(repr(one) for one in numbers)


def _print_numbers(printer: Printer, name: str, args: Sequence[ast.Expr]) -> SelectSql:
    """Print numbers(n) and generateSeries(a, b): the only tables that are functions."""
    functions = {"numbers": ("numbers", "number", 1, 2), "generate_series": ("generateSeries", "generate_series", 2, 3)}
    known = functions.get({"generateSeries": "generate_series"}.get(name, name))
    if known is None:
        if find_table(name) is not None:
            raise HogQLQueryError(f"Table '{name}' does not accept arguments")
        raise HogQLResolutionError(f"Unknown table function `{name}`.", nearest=nearest(name, functions))
    function, column, least, most = known
    if len(args) < least:
        raise HogQLQueryError(f"Table function '{name}' requires at least {least} argument{'s' * (least > 1)}")
    if len(args) > most:
        raise HogQLQueryError(f"Table function '{name}' requires at most {most} arguments")
    values = ", ".join(_print_bound(printer, name, one) for one in args)
    return SelectSql(f"SELECT {column} FROM {function}({values})", [(column, INT)])


def _print_bound(printer: Printer, name: str, expr: ast.Expr) -> str:
    """Print an argument of a table function: what can be computed before anything is read."""
    is_whole = isinstance(expr, ast.Constant) and isinstance(expr.value, int) and not isinstance(expr.value, bool)
    if is_whole or (isinstance(expr, ast.Call | ast.ArithmeticOperation) and is_row_independent(expr)):
        value = printer.expr(expr, Scope())
        if value.type.kind in ("int", "unknown") and not value.text.startswith("-"):
            return value.text
    raise HogQLQueryError(f"Table function '{name}' takes whole numbers.", start=expr.start, end=expr.end)


def _print_values(printer: Printer, query: ast.ValuesQuery, scope: Scope) -> SelectSql:
    """Print VALUES as SELECTs: its columns are col0, col1 and so on."""
    rows = [[one.text for one in printer.exprs(row, Scope(parent=scope))] for row in query.rows]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise HogQLQueryError("The rows of VALUES must be of one length.")
    names = [f"col{index}" for index in range(width)]
    selects = [
        "SELECT " + ", ".join(f"{text} AS {name}" for text, name in zip(row, names, strict=True)) for row in rows
    ]
    return SelectSql(" UNION ALL ".join(selects), [(name, UNKNOWN) for name in names])
