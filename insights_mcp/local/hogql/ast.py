"""The HogQL syntax tree: the node and field names are those of the parser's JSON.

Nodes are never changed: a parsed template is cached and shared. Build a changed copy with `dataclasses.replace`.
Sequences may be given as lists or tuples; the parser gives tuples. `start` and `end` are offsets into the text, None
for nodes that were built by hand; they play no part in equality.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from insights_mcp.local.hogql.operators import ArithmeticOp as ArithmeticOp
from insights_mcp.local.hogql.operators import CompareOp as CompareOp
from insights_mcp.local.hogql.operators import SetOperator as SetOperator


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in the tree."""

    start: int | None = field(default=None, compare=False, repr=False, kw_only=True)
    end: int | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Expr(Node):
    """Anything that has a value."""


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A literal, or a value given by a caller: None, bool, int, float, str, UUID, date, datetime, or a list of them."""

    value: object


@dataclass(frozen=True, slots=True)
class Field(Expr):
    """A name with dots: `events.properties.$browser` is `["events", "properties", "$browser"]`; `*` is `["*"]`."""

    chain: Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Alias(Expr):
    """`expr AS alias`. `hidden`: named by us after a plain field, gives way to other columns of that name."""

    alias: str
    expr: Expr
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function: `quantile(0.5)(x)` has params and args, `count(DISTINCT x)` is distinct."""

    name: str
    args: Sequence[Expr] = ()
    params: Sequence[Expr] | None = None
    distinct: bool = False
    filter_expr: Expr | None = None
    order_by: Sequence[OrderExpr] | None = None
    within_group: Sequence[OrderExpr] | None = None


@dataclass(frozen=True, slots=True)
class ExprCall(Expr):
    """A call of something that is not a plain name: `(x -> x)(1)`, `a::Nullable(Int)`."""

    expr: Expr
    args: Sequence[Expr] = ()


@dataclass(frozen=True, slots=True)
class CompareOperation(Expr):
    """`left op right`. `x IS NULL` is `==` with a null constant and `is_null_comparison_style`."""

    left: Expr
    op: CompareOp
    right: Expr
    is_null_comparison_style: bool = False


@dataclass(frozen=True, slots=True)
class IsDistinctFrom(Expr):
    """`left IS [NOT] DISTINCT FROM right`; `<=>` is the negated form."""

    left: Expr
    right: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ArithmeticOperation(Expr):
    """`left op right`."""

    left: Expr
    op: ArithmeticOp
    right: Expr


@dataclass(frozen=True, slots=True)
class And(Expr):
    """All of them."""

    exprs: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    """Any of them."""

    exprs: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    """`NOT expr`."""

    expr: Expr


@dataclass(frozen=True, slots=True)
class BetweenExpr(Expr):
    """`expr [NOT] BETWEEN low AND high`."""

    expr: Expr
    low: Expr
    high: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Lambda(Expr):
    """`(a, b) -> expr`."""

    args: Sequence[str]
    expr: Expr


@dataclass(frozen=True, slots=True)
class Tuple(Expr):
    """`(a, b)`."""

    exprs: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class TupleAccess(Expr):
    """`tuple.1`, `tuple?.1`."""

    tuple: Expr
    index: int
    nullish: bool = False


@dataclass(frozen=True, slots=True)
class Array(Expr):
    """`[a, b]`."""

    exprs: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class ArrayAccess(Expr):
    """`array[property]`, `json['key']`, `json?.key`."""

    array: Expr
    property: Expr
    nullish: bool = False


@dataclass(frozen=True, slots=True)
class ArraySlice(Expr):
    """`array[start:end]`."""

    array: Expr
    start_expr: Expr | None = None
    end_expr: Expr | None = None


@dataclass(frozen=True, slots=True)
class Dict(Expr):
    """`{key: value}`."""

    items: Sequence[Sequence[Expr]]


@dataclass(frozen=True, slots=True)
class TypeCast(Expr):
    """`expr::type`, `CAST(expr AS type)`."""

    expr: Expr
    type_name: str


@dataclass(frozen=True, slots=True)
class TryCast(Expr):
    """`TRY_CAST(expr AS type)`: null where the cast fails."""

    expr: Expr
    type_name: str


@dataclass(frozen=True, slots=True)
class NamedArgument(Expr):
    """`name := value` in a call."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class PositionalRef(Expr):
    """`#1`: the first column."""

    index: int


@dataclass(frozen=True, slots=True)
class SpreadExpr(Expr):
    """`*COLUMNS(...)` among arguments."""

    expr: Expr


@dataclass(frozen=True, slots=True)
class ColumnsExpr(Expr):
    """`COLUMNS(...)` and `* EXCLUDE (...)`: several columns at once."""

    regex: str | None = None
    columns: Sequence[Expr] | None = None
    all_columns: bool = False
    exclude: Sequence[str] | None = None
    replace: Mapping[str, Expr] | None = None


@dataclass(frozen=True, slots=True)
class Placeholder(Expr):
    """`{name}`: filled before the query is resolved."""

    expr: Expr

    @property
    def chain(self) -> tuple[str, ...] | None:
        """The dotted name inside the braces, None when it is not a plain name."""
        return tuple(str(part) for part in self.expr.chain) if isinstance(self.expr, Field) else None


@dataclass(frozen=True, slots=True)
class HogQLXAttribute(Node):
    """An attribute of a tag. `value` is an expression or, for children, a sequence of them."""

    name: str
    value: Expr | Sequence[Expr]


@dataclass(frozen=True, slots=True)
class HogQLXTag(Expr):
    """`<Sparkline data={...} />`."""

    kind: str
    attributes: Sequence[HogQLXAttribute] = ()


@dataclass(frozen=True, slots=True)
class WithFillExpr(Expr):
    """`WITH FILL FROM .. TO .. STEP ..`."""

    from_value: Expr | None = None
    to_value: Expr | None = None
    step_value: Expr | None = None
    staleness_value: Expr | None = None


@dataclass(frozen=True, slots=True)
class InterpolateExpr(Expr):
    """`INTERPOLATE (name AS value)`."""

    name: str
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class OrderExpr(Expr):
    """One key of an ORDER BY."""

    expr: Expr
    order: Literal["ASC", "DESC"] = "ASC"
    nulls: Literal["FIRST", "LAST"] | None = None
    with_fill: WithFillExpr | None = None


@dataclass(frozen=True, slots=True)
class WindowFrameExpr(Expr):
    """One end of a frame. `frame_value` None with PRECEDING or FOLLOWING means unbounded."""

    frame_type: Literal["CURRENT ROW", "PRECEDING", "FOLLOWING"] | None = None
    frame_value: int | None = None


@dataclass(frozen=True, slots=True)
class WindowExpr(Expr):
    """What stands in OVER (...)."""

    partition_by: Sequence[Expr] | None = None
    order_by: Sequence[OrderExpr] | None = None
    frame_method: Literal["ROWS", "RANGE"] | None = None
    frame_start: WindowFrameExpr | None = None
    frame_end: WindowFrameExpr | None = None


@dataclass(frozen=True, slots=True)
class WindowFunction(Expr):
    """`name(exprs) OVER (...)`; of `quantile(0.5)(x) OVER ()` the 0.5 stands in exprs and x in args."""

    name: str
    args: Sequence[Expr] | None = None
    exprs: Sequence[Expr] | None = None
    over_expr: WindowExpr | None = None
    over_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class RatioExpr(Expr):
    """`1/10`, or a plain number."""

    left: Constant | Placeholder
    right: Constant | Placeholder | None = None


@dataclass(frozen=True, slots=True)
class SampleExpr(Expr):
    """`SAMPLE 0.1 OFFSET 0.5`."""

    sample_value: RatioExpr
    offset_value: RatioExpr | None = None


@dataclass(frozen=True, slots=True)
class JoinConstraint(Expr):
    """`ON expr` or `USING expr`."""

    expr: Expr
    constraint_type: Literal["ON", "USING"] = "ON"


@dataclass(frozen=True, slots=True)
class PivotColumn(Expr):
    """`FOR column IN (values)`."""

    column: Expr
    values: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class PivotExpr(Expr):
    """`table PIVOT (aggregates FOR ...)`."""

    table: Expr
    aggregates: Sequence[Expr]
    columns: Sequence[PivotColumn]
    group_by: Sequence[Expr] | None = None


@dataclass(frozen=True, slots=True)
class UnpivotColumn(Expr):
    """`value_columns FOR name_columns IN (unpivot_values)`."""

    value_columns: Expr
    name_columns: Expr
    unpivot_values: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class UnpivotExpr(Expr):
    """`table UNPIVOT (...)`."""

    table: Expr
    columns: Sequence[UnpivotColumn]
    include_nulls: bool = False


@dataclass(frozen=True, slots=True)
class ValuesQuery(Expr):
    """`VALUES (1, 2), (3, 4)` as a table."""

    rows: Sequence[Sequence[Expr]]


@dataclass(frozen=True, slots=True)
class JoinExpr(Expr):
    """A table in FROM; `next_join` is the one joined to it. `join_type` belongs to this table, None on the first."""

    table: Expr | None = None
    alias: str | None = None
    join_type: str | None = None
    table_args: Sequence[Expr] | None = None
    column_aliases: Sequence[str] | None = None
    table_final: bool = False
    constraint: JoinConstraint | None = None
    next_join: JoinExpr | None = None
    sample: SampleExpr | None = None


@dataclass(frozen=True, slots=True)
class LimitByExpr(Expr):
    """`LIMIT n [OFFSET m] BY exprs`."""

    n: Expr
    exprs: Sequence[Expr]
    offset_value: Expr | None = None


@dataclass(frozen=True, slots=True)
class CTE(Expr):
    """`WITH name AS (SELECT ..)` is a "subquery", `WITH expr AS name` a "column"."""

    name: str
    expr: Expr
    cte_type: Literal["subquery", "column"] = "subquery"
    columns: Sequence[str] | None = None
    materialized: bool | None = None
    recursive: bool = False
    using_key: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class GroupingSet(Expr):
    """One set of GROUPING SETS."""

    exprs: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class SelectQuery(Expr):
    """A SELECT."""

    select: Sequence[Expr] = ()
    ctes: Sequence[CTE] | None = None
    distinct: bool = False
    select_from: JoinExpr | None = None
    array_join_op: str | None = None
    array_join_list: Sequence[Expr] | None = None
    window_exprs: Mapping[str, WindowExpr] | None = None
    where: Expr | None = None
    prewhere: Expr | None = None
    having: Expr | None = None
    qualify: Expr | None = None
    group_by: Sequence[Expr] | None = None
    group_by_mode: str | None = None
    order_by: Sequence[OrderExpr] | None = None
    interpolate: Sequence[InterpolateExpr] | None = None
    limit: Expr | None = None
    limit_by: LimitByExpr | None = None
    limit_with_ties: bool = False
    limit_percent: bool = False
    offset: Expr | None = None


@dataclass(frozen=True, slots=True)
class SelectSetNode(Node):
    """The second and later SELECTs of a set, each with the operator before it."""

    select_query: SelectQuery | SelectSetQuery | Placeholder
    set_operator: SetOperator


@dataclass(frozen=True, slots=True)
class SelectSetQuery(Expr):
    """SELECTs joined by UNION, INTERSECT, EXCEPT."""

    initial_select_query: SelectQuery | SelectSetQuery | Placeholder
    subsequent_select_queries: Sequence[SelectSetNode] = ()
    ctes: Sequence[CTE] | None = None
    order_by: Sequence[OrderExpr] | None = None
    limit: Expr | None = None
    limit_with_ties: bool = False
    limit_percent: bool = False
    offset: Expr | None = None


AnySelect = SelectQuery | SelectSetQuery
