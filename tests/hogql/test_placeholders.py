"""Placeholders that depend on where they stand, as {filters} does."""

import pytest

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.parser import parse_expr, parse_select
from insights_mcp.local.hogql.placeholders import OMIT_COMPARISON, find_placeholders, replace_placeholders
from insights_mcp.local.hogql.writer import print_hogql


def test_a_resolver_sees_the_select_around_the_placeholder() -> None:
    def resolve(chain: tuple[str, ...], select: ast.SelectQuery | None) -> ast.Node | None:
        assert select is not None
        source = select.select_from
        assert source is not None
        assert isinstance(source.table, ast.Field)
        return parse_expr(f"in_{source.table.chain[0]}")

    query = parse_select("select a from events where {filters} and b in (select c from sessions where {filters})")

    assert (
        print_hogql(replace_placeholders(query, resolve))
        == "SELECT a FROM events WHERE and(in_events, in(b, (SELECT c FROM sessions WHERE in_sessions)))"
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("timestamp >= {from} and x", "and(true, x)"),
        ("{from} <= timestamp", "true"),
        ("timestamp >= toDateTime({from})", "true"),
        ("timestamp between {from} and {to}", "true"),
        ("not timestamp > {from} or x", "or(not(true), x)"),
        ("a in (select b from t where c > {from})", "in(a, (SELECT b FROM t WHERE true))"),
        ("timestamp >= {to}", "greaterOrEquals(timestamp, 1)"),
    ],
)
def test_a_comparison_without_its_date_is_true(text: str, result: str) -> None:
    values = {"from": OMIT_COMPARISON, "to": ast.Constant(1)}

    assert print_hogql(replace_placeholders(parse_expr(text), lambda chain, _: values.get(chain[0]))) == result


@pytest.mark.parametrize("text", ["{from}", "f({from})", "x and f({from})"])
def test_a_missing_date_outside_of_a_comparison_is_an_error(text: str) -> None:
    with pytest.raises(HogQLQueryError, match=r"Without a date range \{from\} only works in a comparison"):
        replace_placeholders(parse_expr(text), lambda *_: OMIT_COMPARISON)


VALUES = {"on": ast.Constant(True), "off": ast.Constant(None), "n": ast.Constant(4), "city": ast.Constant("Oslo")}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{on ? 'yes' : 'no'}", "'yes'"),
        ("{off ? 'yes' : 'no'}", "'no'"),
        ("{n * 2 - 1}", "7"),
        ("{n / 8 >= 0.5 and not off}", "true"),
        ("{off or n == 5}", "false"),
        ("{off ?? city}", "'Oslo'"),
        ("{n in [1, 4]}", "true"),
        ("{f'{upper(city)}: {n}'}", "'OSLO: 4'"),
        ("{sql(event)} = {'a'}", "equals(event, 'a')"),
        ("{sql(count() > {n})}", "greater(count(), 4)"),
        ("{on ? sql(event = {city}) : sql(true)} and x", "and(equals(event, 'Oslo'), x)"),
    ],
)
def test_a_placeholder_is_computed_from_names(text: str, result: str) -> None:
    assert print_hogql(replace_placeholders(parse_expr(text), VALUES)) == result


@pytest.mark.parametrize(
    "text",
    [
        "{1 / 0}",
        "{city * 1000000000}",
        "{city < n}",
        "{count()}",
        "{sql(a) + 1}",
        "{toInt(city)}",
        "{x -> x}",
        "{gone}",
    ],
)
def test_a_placeholder_that_cannot_be_computed_is_an_error(text: str) -> None:
    with pytest.raises(HogQLQueryError):
        replace_placeholders(parse_expr(text), VALUES)


def test_an_unknown_placeholder_is_an_error() -> None:
    with pytest.raises(HogQLQueryError, match=r"Unresolved placeholder: \{variables.x\}"):
        replace_placeholders(parse_select("select {variables.x}"), {})


def test_placeholders_are_found_once_in_order() -> None:
    query = parse_select("select {b}, {a.x} from t where {b} and {filters.dateRange.from}")

    assert find_placeholders(query) == [("b",), ("a", "x"), ("filters", "dateRange", "from")]


def test_what_is_filled_in_is_not_searched_again() -> None:
    filled = replace_placeholders(parse_expr("{a}"), {"a": parse_expr("{a}")})

    assert isinstance(filled, ast.Placeholder)
