"""Names to columns, properties and joined tables (facts/queries.md 2, Access)."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError, HogQLResolutionError
from insights_mcp.local.hogql.identifiers import quote_identifier
from insights_mcp.local.hogql.printing import Printer
from insights_mcp.local.hogql.scope import NamedExpr, Scope
from insights_mcp.local.hogql.sources import Namespace, Value, read_json
from insights_mcp.local.hogql.sql import JsonValue, Key, Sql
from insights_mcp.local.hogql.sqltypes import UNKNOWN
from insights_mcp.schema.text import nearest


def print_field(printer: Printer, node: ast.Field, scope: Scope) -> Sql:
    """Print a name."""
    if node.chain[-1] == "*":
        raise HogQLQueryError("* is only allowed among the columns of SELECT and in count(*).")
    return _to_sql(_find(printer, node.chain, scope), node.chain)


def print_array_access(printer: Printer, node: ast.ArrayAccess, scope: Scope) -> Sql:
    """Print `a[1]` and `properties['x']`."""
    if isinstance(node.property, ast.Constant) and node.property.value == 0:
        raise HogQLQueryError("SQL indexes start from one, not from zero. E.g: array[1]")
    place = _find_place(printer, node, scope)
    if place is not None:
        return _to_sql(place, [])
    array, key = printer.expr(node.array, scope), printer.expr(node.property, scope)
    item = array.type.item or UNKNOWN
    return Sql(f"arrayElement({array.text}, {key.text})", item)


def print_tuple_access(printer: Printer, node: ast.TupleAccess, scope: Scope) -> Sql:
    """Print `tuple.1`, and `properties.list.1`."""
    if node.index == 0:
        raise HogQLQueryError("SQL indexes start from one, not from zero. E.g: array.1")
    place = _find_place(printer, node, scope)
    if place is not None:
        return _to_sql(place, [])
    return element_of(printer.expr(node.tuple, scope), node.index)


def element_of(value: Sql, index: int) -> Sql:
    """Return a part of a tuple."""
    known = value.type.items
    type_ = known[index - 1] if 0 < index <= len(known) else UNKNOWN
    return Sql(f"tupleElement({value.text}, {index:d})", type_)


def is_row_independent(node: ast.Expr) -> bool:
    """Return whether an expression is the same for every row: no names, no subqueries."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        return not node.params and all(is_row_independent(arg) for arg in node.args)
    if isinstance(node, ast.ArithmeticOperation):
        return is_row_independent(node.left) and is_row_independent(node.right)
    return False


def _find_place(printer: Printer, node: ast.Expr, scope: Scope) -> Value | None:
    """Return the place in a JSON document, or the joined row's field, that nested accesses lead to; None otherwise."""
    if isinstance(node, ast.Field):
        value = _find(printer, node.chain, scope)
        return value if isinstance(value, JsonValue | Namespace) else None
    if isinstance(node, ast.ArrayAccess):
        inner, key = node.array, node.property.value if isinstance(node.property, ast.Constant) else None
    elif isinstance(node, ast.TupleAccess):
        inner, key = node.tuple, node.index
    else:
        return None
    if isinstance(key, bool) or not isinstance(key, str | int):
        return None
    place = _find_place(printer, inner, scope)
    return None if place is None else _descend(place, key, [])


def _find(printer: Printer, chain: Sequence[Key], scope: Scope) -> Value:
    name = str(chain[0])
    if name in scope.arguments:
        value: Value = Sql(quote_identifier(name), UNKNOWN)
        rest = chain[1:]
    elif len(chain) > 1 and (source := scope.source(name)) is not None:
        value = source.field(str(chain[1]))
        rest = chain[2:]
    else:
        value = _find_name(printer, name, scope, is_path=len(chain) > 1)
        rest = chain[1:]
    for key in rest:
        value = _descend(value, key, chain)
    return value


def _find_name(printer: Printer, name: str, scope: Scope, *, is_path: bool) -> Value:
    alias = scope.alias(name)
    if alias is not None:
        return _find_alias(printer, name, alias, scope, is_path=is_path)
    found = scope.sources_with(name)
    if len(found) > 1:
        raise HogQLResolutionError(f"Ambiguous query. Found multiple sources for field: {name}")
    if found:
        return found[0].field(name)
    later = scope.later.pop(name, None)
    if later is not None:
        type_ = printer.expr(later.expr, scope).type
        scope.later[name] = later
        return Sql(quote_identifier(name), type_)
    query = scope.query(name)
    if query is not None:
        if query.cte.cte_type == "column":
            return printer.expr(query.cte.expr, query.scope if isinstance(query.cte.expr, ast.AnySelect) else scope)
        raise HogQLResolutionError(f"'{name}' is a query: it can only stand in FROM.")
    raise HogQLResolutionError(f"Unable to resolve field: {name}", nearest=nearest(name, _known_names(scope)))


def _find_alias(printer: Printer, name: str, alias: NamedExpr, scope: Scope, *, is_path: bool) -> Value:
    # An alias of a plain column is the column: the primary key is used, and a path can go on below it.
    if isinstance(alias.expr, ast.Field) and (is_path or scope.is_before_grouping):
        hidden = scope.aliases.pop(name)
        try:
            return _find(printer, alias.expr.chain, scope)
        finally:
            scope.aliases[name] = hidden
    text = quote_identifier(name)
    if alias.type.kind == "json":
        return JsonValue(lambda keys: read_json(text, alias.type, keys, printer.setting))
    return Sql(text, alias.type)


def _descend(value: Value, key: Key, chain: Sequence[Key]) -> Value:
    if isinstance(value, Namespace):
        return value.field(str(key))
    if isinstance(value, JsonValue):
        return value.descend(key)
    if isinstance(key, int) or key.isdecimal():
        return element_of(value, int(key))
    name = ".".join(map(str, chain))
    raise HogQLResolutionError(f'Can not access property "{key}" on field "{name.removesuffix(f".{key}")}".')


def _to_sql(value: Value, chain: Sequence[Key]) -> Sql:
    if isinstance(value, Sql):
        return value
    if isinstance(value, JsonValue):
        return value.value()
    name = ".".join(map(str, chain)) or value.name
    raise HogQLResolutionError(f"'{name}' is a table. Name one of its fields, like {name}.id")


def _known_names(scope: Scope) -> list[str]:
    names = [*scope.aliases, *scope.later]
    for source in scope.sources:
        names += source.columns()
    return [*names, *(source.name for source in scope.sources if source.name)]
