"""What a query is broken down by: the value of each event as text, with sentinels (facts/queries.md 1.0, Breakdown)."""

from dataclasses import dataclass

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.cleaning import clean_path
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.local.queries.expressions import call, compare, constant, field
from insights_mcp.local.queries.filters import property_field, storage_of
from insights_mcp.local.queries.written import parse_written
from insights_mcp.schema.breakdowns import BreakdownFilter

OTHER = "$$_posthog_breakdown_other_$$"
NULL = "$$_posthog_breakdown_null_$$"
BASELINE = "$$_posthog_breakdown_baseline_$$"
DEFAULT_LIMIT = 25
EXPORT_LIMIT = 512
WORLD_MAP_LIMIT = 250
# Longer values, such as a whole page as an error message, are cut to so many characters and thereby become one.
MAX_VALUE_LENGTH = 400
# How results and queries name the cohort of everybody.
ALL_USERS = "all"
ALL_USERS_LABEL = "all users"


@dataclass(frozen=True)
class BreakdownItem:
    """One thing to break down by. `bins` asks for a histogram of that many bins."""

    property: str
    type: str
    group_type_index: int | None = None
    bins: int | None = None
    normalizes_url: bool = False
    cleans_path: bool = False


@dataclass(frozen=True)
class Breakdown:
    """How a query is broken down: by items (values are lists when `is_list`), or by cohorts."""

    items: tuple[BreakdownItem, ...] = ()
    cohorts: tuple[int | str, ...] = ()
    is_list: bool = False
    limit: int = DEFAULT_LIMIT
    hides_other: bool = False

    @property
    def is_histogram(self) -> bool:
        """Whether any item is cut into bins."""
        return any(item.bins is not None for item in self.items)


def read_breakdown(
    given: BreakdownFilter | None, context: QueryContext, *, limit: int | None = None
) -> Breakdown | None:
    """Return the breakdown a query asks for, None without one. `limit` overrides what the query says.

    Raises QueryError for cohorts that are no numbers, and for groups of no certain type.
    """
    if given is None or (given.breakdown is None and not given.breakdowns):
        return None
    limit = limit or given.breakdown_limit or (EXPORT_LIMIT if context.is_export else DEFAULT_LIMIT)
    hides_other = bool(given.breakdown_hide_other_aggregation)
    if given.breakdowns:
        items = tuple(
            BreakdownItem(
                property=str(item.property),
                type=item.type or "event",
                group_type_index=item.group_type_index,
                bins=item.histogram_bin_count,
                normalizes_url=bool(item.normalize_url),
                cleans_path=bool(given.breakdown_path_cleaning),
            )
            for item in given.breakdowns
        )
        return Breakdown(items=_check(items), is_list=True, limit=limit, hides_other=hides_other)
    values = given.breakdown if isinstance(given.breakdown, list) else [given.breakdown]
    if given.breakdown_type == "cohort":
        cohorts = tuple(_read_cohort(value) for value in values)
        return Breakdown(cohorts=cohorts, limit=max(limit, len(cohorts)), hides_other=hides_other)
    items = tuple(
        BreakdownItem(
            property=str(value),
            type=given.breakdown_type,
            group_type_index=given.breakdown_group_type_index,
            bins=given.breakdown_histogram_bin_count,
            normalizes_url=bool(given.breakdown_normalize_url),
            cleans_path=bool(given.breakdown_path_cleaning),
        )
        for value in values
    )
    return Breakdown(items=_check(items), is_list=len(items) > 1, limit=limit, hides_other=hides_other)


def raw_value(item: BreakdownItem, context: QueryContext) -> ast.Expr:
    """Return the value an event has for an item, null when it has none."""
    if item.type == "hogql":
        return _without_alias(parse_written(item.property))
    value: ast.Expr = property_field(item.type, item.property, item.group_type_index)
    if item.cleans_path:
        value = clean_path(value, context.team.path_cleaning_filters)
    if item.normalizes_url:
        trimmed = call("replaceRegexpOne", value, constant("[/?#]+$"), constant(""))
        value = call("if", compare(trimmed, "==", constant("")), constant("/"), trimmed)
    return value


def text_value(item: BreakdownItem, context: QueryContext) -> ast.Expr:
    """Return the value as text of a bounded length; null and the empty text become the null sentinel."""
    value = raw_value(item, context)
    is_text = item.type in ("event", "person", "group") and storage_of(
        item.type, item.property, context, item.group_type_index
    ) in ("String", "column")
    text = call("left", value if is_text else call("toString", value), constant(MAX_VALUE_LENGTH))
    return call("ifNull", call("nullIf", text, constant("")), constant(NULL))


def is_boolean(item: BreakdownItem, context: QueryContext) -> bool:
    """Return whether the values are truth values by their definition."""
    if item.type not in ("event", "person", "group"):
        return False
    return storage_of(item.type, item.property, context, item.group_type_index) == "Boolean"


def print_value(value: str, is_boolean: bool) -> str:  # what the definition says of the item
    """Return a value as it is shown: truth values as words."""
    return {"1": "true", "0": "false"}.get(value, value) if is_boolean else value


def is_missing(value: ast.Expr, *, is_list: bool) -> ast.Expr:
    """Return the condition that a breakdown value is the null sentinel, or a list that holds it."""
    return call("has", value, constant(NULL)) if is_list else compare(value, "==", constant(NULL))


def list_value(names: list[str]) -> ast.Expr:
    """Return several text columns as one list."""
    return ast.Array(exprs=[field(name) for name in names])


def _check(items: tuple[BreakdownItem, ...]) -> tuple[BreakdownItem, ...]:
    for item in items:
        if item.type == "group" and item.group_type_index is None:
            raise QueryError(f"A breakdown by groups' '{item.property}' needs a group type.", attr="breakdownFilter")
    return items


def _read_cohort(value: str | int | None) -> int | str:
    if value == ALL_USERS or value == 0 or value == "0":
        return ALL_USERS
    if not str(value).isdecimal():
        raise QueryError(f"A cohort breakdown needs cohort numbers or 'all', not '{value}'.", attr="breakdownFilter")
    return int(str(value))


def _without_alias(expr: ast.Expr) -> ast.Expr:
    return _without_alias(expr.expr) if isinstance(expr, ast.Alias) else expr
