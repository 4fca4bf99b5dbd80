"""Hostile text: refused before anything runs, or run as the harmless text it is (facts/engine.md 6)."""

from pathlib import Path

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.parser import parse_expr, parse_select
from insights_mcp.local.hogql.printer import print_select
from tests.hogql.asking import CONTEXT, NOW, ask, ask_one, column
from tests.queries.world import World

STATEMENTS = [
    line.replace("\\n", "\n").replace("\\t", "\t")
    for line in (Path(__file__).parent / "hostile.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
# Texts that mean something to somebody on the way: ClickHouse, the client's binding, JSON, a regular expression.
TEXTS = [
    "'; DROP TABLE events; --",
    "' OR '1'='1",
    '" OR ""="',
    "`; DROP TABLE events; --",
    "\\'; DROP TABLE events; --",
    "\\",
    "\\\\",
    "a\\",
    "/* */ --",
    "{hogql_val_0:String}",
    "{x:Identifier}",
    "%s %(x)s %%",
    "$1 $$ $x$",
    "\\N",
    "NULL",
    "\x00\x01\x1b",
    "line\nbreak\r\n\ttab",
    "‮right to left",
    "é漢😀",
    "') FROM system.tables --",
    "FORMAT JSON",
    "x" * 5000,
]


def test_the_corpus_is_large() -> None:
    assert len(STATEMENTS) == len(set(STATEMENTS))
    assert len(STATEMENTS) >= 250


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_hostile_statement_is_refused_with_a_clear_error(statement: str) -> None:
    with pytest.raises(HogQLError) as error:
        print_select(parse_select(statement), CONTEXT)

    message = str(error.value)
    assert 5 < len(message) <= 600
    assert "Traceback" not in message


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_hostile_statement_is_refused_of_trusted_queries_too(statement: str) -> None:
    if "_person_id" in statement or "_override" in statement:
        return  # our own queries may read these
    with pytest.raises(HogQLError):
        print_select(parse_select(statement), HogQLContext(1, trusted=True))


@pytest.fixture
def one_event(engine: Engine) -> Engine:
    properties = dict.fromkeys(TEXTS, "found") | {f"value {index}": text for index, text in enumerate(TEXTS)}
    World(engine).add_events([{"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": properties}])
    return engine


def test_values_stay_values(one_event: Engine) -> None:
    for text in TEXTS:
        for template in (
            "select {x}",
            "select concat({x}, '')",
            "select [{x}][1]",
            "select ({x}, 1).1",
            "select v from (select {x} as v) where v = {x} and v in ({x}, 'other') and v like {x}",
            "select any({x}) from events where {x} = {x}",
        ):
            if "like" in template and "\\" in text:
                continue  # a backslash means something in a pattern
            printed = print_select(parse_select(template, {"x": ast.Constant(text)}), CONTEXT)
            assert one_event.run(printed.sql, printed.params).rows == [(text,)], template


def test_values_never_stand_in_the_sql(one_event: Engine) -> None:
    for text in TEXTS:
        if len(text) > 3 and "hogql_val" not in text:
            printed = print_select(parse_select("select {x}", {"x": ast.Constant(text)}), CONTEXT)
            assert text not in printed.sql


def test_property_names_stay_names(one_event: Engine) -> None:
    for text in TEXTS:
        for expression in (
            ast.Field(["properties", text]),
            ast.ArrayAccess(ast.Field(["properties"]), ast.Constant(text)),
        ):
            query = ast.SelectQuery(select=[expression], select_from=ast.JoinExpr(table=ast.Field(["events"])))
            printed = print_select(query, CONTEXT)
            assert one_event.run(printed.sql, printed.params).rows == [("found",)]


def test_aliases_stay_names(one_event: Engine) -> None:
    for text in TEXTS:
        inner = ast.SelectQuery(
            select=[ast.Alias(text, ast.Field(["event"]))], select_from=ast.JoinExpr(table=ast.Field(["events"]))
        )
        outer = ast.SelectQuery(
            select=[ast.Field([text])],
            select_from=ast.JoinExpr(table=inner, alias=text),
            where=ast.CompareOperation(ast.Field([text, text]), "==", ast.Constant("e")),
        )
        if any(ord(letter) < 32 for letter in text) or "Identifier}" in text:
            with pytest.raises(HogQLError, match="A name must not"):
                print_select(outer, CONTEXT)
            continue
        printed = print_select(outer, CONTEXT)
        rows = one_event.run(printed.sql, printed.params).rows
        assert rows == [("e",)]


def test_names_of_tables_and_functions_are_never_quoted_through() -> None:
    for text in TEXTS:
        for query in (
            ast.SelectQuery(select=[ast.Constant(1)], select_from=ast.JoinExpr(table=ast.Field([text]))),
            ast.SelectQuery(select=[ast.Call(text, [ast.Constant(1)])]),
            ast.SelectQuery(select=[ast.WindowFunction(text, over_expr=ast.WindowExpr())]),
            ast.SelectQuery(select=[ast.Field([text])]),
            ast.SelectQuery(select=[ast.TypeCast(ast.Constant(1), text)]),
        ):
            with pytest.raises(HogQLError):
                print_select(query, CONTEXT)


def test_trees_with_words_of_their_own_are_refused() -> None:
    """Fields that the printer writes into the SQL as words: nothing but the known words passes."""
    hostile = "JOIN system.tables AS x ON 1=1 --"
    table = ast.JoinExpr(table=ast.Field(["events"]))
    for query in (
        ast.SelectQuery(
            select=[ast.Constant(1)],
            select_from=ast.JoinExpr(
                table=ast.Field(["events"]),
                next_join=ast.JoinExpr(
                    table=ast.Field(["persons"]), join_type=hostile, constraint=ast.JoinConstraint(ast.Constant(1))
                ),
            ),
        ),
        ast.SelectQuery(
            select=[ast.Constant(1)],
            select_from=table,
            array_join_op=hostile,
            array_join_list=[ast.Alias("a", ast.Array([ast.Constant(1)]))],
        ),
        ast.SelectQuery(select=[ast.Constant(1)], select_from=table, group_by=[ast.Constant(1)], group_by_mode=hostile),
        ast.SelectQuery(select=[ast.CompareOperation(ast.Constant(1), hostile, ast.Constant(1))]),  # type: ignore[arg-type]  # what the test is about
        ast.SelectQuery(select=[ast.ArithmeticOperation(ast.Constant(1), hostile, ast.Constant(1))]),  # type: ignore[arg-type]  # as above
        ast.SelectQuery(
            select=[ast.WindowFunction("rank", over_expr=ast.WindowExpr(frame_method=hostile))]  # type: ignore[arg-type]  # as above
        ),
        ast.SelectSetQuery(
            ast.SelectQuery(select=[ast.Constant(1)]),
            [ast.SelectSetNode(ast.SelectQuery(select=[ast.Constant(1)]), hostile)],  # type: ignore[arg-type]  # as above
        ),
        ast.SelectQuery(select=[ast.Constant(object())]),
    ):
        with pytest.raises(HogQLError):
            print_select(query, CONTEXT)
    ordered = ast.SelectQuery(
        select=[ast.Constant(1)],
        order_by=[ast.OrderExpr(ast.Constant(1), hostile, nulls=hostile)],  # type: ignore[arg-type]  # as above
    )
    assert "system" not in print_select(ordered, CONTEXT).sql


def test_comments_end_where_they_end(one_event: Engine) -> None:
    assert ask(one_event, "select event /* ; drop table events */ from events -- ; drop table events") == [("e",)]
    assert ask_one(one_event, "select '/* not a comment' from events") == "/* not a comment"
    assert column(one_event, "select '-- not a comment' from events where 1 -- and 0") == ["-- not a comment"]


def test_a_wrong_time_zone_cannot_be_printed() -> None:
    with pytest.raises(HogQLError, match="Unknown time zone"):
        print_select(parse_select("select timestamp from events"), HogQLContext(1, "UTC'); DROP TABLE events; --"))


def test_an_expression_of_a_caller_is_held_to_the_same_lists() -> None:
    from insights_mcp.local.hogql.printer import print_expr

    for text in ("file('/etc/passwd')", "(select 1 from system.tables)", "events._person_id", "sleep(1)"):
        with pytest.raises(HogQLError):
            print_expr(parse_expr(text), CONTEXT)
