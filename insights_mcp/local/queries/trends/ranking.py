"""Ranks breakdown values and merges all behind the limit into one (facts/queries.md 1.1, Algorithm 4).

The values are ranked in SQL, so that a breakdown with a hundred thousand values still answers a few rows: one per
interval for each kept value and for the rest.
"""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import OTHER, Breakdown, is_missing, list_value
from insights_mcp.local.queries.expressions import alias, call, compare, constant, field, from_select
from insights_mcp.local.queries.histograms import Bin, bin_text
from insights_mcp.local.queries.trends.question import BUCKET, TOTAL

VALUE = "breakdown_value"
Bins = dict[str, list[Bin]]


def select_ranked_series(
    grouped: ast.SelectQuery, names: list[str], breakdown: Breakdown, roll_up: str, bins: Bins, weight: ast.Expr
) -> ast.SelectQuery:
    """Return the points of the kept values and of the rest. `weight` is what a point adds to the rank of its value.

    Columns: the total, its interval, its value, how many values occur in that interval, and the last one's position.
    """
    per_value = ast.SelectQuery(
        select=[
            alias(VALUE, field(VALUE)),
            alias("buckets", call("groupArray", field(BUCKET))),
            alias("totals", call("groupArray", field(TOTAL))),
            alias("weight", call("sum", weight)),
        ],
        select_from=from_select(_with_value(grouped, names, breakdown, roll_up, bins, has_bucket=True)),
        group_by=[field(VALUE)],
    )
    order = [
        ast.OrderExpr(expr=is_missing(field(VALUE), is_list=breakdown.is_list), order="ASC"),
        ast.OrderExpr(expr=field("weight"), order="DESC"),
        ast.OrderExpr(expr=field(VALUE), order="ASC"),
    ]
    ranked = _rank(per_value, [VALUE, "buckets", "totals"], order)
    merge = roll_up if roll_up in ("max", "min") else "sum"
    # Unfolded again rather than merged as maps: adding maps of many values is several times slower.
    return ast.SelectQuery(
        select=[
            alias("merged_total", call(merge, field("total_point"))),
            alias("kept_bucket", field("bucket_point")),
            alias("kept_value", _keep(breakdown)),
            alias("present", call("count")),
            alias("last_position", call("max", field("position"))),
        ],
        select_from=from_select(ranked),
        array_join_op="ARRAY JOIN",
        array_join_list=[alias("bucket_point", field("buckets")), alias("total_point", field("totals"))],
        group_by=[field("kept_bucket"), field("kept_value")],
    )


def select_ranked_totals(
    grouped: ast.SelectQuery, names: list[str], breakdown: Breakdown, roll_up: str, bins: Bins
) -> ast.SelectQuery:
    """Return the total of each kept value and of the rest. Null ranks by its total here, like any value."""
    order = [
        ast.OrderExpr(expr=field(TOTAL), order="DESC"),
        ast.OrderExpr(expr=field(VALUE), order="ASC"),
    ]
    ranked = _rank(_with_value(grouped, names, breakdown, roll_up, bins, has_bucket=False), [VALUE, TOTAL], order)
    merge = roll_up if roll_up in ("max", "min") else "sum"
    return ast.SelectQuery(
        select=[alias("kept_value", _keep(breakdown)), alias("merged_total", call(merge, field(TOTAL)))],
        select_from=from_select(ranked),
        group_by=[field("kept_value")],
    )


def _rank(source: ast.SelectQuery, columns: list[str], order: list[ast.OrderExpr]) -> ast.SelectQuery:
    position = ast.WindowFunction(name="row_number", over_expr=ast.WindowExpr(order_by=order))
    return ast.SelectQuery(
        select=[*(alias(name, field(name)) for name in columns), alias("position", position)],
        select_from=from_select(source),
    )


def _keep(breakdown: Breakdown) -> ast.Expr:
    rest = ast.Array(exprs=[constant(OTHER)] * len(breakdown.items)) if breakdown.is_list else constant(OTHER)
    return call("if", compare(field("position"), "<=", constant(breakdown.limit)), field(VALUE), rest)


def _with_value(
    grouped: ast.SelectQuery, names: list[str], breakdown: Breakdown, roll_up: str, bins: Bins, *, has_bucket: bool
) -> ast.SelectQuery:
    """Return the rows with their breakdown value in one column, numbers cut into their bins and rolled up."""
    value = list_value(names) if breakdown.is_list else field(names[0])
    if not bins:
        columns = [TOTAL, *([BUCKET] if has_bucket else [])]
        return ast.SelectQuery(
            select=[*(alias(name, field(name)) for name in columns), alias(VALUE, value)],
            select_from=from_select(grouped),
        )
    texts = [bin_text(field(name), bins[name]) if name in bins else field(name) for name in names]
    keys = [BUCKET] if has_bucket else []
    binned = ast.SelectQuery(
        select=[
            alias("rolled_up", call(roll_up, field(TOTAL))),
            *(alias(name, field(name)) for name in keys),
            alias(VALUE, ast.Array(exprs=texts) if breakdown.is_list else texts[0]),
        ],
        select_from=from_select(grouped),
        group_by=[*(field(name) for name in keys), field(VALUE)],
    )
    return ast.SelectQuery(
        select=[alias(TOTAL, field("rolled_up")), *(alias(name, field(name)) for name in (*keys, VALUE))],
        select_from=from_select(binned),
    )
