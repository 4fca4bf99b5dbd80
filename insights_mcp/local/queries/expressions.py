"""Short hands for building HogQL syntax trees."""

from collections.abc import Iterable, Sequence

from insights_mcp.local.hogql import ast

TRUE = ast.Constant(value=True)
FALSE = ast.Constant(value=False)


def field(*chain: str | int) -> ast.Field:
    """Return a name with dots, one part each."""
    return ast.Field(chain=chain)


def constant(value: object) -> ast.Constant:
    """Return a value; it is bound, never printed into the SQL."""
    return ast.Constant(value=value)


def call(name: str, *args: ast.Expr, params: Sequence[ast.Expr] | None = None, distinct: bool = False) -> ast.Call:
    """Return a function call."""
    return ast.Call(name=name, args=args, params=params, distinct=distinct)


def alias(name: str, expr: ast.Expr) -> ast.Alias:
    """Return `expr AS name`."""
    return ast.Alias(alias=name, expr=expr)


def compare(left: ast.Expr, op: ast.CompareOp, right: ast.Expr) -> ast.CompareOperation:
    """Return `left op right` with HogQL's null rules."""
    return ast.CompareOperation(left=left, op=op, right=right)


def all_of(exprs: Iterable[ast.Expr]) -> ast.Expr:
    """Join conditions by AND; none is true."""
    parts = [expr for expr in exprs if expr != TRUE]
    return parts[0] if len(parts) == 1 else ast.And(exprs=parts) if parts else TRUE


def any_of(exprs: Iterable[ast.Expr]) -> ast.Expr:
    """Join conditions by OR; none is true, as an empty group of filters is."""
    parts = list(exprs)
    return parts[0] if len(parts) == 1 else ast.Or(exprs=parts) if parts else TRUE


def from_table(name: str, *, name_as: str | None = None, sample: float | None = None) -> ast.JoinExpr:
    """Return FROM a table, sampled when a share is given."""
    ratio = None if sample is None else ast.SampleExpr(sample_value=ast.RatioExpr(left=ast.Constant(value=sample)))
    return ast.JoinExpr(table=field(name), alias=name_as, sample=ratio)


def from_select(select: ast.AnySelect) -> ast.JoinExpr:
    """Return FROM a subquery."""
    return ast.JoinExpr(table=select)
