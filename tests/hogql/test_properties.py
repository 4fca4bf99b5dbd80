"""Extraction of properties (facts/queries.md 1.0, Extraction), executed."""

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql.context import HogQLContext
from tests.hogql.asking import CONTEXT, NOW, ask, ask_one, column
from tests.queries.world import TestTypes, World

# The JSON of one property, and its text.
TEXTS = [
    ('"x"', "x"),
    ("12", "12"),
    ("12.0", "12"),
    ("1.50", "1.5"),
    ("-3", "-3"),
    ("1e5", "100000"),
    ("12345678901234567890", "12345678901234567890"),
    ("true", "true"),
    ("false", "false"),
    ("null", None),
    ('""', ""),
    ('"null"', "null"),
    ('" "', " "),
    ('"12"', "12"),
    ('{"a": 1, "b": [1, 2]}', '{"a":1,"b":[1,2]}'),
    ('[1, "a", null]', '[1,"a",null]'),
    ("[]", "[]"),
    ("{}", "{}"),
    ('"é漢😀"', "é漢😀"),
    ('"\\u00e9"', "é"),
    ('"caf\\u00e9s"', "cafés"),
    ('"one\\/two\\/three"', "one/two/three"),
    ('"\\u003cb\\u003e"', "<b>"),
    ('"it\'s"', "it's"),
    ('"a/b"', "a/b"),
    ('"100%"', "100%"),
    ('"{x:String}"', "{x:String}"),
    # Escapes in the raw text are not undone.
    ('"say \\"hi\\""', 'say \\"hi\\"'),
    ('"\\""', '\\"'),
    ('"back\\\\slash"', "back\\\\slash"),
    ('"two\\nlines"', "two\\nlines"),
    ('"tab\\there"', "tab\\there"),
]
ODD_KEYS = [
    "plain",
    "with space",
    "with.dot",
    "with'quote",
    'with"double',
    "with`backtick",
    "back\\slash",
    "trailing\\",
    "ключ",
    "😀",
    "$dollar",
    "{brace:String}",
    "%percent%s",
    "-- comment",
    "/* comment */",
    "') OR 1=1 --",
    "a\tb",
    "a\nb",
    "properties",
    "select",
    "0",
]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def store(engine: Engine, *documents: str) -> None:
    rows = [(1, "e", document, NOW, f"u{index:03}", NOW) for index, document in enumerate(documents)]
    engine.insert("events", ["team_id", "event", "properties", "timestamp", "distinct_id", "created_at"], rows)


def test_a_property_is_its_json_without_quotes(engine: Engine) -> None:
    store(engine, *(f'{{"k": {written}, "$browser": {written}}}' for written, _ in TEXTS))

    texts = [text for _, text in TEXTS]
    for spelling in ("properties.k", "properties['k']", "events.properties.k", "properties.$browser"):
        assert column(engine, f"select {spelling} from events order by distinct_id") == texts


def test_a_missing_property_is_null(engine: Engine) -> None:
    store(engine, '{"other": 1}', "{}", "", "not json", "[]", '"k"', '{"k": 1} trailing')

    assert ask(engine, "select properties.k, properties.k is null from events") == [(None, True)] * 7


def test_any_text_may_be_a_key(world: World) -> None:
    properties = dict(zip(ODD_KEYS, (f"found {index}" for index in range(len(ODD_KEYS))), strict=True))
    world.add_events([{"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": properties}])
    written = [
        key.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t") for key in ODD_KEYS
    ]

    for name, found in zip(written, properties.values(), strict=True):
        assert ask_one(world.engine, f"select properties['{name}'] from events") == found


def test_any_quoted_name_may_be_a_key(world: World) -> None:
    keys = ["with space", "with.dot", "with'quote", "ключ", "{brace:String}", "%s"]
    world.add_events([{"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": dict.fromkeys(keys, "found")}])

    for key in keys:
        query = f"select properties.`{key}`, count() from events where properties.`{key}` = 'found' group by 1"
        assert ask(world.engine, query) == [("found", 1)]


NESTED = '{"a": {"b": {"c": "deep"}, "list": [{"x": 1}, {"x": "two"}], "1": "one"}}'


PATHS = {
    "properties.a.b.c": "deep",
    "properties['a']['b']['c']": "deep",
    "properties.a['b'].c": "deep",
    "properties.a.b": '{"c":"deep"}',
    "properties.a.list.1.x": "1",
    "properties.a.list[2]['x']": "two",
    "properties.a.list[-1].x": "two",
    "properties.a['1']": "one",
    "properties.a.b.c.d": None,
    "properties.x.y.z": None,
    "properties?.a?.b?.c": "deep",
}


def test_paths_lead_into_nested_json(engine: Engine) -> None:
    store(engine, NESTED)

    (found,) = ask(engine, f"select {', '.join(PATHS)} from events")
    assert dict(zip(PATHS, found, strict=True)) == PATHS


NUMERIC = HogQLContext(1, now=NOW, property_types=TestTypes({"event": {"k": "Numeric", "$browser": "Numeric"}}))
BOOLEAN = HogQLContext(1, now=NOW, property_types=TestTypes({"event": {"k": "Boolean"}}))
MOMENT = HogQLContext(1, "Europe/Berlin", now=NOW, property_types=TestTypes({"event": {"k": "DateTime"}}))


def test_a_numeric_property_is_a_number_or_null(engine: Engine) -> None:
    numbers = {"12": 12.0, '"12.5"': 12.5, '"abc"': None, "null": None, "true": None, '""': None, "[1]": None}
    store(engine, *(f'{{"k": {written}, "$browser": {written}}}' for written in numbers))

    query = "select properties.k, properties.$browser from events order by distinct_id"
    assert ask(engine, query, NUMERIC) == [(number, number) for number in numbers.values()]


def test_a_boolean_property_is_a_truth_value_or_null(engine: Engine) -> None:
    truths = {"true": True, "false": False, '"true"': True, '"false"': False, "1": None, '"yes"': None}
    store(engine, *(f'{{"k": {written}}}' for written in truths))

    assert column(engine, "select properties.k from events order by distinct_id", BOOLEAN) == list(truths.values())
    assert ask_one(engine, "select count() from events where properties.k = true", BOOLEAN) == 2
    assert ask_one(engine, "select count() from events where properties.k != true", BOOLEAN) == 4


def test_a_datetime_property_is_on_the_projects_clock(engine: Engine) -> None:
    moments = {
        '"2024-01-01 10:00:00"': "2024-01-01 10:00:00.000000",
        '"2024-01-01T10:00:00Z"': "2024-01-01 11:00:00.000000",
        '"2024-07-01T10:00:00.5+00:00"': "2024-07-01 12:00:00.500000",
        "1704103200": "2024-01-01 11:00:00.000000",
        '"2024-01-01"': "2024-01-01 00:00:00.000000",
        '"soon"': None,
    }
    store(engine, *(f'{{"k": {written}}}' for written in moments))

    found = column(engine, "select toString(properties.k) from events order by distinct_id", MOMENT)
    assert found == list(moments.values())


def test_a_typed_property_keeps_its_text_below_the_first_level(engine: Engine) -> None:
    store(engine, '{"k": {"k": "12"}}')

    assert ask_one(engine, "select properties.k.k from events", NUMERIC) == "12"


def test_text_beside_a_number_is_compared_as_a_number(engine: Engine) -> None:
    store(engine, '{"k": 5}', '{"k": "50"}', '{"k": "many"}', "{}")

    assert column(engine, "select properties.k from events where properties.k > 7") == ["50"]
    assert ask_one(engine, "select count() from events where properties.k != 5") == 3


def test_text_is_counted_with_as_a_number(engine: Engine) -> None:
    store(engine, '{"k": 5, "$browser": 5}', '{"k": "50", "$browser": "50"}', '{"k": true}', '{"k": "many"}', "{}")

    for place in ("properties.k", "properties.$browser"):
        columns = f"sum({place}), avg({place}), max(toFloat({place})), sum({place} * 2), sumIf(-{place}, 1)"
        assert ask(engine, f"select {columns} from events") == [(55.0, 27.5, 50.0, 110.0, -55.0)]
    assert column(engine, "select toFloat(properties.k) from events order by distinct_id") == [
        5.0,
        50.0,
        None,
        None,
        None,
    ]


def test_text_beside_a_truth_value_is_compared_as_its_word(engine: Engine) -> None:
    store(engine, '{"k": true}', '{"k": false}', "{}")

    assert ask_one(engine, "select count() from events where properties.k = true") == 1
    assert ask_one(engine, "select count() from events where properties.k != true") == 2


def test_the_whole_document_can_be_selected_and_read_by_json_functions(engine: Engine) -> None:
    store(engine, '{"a":1}')

    query = "select properties, JSONExtractInt(properties, 'a'), JSONHas(properties, 'b') from events"
    assert ask(engine, query) == [('{"a":1}', 1, False)]


def test_properties_are_read_through_subqueries_and_aliases(world: World) -> None:
    world.add_person(["u"], {"email": "u@x.com"})
    world.add_events([{"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": {"a": {"b": 1}}}])
    engine = world.engine

    assert ask_one(engine, "select properties.a.b from (select properties from events)") == "1"
    assert ask_one(engine, "select e.p.a.b from (select properties as p from events) as e") == "1"
    assert ask_one(engine, "select p from (select properties.a as p, event from events where p.b = 1)") == '{"b":1}'
    assert ask_one(engine, "select x.email from (select person.properties as x from events) as y") == "u@x.com"


def test_group_and_person_properties_have_types_of_their_own(world: World) -> None:
    world.add_person(["u"], {"age": "7"})
    world.add_group(1, "acme", {"size": "30"})
    event = {"event": "e", "distinct_id": "u", "timestamp": NOW, "properties": {"$group_1": "acme", "age": "1"}}
    world.add_events([event])
    types = TestTypes({"person": {"age": "Numeric"}, "group_1": {"size": "Numeric"}})
    context = HogQLContext(1, now=NOW, property_types=types)

    query = "select properties.age, person.properties.age, group_1.properties.size from events"
    assert ask(world.engine, query, context) == [("1", 7.0, 30.0)]


def test_a_path_deeper_than_any_real_one_is_refused() -> None:
    from insights_mcp.local.hogql.errors import HogQLQueryError
    from insights_mcp.local.hogql.parser import parse_select
    from insights_mcp.local.hogql.printer import print_select

    with pytest.raises(HogQLQueryError, match="more than 20 parts"):
        print_select(parse_select("select properties." + ".".join("abcdefghijklmnopqrstuvw") + " from events"), CONTEXT)


def test_a_property_equals_its_text_however_the_document_writes_it(engine: Engine) -> None:
    store(engine, *(f'{{"other": "yes", "p": {written}}}' for written, _ in TEXTS))
    texts = [text for _, text in TEXTS if text is not None]
    for text in texts:
        quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        assert ask_one(engine, f"select count() from events where properties.p = {quoted}") == texts.count(text), text
        among = f"select count() from events where properties.p in ({quoted}, 'yes')"
        assert ask_one(engine, among) == texts.count(text), text
    for word, found in (("rue", 1), ("ALS", 1), ("lines", 1), ("yes", 0), ("say", 1), ("/b", 1), ("00000", 1)):
        assert ask_one(engine, f"select count() from events where properties.p ilike '%{word}%'") == found, word
