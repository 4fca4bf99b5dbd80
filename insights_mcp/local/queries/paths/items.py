"""Which events are in paths, and what each of them is called there: its item (facts/queries.md 1.5, Algorithm)."""

import re
from collections.abc import Iterator, Mapping

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_expr
from insights_mcp.local.queries.cleaning import clean_path
from insights_mcp.local.queries.expressions import TRUE, any_of, call, compare, constant, field
from insights_mcp.local.queries.paths.question import PAGEVIEW, SCREEN, Paths

_GROUPED = "if({place} > 0, {names}[{place}], {item})"


def match_types(paths: Paths) -> ast.Expr:
    """Return the condition that an event is of an included type; HogQL alone includes every event, as upstream."""
    included = paths.filter.includeEventTypes or []
    conditions: list[ast.Expr] = [
        compare(field("event"), "==", constant(name)) for name in (PAGEVIEW, SCREEN) if name in included
    ]
    if "custom_event" in included:
        conditions.append(call("not", call("startsWith", field("event"), constant("$"))))
    return any_of(conditions) if conditions else TRUE


def item_of(paths: Paths) -> ast.Expr:
    """Return what an event is called: never null. Raises HogQLError. May run a query."""
    item: ast.Expr = field("event")
    if _has_own_items(paths, "hogql") and paths.filter.pathsHogQLExpression:
        item = parse_expr(paths.filter.pathsHogQLExpression)
    item = call("toString", item)
    if _has_own_items(paths, PAGEVIEW):
        item = call("if", compare(field("event"), "==", constant(PAGEVIEW)), _page(), item)
    if _has_own_items(paths, SCREEN) and paths.has_screens:
        screen = call("toString", field("properties", "$screen_name"))
        item = call("if", compare(field("event"), "==", constant(SCREEN)), screen, item)
    item = call("ifNull", item, constant(""))
    return _group(clean_path(item, list(_cleaning(paths))), paths)


def match_item(paths: Paths, item: ast.Expr) -> ast.Expr:
    """Return the condition that an item is not excluded; nothing is unless types of events are asked for."""
    if not paths.filter.includeEventTypes or not paths.filter.excludeEvents:
        return TRUE
    excluded = ast.Tuple(exprs=[constant(name) for name in paths.filter.excludeEvents])
    return compare(item, "not in", excluded)


def _has_own_items(paths: Paths, type_: str) -> bool:
    """Return whether events of a type are called by something else than their name."""
    if not paths.filter.includeEventTypes:
        return type_ not in (paths.filter.excludeEvents or [])
    return type_ in paths.filter.includeEventTypes


def _page() -> ast.Expr:
    """Return a page's address without the slash at its end, unless that is all of it."""
    address = call("ifNull", call("toString", field("properties", "$current_url")), constant(""))
    return call("replaceRegexpAll", address, constant("(.)/$"), constant("\\1"))


def _cleaning(paths: Paths) -> Iterator[Mapping[str, object]]:
    if paths.filter.pathReplacements:
        yield from paths.context.team.path_cleaning_filters
    for rule in paths.filter.localPathCleaningFilters or []:
        yield {"regex": rule.regex, "alias": rule.alias}


def _group(item: ast.Expr, paths: Paths) -> ast.Expr:
    """Return an item as the wildcard that it contains, or as it is.

    Of several wildcards it is the one whose match ends first, as upstream: that is what multiMatchAnyIndex finds.
    """
    groupings = paths.filter.pathGroupings
    if not groupings:
        return item
    patterns = [re.escape(grouping).replace("\\*", ".*") for grouping in groupings]
    place = call("multiMatchAnyIndex", item, constant(patterns))
    return parse_expr(_GROUPED, {"place": place, "names": constant(list(groupings)), "item": item})
