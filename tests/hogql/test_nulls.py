"""Comparisons with nulls (facts/queries.md 1.0, Null safety), executed."""

from dataclasses import replace

import pytest

from insights_mcp.local.engine.base import Engine
from tests.hogql.asking import CONTEXT, NOW, ask, ask_one, column, sql_of
from tests.queries.world import TestTypes, World

# Comparisons of property p, and whose rows pass: p is "a", "b", missing.
CONDITIONS = {
    "p = 'a'": ["a"],
    "p != 'a'": ["b", None],
    "not (p = 'a')": ["b", None],
    "p < 'b'": ["a"],
    "p >= 'a'": ["a", "b"],
    "not (p >= 'a')": [None],
    "p like '%a%'": ["a"],
    "p not like '%a%'": ["b", None],
    "p ilike '%A%'": ["a"],
    "p not ilike '%A%'": ["b", None],
    "p =~ '^a'": ["a"],
    "p !~ '^a'": ["b", None],
    "p =~* '^A'": ["a"],
    "p !~* '^A'": ["b", None],
    "p in ('a')": ["a"],
    "p in ('a', 'b')": ["a", "b"],
    "p in ['a', 'b']": ["a", "b"],
    "p in 'a'": ["a"],
    "p not in ('a')": ["b", None],
    "p not in ('a', 'c')": ["b", None],
    "p in ('a', null)": ["a", None],
    "p not in ('a', null)": ["b"],
    "p is null": [None],
    "p is not null": ["a", "b"],
    "p = null": [None],
    "p != null": ["a", "b"],
    "null = p": [None],
    "p = q": ["a", None],
    "p != q": ["b"],
    "p is distinct from 'a'": ["b", None],
    "p <=> null": [None],
    "p between 'a' and 'a'": ["a"],
    "p not between 'a' and 'a'": ["b"],
    "equals(p, 'a')": ["a"],
    "notEquals(p, 'a')": ["b", None],
    "in(p, ('a', 'b'))": ["a", "b"],
    "p in (select 'b')": ["b"],
    "p not in (select 'b')": ["a", None],
    "p = 'a' or p is null": ["a", None],
    "p = 'a' and 1": ["a"],
    "true": ["a", "b", None],
}


@pytest.fixture
def letters(engine: Engine) -> Engine:
    letters = ({"p": "a", "q": "a"}, {"p": "b", "q": "x"}, {})
    events = [
        {"event": "e", "distinct_id": f"u{index}", "timestamp": NOW, "properties": properties}
        for index, properties in enumerate(letters)
    ]
    World(engine).add_events(events)
    return engine


def test_comparisons_answer_for_nulls(letters: Engine) -> None:
    found = {}
    for condition in CONDITIONS:
        found[condition] = column(
            letters,
            "select p from (select properties.p as p, properties.q as q, distinct_id from events)"
            f" where {condition} order by distinct_id",
        )

    assert found == CONDITIONS


def test_comparisons_are_the_same_as_columns_and_as_conditions(letters: Engine) -> None:
    conditions = [one for one in CONDITIONS if "select" not in one]
    rows = ask(
        letters,
        f"select properties.p as p, properties.q as q, {', '.join(f'({one}) ? 1 : 0' for one in conditions)}"
        " from events order by distinct_id",
    )

    for index, condition in enumerate(conditions):
        assert [row[0] for row in rows if row[2 + index]] == CONDITIONS[condition]


def test_an_empty_list_holds_nothing(letters: Engine) -> None:
    from insights_mcp.local.hogql import ast
    from insights_mcp.local.hogql.parser import parse_select
    from insights_mcp.local.hogql.printer import print_select

    for text, count in (("properties.p in {none}", 0), ("properties.p not in {none}", 3)):
        for none in (ast.Tuple([]), ast.Array([]), ast.Constant([])):
            query = parse_select(f"select count() from events where {text}", {"none": none})
            printed = print_select(query, CONTEXT)
            assert letters.run(printed.sql, printed.params).rows == [(count,)]


def test_sides_that_cannot_be_null_are_compared_plainly() -> None:
    sql = sql_of("select count() from events where event = 'a' and timestamp > '2024-01-01' and distinct_id != 'x'")

    assert "ifNull" not in sql


def test_a_join_condition_is_printed_plainly(letters: Engine) -> None:
    query = (
        "select a.distinct_id, b.distinct_id from events a left join events b on a.properties.p = b.properties.q"
        " order by 1"
    )

    assert ask(letters, query) == [("u0", "u0"), ("u1", ""), ("u2", "")]


def test_a_null_condition_counts_as_false(letters: Engine) -> None:
    assert ask_one(letters, "select count() from events where if(properties.p = 'a', null, 1) = 1") == 2


def test_null_text_joins_as_empty(letters: Engine) -> None:
    query = "select concat(properties.p, '-', 1, null), f'{properties.p}!', properties.p || 'x' from events"

    assert ask(letters, f"{query} order by distinct_id") == [
        ("a-1", "a!", "ax"),
        ("b-1", "b!", "bx"),
        ("-1", "!", "x"),
    ]


def test_the_double_question_mark_fills_nulls(letters: Engine) -> None:
    query = "select properties.p ?? 'none', coalesce(properties.x, properties.p), nullIf(properties.p, 'a') from events"

    assert ask(letters, f"{query} order by distinct_id") == [("a", "a", None), ("b", "b", "b"), ("none", None, None)]


def test_values_of_other_types_are_compared_where_it_makes_sense(engine: Engine) -> None:
    events = [{"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": {"n": 5, "b": True, "t": "5"}}]
    World(engine).add_events(events)
    types = replace(CONTEXT, property_types=TestTypes({"event": {"n": "Numeric", "b": "Boolean"}}))
    conditions = [
        "properties.n = '5'",
        "properties.n in ('5', '6')",
        "properties.n > '4.5'",
        "properties.n like '5%'",
        "properties.n =~ '^5$'",
        "properties.t = 5",
        "properties.t in (4, 5)",
        "properties.b = 'true'",
        "properties.b != 'false'",
        "properties.b in ('true', 'false')",
        "properties.b ilike 'TRUE'",
        "properties.b",
        "toDate(timestamp) = '2024-03-15'",
        "toDate(timestamp) = '2024-03-15 00:00:00'",
        "toDate(timestamp) < '2024-03-15 00:00:01'",
        "person_id != '00000000-0000-0000-0000-000000000001'",
    ]
    (found,) = ask(
        engine, f"select {', '.join(f'countIf({condition})' for condition in conditions)} from events", types
    )

    assert dict(zip(conditions, found, strict=True)) == dict.fromkeys(conditions, 1)
