"""Trees back to HogQL text."""

from datetime import UTC, date, datetime
from uuid import UUID

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.writer import print_hogql
from tests.hogql.asking import ask
from tests.hogql.test_selects import ANSWERS


def test_written_text_means_the_same_again(four: Engine) -> None:
    written = {query: print_hogql(parse_select(query)) for query in ANSWERS}

    assert {query: print_hogql(parse_select(text)) for query, text in written.items()} == written
    assert {query: ask(four, text) for query, text in written.items()} == ANSWERS


def test_a_query_is_written_as_people_know_it() -> None:
    query = "select event, count() as c from events where timestamp >= '2024-01-01' and properties.$browser = 'a''b'"

    assert print_hogql(parse_select(f"{query} group by event having c > 1 order by c desc limit 10")) == (
        "SELECT event, count() AS c FROM events WHERE and(greaterOrEquals(timestamp, '2024-01-01'),"
        " equals(properties.$browser, 'a\\'b')) GROUP BY event HAVING greater(c, 1) ORDER BY c DESC LIMIT 10"
    )


def test_values_are_written_so_that_they_can_be_read() -> None:
    values: list[object] = [
        None,
        True,
        1,
        1.5,
        "it's \\ \n \t é",
        float("inf"),
        date(2024, 1, 31),
        datetime(2024, 1, 31, 10, tzinfo=UTC),
        UUID(int=1),
        ["a", 1],
    ]

    assert [print_hogql(ast.Constant(value)) for value in values] == [
        "NULL",
        "true",
        "1",
        "1.5",
        "'it\\'s \\\\ \\n \\t é'",
        "inf",
        "toDate('2024-01-31')",
        "toDateTime('2024-01-31 10:00:00+00:00')",
        "'00000000-0000-0000-0000-000000000001'",
        "['a', 1]",
    ]


def test_names_are_quoted_where_they_must_be() -> None:
    assert print_hogql(ast.Field(["properties", "$browser"])) == "properties.$browser"
    assert print_hogql(ast.Field(["properties", "a b", "c`d", "select"])) == "properties.`a b`.`c``d`.`select`"
