"""The parser's door: trees, places of errors, limits. Run on every Python version, it is the same for both parsers."""

import json
import math
import sys
from pathlib import Path

import pytest

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLNotSupported, HogQLQueryError, HogQLSyntaxError
from insights_mcp.local.hogql.parser import parse_expr, parse_order_expr, parse_select
from insights_mcp.local.hogql.visitor import children, transform, walk, without_positions

TREES: dict[str, ast.Expr] = {
    "1": ast.Constant(1),
    "-1.5": ast.Constant(-1.5),
    "'it''s \\'\\n'": ast.Constant("it's '\n"),
    "null": ast.Constant(None),
    "true": ast.Constant(True),
    "12345678901234567890123": ast.Constant(12345678901234567890123),
    "inf": ast.Constant(math.inf),
    "a.b.`c d`": ast.Field(("a", "b", "c d")),
    "$x": ast.Field(("$x",)),
    "f(a, 1)": ast.Call("f", (ast.Field(("a",)), ast.Constant(1))),
    "q(0.5)(a)": ast.Call("q", (ast.Field(("a",)),), (ast.Constant(0.5),)),
    "count(distinct a)": ast.Call("count", (ast.Field(("a",)),), distinct=True),
    "a = 1": ast.CompareOperation(ast.Field(("a",)), "==", ast.Constant(1)),
    "a is not null": ast.CompareOperation(ast.Field(("a",)), "!=", ast.Constant(None), is_null_comparison_style=True),
    "a in cohort 12": ast.CompareOperation(ast.Field(("a",)), "in cohort", ast.Constant(12)),
    "a and b and c": ast.And((ast.Field(("a",)), ast.Field(("b",)), ast.Field(("c",)))),
    "x -> x": ast.Lambda(("x",), ast.Field(("x",))),
    "a['b']": ast.ArrayAccess(ast.Field(("a",)), ast.Constant("b")),
    "a?.b": ast.ArrayAccess(ast.Field(("a",)), ast.Constant("b"), nullish=True),
    "{a.b}": ast.Placeholder(ast.Field(("a", "b"))),
    "1 ? 2 : 3": ast.Call("if", (ast.Constant(1), ast.Constant(2), ast.Constant(3))),
}


def test_expressions_become_the_parsers_own_nodes() -> None:
    assert {text: without_positions(parse_expr(text)) for text in TREES} == TREES


def test_not_a_number_is_read() -> None:
    value = parse_expr("nan")
    assert isinstance(value, ast.Constant)
    assert math.isnan(float(str(value.value)))


def test_nodes_know_their_place_in_characters() -> None:
    text = "select 'é漢😀', evnt from events"
    query = parse_select(text)
    assert isinstance(query, ast.SelectQuery)

    assert [text[node.start : node.end] for node in query.select] == ["'é漢😀'", "evnt"]


def test_equality_does_not_look_at_places() -> None:
    assert parse_select("select   1") == parse_select("select 1")


def test_order_expressions_are_read() -> None:
    assert without_positions(parse_order_expr("count() desc")) == ast.OrderExpr(ast.Call("count"), "DESC")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("selec 1", "selec"),
        ("select 'é漢' frm x y z", "x"),
        ("select 1 from t where", None),
        ("select (1", None),
        ("select 'a", None),
        ("", None),
        ("select 1; drop table events", None),
    ],
)
def test_a_syntax_error_has_a_place(text: str, wrong: str | None) -> None:
    with pytest.raises(HogQLSyntaxError) as error:
        parse_select(text)

    assert error.value.start is not None
    assert 0 <= error.value.start <= len(text)
    if wrong is not None and "hogql_parser_rs" in sys.modules:
        assert text[error.value.start :].startswith(wrong)


def test_half_a_character_is_a_syntax_error() -> None:
    with pytest.raises(HogQLSyntaxError, match="half a character"):
        parse_select("select '\ud800'")


def test_settings_are_refused_by_the_grammar() -> None:
    with pytest.raises(HogQLNotSupported, match="settings"):
        parse_select("select 1 settings readonly = 0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select '" + "x" * 300_000 + "'", "longer than 262,144 characters"),
        ("select " + "(" * 70 + "1" + ")" * 70, "nested deeper than 32 brackets"),
        ("select " + "f(" * 5_000 + "1" + ")" * 5_000, "nested deeper than 32 brackets"),
        ("select a" + " + a" * 3_000, "more than 5,000 words"),
        ("select " + "not " * 500 + "1", "more than 100 of NOT"),
        ("select 1 from a" + " join b on 1" * 60, "more than 40 joins"),
        ("select " + "case when 1 then " * 300 + "1" + " end" * 300, "more than 100 of NOT, CASE"),
        ("select a" + ".b" * 200, "a name of more than 40 parts"),
        ("select " + "x -> " * 200 + "1", "more than 100 of NOT, CASE, INTERVAL and ->"),
        ("select f'{" + "(" * 70 + "1" + ")" * 70 + "}'", "nested deeper than 32 brackets"),
        ("select f'a', '" + "x" * 30_000 + "'", "at most 20,000 characters"),
        ("select " + "f'{" * 100 + "1" + "}'" * 100, "nested deeper than 32 brackets"),
        ("select " + "f'a', " * 100 + "1", "more than 40 template strings"),
        ("select '" + "\\'" * 100_000, "A text in quotes does not end"),
    ],
)
def test_texts_that_would_cost_the_parser_are_refused_before(text: str, message: str) -> None:
    with pytest.raises(HogQLSyntaxError, match=message):
        parse_select(text)


def test_long_lists_are_no_deep_texts() -> None:
    query = parse_select(f"select 1 from t where a in ({', '.join(map(str, range(5_000)))})")

    assert isinstance(query, ast.SelectQuery)


def test_quotes_and_comments_do_not_count_as_nesting() -> None:
    brackets = "(" * 100
    assert parse_select(f"select '{brackets}', `{brackets}` /* {brackets} */ -- {brackets}\n from t")


def test_words_inside_template_strings_are_no_clauses() -> None:
    assert parse_select("select f'{a} order by nulls first', 'with totals order by' from t order by a")


def test_templates_are_parsed_once() -> None:
    assert parse_select("select event, 42 from events") is parse_select("select event, 42 from events")


def test_importing_the_parser_leaves_no_stand_in_for_posthogs_package() -> None:
    parse_select("select 1")

    assert "posthog.hogql" not in sys.modules


def test_a_node_of_a_newer_grammar_is_refused() -> None:
    from insights_mcp.local.hogql.deserializer import read_node

    with pytest.raises(HogQLNotSupported, match="FancyExpr is not supported"):
        read_node({"node": "FancyExpr", "start": {"offset": 1}, "end": {"offset": 2}})
    with pytest.raises(HogQLNotSupported, match="'fancy' of Field is not supported"):
        read_node({"node": "Field", "chain": ["a"], "fancy": True})


def test_placeholders_are_filled_with_trees() -> None:
    query = parse_select(
        "select {a}, {b.c} from {table} where {where} and x in (select {a})",
        {
            "a": ast.Constant(1),
            "b.c": parse_expr("x + 1"),
            "table": parse_select("select 1 as x"),
            "where": parse_expr("y"),
        },
    )

    assert without_positions(query) == without_positions(
        parse_select("select 1, x + 1 from (select 1 as x) where y and x in (select 1)")
    )


def test_a_placeholder_that_is_not_given_is_an_error() -> None:
    with pytest.raises(HogQLQueryError, match=r"Unresolved placeholder: \{b\}") as error:
        parse_select("select {a}, {b}", {"a": ast.Constant(1)})

    assert (error.value.start, error.value.end) == (12, 15)
    with pytest.raises(HogQLQueryError, match="A placeholder holds a name"):
        parse_select("select {1 + x -> x}", {})


def test_without_placeholders_they_are_left_in_place() -> None:
    assert any(isinstance(node, ast.Placeholder) for node in walk(parse_select("select {a}")))


def test_trees_are_rewritten_without_touching_the_original() -> None:
    before = parse_select("select a, b + a from t")

    def rename(node: ast.Node) -> ast.Node | None:
        return ast.Field(("z",)) if isinstance(node, ast.Field) and node.chain == ("a",) else None

    after = transform(before, rename)
    assert without_positions(after) == without_positions(parse_select("select z, b + z from t"))
    assert before == parse_select("select a, b + a from t")
    assert transform(before, lambda node: None) is before
    assert len(list(children(after))) == 3


def test_both_parsers_give_the_trees_of_the_corpus() -> None:
    """The trees were written by the parser of Python 3.11; the one of 3.12 has to give the same."""
    corpus = json.loads((Path(__file__).parent / "trees.json").read_text())

    assert {text: describe(parse_select(text)) for text in corpus} == corpus


def describe(node: object) -> object:
    """Return a tree as plain JSON, without what is at its default."""
    if isinstance(node, ast.Node):
        fields = {name: describe(getattr(node, name)) for name in type(node).__match_args__}
        return {type(node).__name__: {key: value for key, value in fields.items() if value not in (None, False, [])}}
    if isinstance(node, list | tuple):
        return [describe(one) for one in node]
    if isinstance(node, dict):
        return {key: describe(value) for key, value in node.items()}
    return node


def write_trees() -> None:
    """Write the corpus anew: python -m tests.hogql.test_parser."""
    from tests.hogql.test_selects import ANSWERS

    trees = {text: describe(parse_select(text)) for text in ANSWERS}
    path = Path(__file__).parent / "trees.json"
    path.write_text(json.dumps(trees, ensure_ascii=False, indent=None, separators=(",", ":")).replace('},"', '},\n"'))


if __name__ == "__main__":
    write_trees()
