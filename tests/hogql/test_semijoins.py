"""Conditions on persons and groups answered by lists of ids: the same as by a join."""

import random
from dataclasses import replace

import pytest

from insights_mcp.local.engine.base import Engine
from tests.hogql.asking import CONTEXT, NOW, ask, ask_one, sql_of
from tests.queries.world import TestTypes, World, person_id

TYPED = replace(
    CONTEXT,
    property_types=TestTypes({"person": {"age": "Numeric", "paid": "Boolean", "since": "DateTime"}}),
)
SIMPLE = [
    "{p}.name = 'ann'",
    "{p}.name != 'ann'",
    "'ann' = {p}.name",
    "{p}.name is null",
    "{p}.name is not null",
    "{p}.name = null",
    "{p}.name in ('ann', 'bob')",
    "{p}.name not in ('ann', 'bob')",
    "{p}.name in ('ann', null)",
    "{p}.name like '%n%'",
    "{p}.name not ilike '%N%'",
    "{p}.name =~ '^a'",
    "{p}.name !~ '^a'",
    "{p}.name > 'b'",
    "{p}.name <= 'b'",
    "{p}.name between 'a' and 'b'",
    "{p}.name not between 'a' and 'b'",
    "{p}.name = {p}.nick",
    "{p}.name != {p}.nick",
    "{p}.age > 30",
    "{p}.age != 30",
    "{p}.paid = true",
    "{p}.paid != true",
    "{p}.since < '2024-01-01'",
    "toString({p}.age) ilike '%4%'",
    "ifNull(match({p}.name, 'a'), 0)",
    "ifNull(not(match({p}.name, 'a')), 1)",
    "not match({p}.name, 'a')",
    "match({p}.name, 'a')",
    "toFloat({p}.age) + 1 > 30",
    "coalesce({p}.name, 'none') = 'none'",
    "lower({p}.name) = 'ann'",
    "length({p}.name) > 2",
    "empty({p}.name)",
    "isNull({p}.name)",
    "true",
    "false",
    "null",
    "{p}.name",
    "event = 'a'",
]


@pytest.fixture
def world(engine: Engine) -> World:
    world = World(engine)
    since = {"since": "2023-05-05"}
    world.add_person(["u1"], {"name": "ann", "nick": "ann", "age": 41, "paid": True, **since})
    world.add_person(["u2"], {"name": "bob", "nick": "b", "age": 30, "paid": False})
    world.add_person(["u3"], {"nick": "c", "name": ""})
    world.add_person(["u4"], {})
    world.add_group(0, "g1", {"name": "ann", "age": 41})
    world.add_group(1, "g1", {"name": "bob"})
    for index in range(1, 6):  # u5 has no profile
        properties = {"$group_0": "g1"} if index % 2 else {}
        world.add_events(
            [
                {"event": event, "distinct_id": f"u{index}", "timestamp": NOW, "properties": properties}
                for event in ("a", "b")
            ]
        )
    return world


PLACES = ("person.properties", "e.person.properties", "pdi.person.properties", "group_0.properties")


def check(world: World, conditions: list[str]) -> None:
    """Compare what WHERE leaves with what the same condition is as a column, where it is made by a join."""
    texts = []
    for index, condition in enumerate(conditions):
        plain = condition if condition != "{p}.name" else "notEmpty({p}.name)"
        texts.append(plain.format(p=PLACES[index % len(PLACES)]))
    columns = ", ".join(f"countIf(ifNull(({text}), 0))" for text in texts)
    (expected,) = ask(world.engine, f"select {columns} from events e", TYPED)
    found = [ask_one(world.engine, f"select count() from events e where {text}", TYPED) for text in texts]

    assert dict(zip(texts, found, strict=True)) == dict(zip(texts, expected, strict=True))


def test_a_list_of_ids_answers_as_a_join(world: World) -> None:
    check(world, SIMPLE)


def test_combined_conditions_answer_as_a_join(world: World) -> None:
    pick = random.Random(7)
    combined = []
    for _ in range(30):
        parts = [pick.choice([one for one in SIMPLE if one != "{p}.name"]) for _ in range(pick.randint(2, 4))]
        words = [f"not ({part})" if pick.random() < 0.3 else f"({part})" for part in parts]
        combined.append(pick.choice((" and ", " or ")).join(words))
    check(world, combined)


def test_conditions_on_one_person_need_no_join() -> None:
    sql = sql_of("select count() from events where person.properties.name = 'ann' and person.properties.age != 3")

    assert "JOIN" not in sql
    assert sql.count("FROM persons") == 2  # those to find, and those to leave out
    assert sql.count("team_id = 1") == 3


def test_a_join_that_is_there_anyway_is_used() -> None:
    sql = sql_of("select person.properties.name from events where person.properties.name = 'ann'")

    assert sql.count("FROM persons") == 1
    assert "JOIN" in sql


def test_conditions_on_more_than_the_person_are_joined() -> None:
    for condition in (
        "person.properties.name = event",
        "person.properties.name = 'a' or event = 'b'",
        "person.properties.name = group_0.properties.name",
        "person.created_at > '2020-01-01'",
        "person.properties.name in (select 'ann')",
        "arrayExists(x -> x = person.properties.name, ['ann'])",
        "(person.properties.name as n) = 'ann'",
    ):
        assert "JOIN" in sql_of(f"select count() from events where {condition}")


def test_merged_persons_are_found_in_the_list(world: World) -> None:
    columns = ["team_id", "distinct_id", "person_id", "version"]
    world.engine.insert("person_distinct_id_overrides", columns, [(1, "u5", person_id("u1"), 1)])
    query = "select distinct distinct_id from events where person.properties.name = 'ann' order by 1"

    assert ask(world.engine, query) == [("u1",)]
    assert ask(world.engine, query, replace(CONTEXT, has_overrides=True)) == [("u1",), ("u5",)]


def test_events_of_a_merged_person_are_found_without_a_join(world: World) -> None:
    columns = ["team_id", "distinct_id", "person_id", "version"]
    world.engine.insert("person_distinct_id_overrides", columns, [(1, "u5", person_id("u1"), 1)])
    merged = replace(CONTEXT, has_overrides=True)

    for person, known in (("u1", [("u1",), ("u5",)]), ("u5", [])):
        query = f"select distinct distinct_id from events where person_id = '{person_id(person)}' order by 1"
        assert ask(world.engine, query, merged) == known
        assert "JOIN" not in sql_of(query, merged)
    assert "JOIN" in sql_of("select count() from events where person_id != 'x'", merged)
