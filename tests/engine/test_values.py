"""Values on their way in and out: what a row holds is plain Python, whatever ClickHouse calls it."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from insights_mcp.local.engine.base import Engine, QueryMistake

BERLIN = ZoneInfo("Europe/Berlin")
OUT = [
    ("toUUID('00000000-0000-0000-0000-0000000000ff')", "UUID", UUID(int=255)),
    ("toDecimal64('1.25', 2)", "Decimal(18, 2)", Decimal("1.25")),
    ("toFloat64(0.1)", "Float64", 0.1),
    ("toUInt64(18446744073709551615)", "UInt64", 18446744073709551615),
    ("toInt128('-170141183460469231731687303715884105728')", "Int128", -(2**127)),
    ("true", "Bool", True),
    ("NULL", "Nullable(Nothing)", None),
    ("toNullable('x')", "Nullable(String)", "x"),
    ("toLowCardinality('x')", "LowCardinality(String)", "x"),
    ("[1, 2]", "Array(UInt8)", [1, 2]),
    ("CAST([NULL, 'x'], 'Array(Nullable(String))')", "Array(Nullable(String))", [None, "x"]),
    ("CAST([], 'Array(String)')", "Array(String)", []),
    ("tuple(1, 'a')", "Tuple(UInt8, String)", (1, "a")),
    ("CAST((1, 'a'), 'Tuple(x Int8, y String)')", "Tuple(x Int8, y String)", (1, "a")),
    ("[(1, 'a')]", "Array(Tuple(UInt8, String))", [(1, "a")]),
    ("map('a', 1)", "Map(String, UInt8)", {"a": 1}),
    ("toDate('2024-02-29')", "Date", date(2024, 2, 29)),
    ("toDate32('1950-01-01')", "Date32", date(1950, 1, 1)),
    ("toDateTime('2024-07-01 12:00:00', 'UTC')", "DateTime('UTC')", datetime(2024, 7, 1, 12, tzinfo=UTC)),
    (
        "toDateTime('2024-07-01 12:00:00', 'Europe/Berlin')",
        "DateTime('Europe/Berlin')",
        datetime(2024, 7, 1, 12, tzinfo=BERLIN),
    ),
    (
        "[toDateTime('2024-07-01 12:00:00', 'Europe/Berlin')]",
        "Array(DateTime('Europe/Berlin'))",
        [datetime(2024, 7, 1, 12, tzinfo=BERLIN)],
    ),
    (
        "tuple(CAST(NULL, 'Nullable(DateTime(''Europe/Berlin''))'), 1)",
        "Tuple(Nullable(DateTime('Europe/Berlin')), UInt8)",
        (None, 1),
    ),
    (
        "toDateTime64('2024-07-01 12:00:00.123456', 6, 'Europe/Berlin')",
        "DateTime64(6, 'Europe/Berlin')",
        datetime(2024, 7, 1, 12, 0, 0, 123456, tzinfo=BERLIN),
    ),
    ("toDateTime64('1950-01-01 00:00:00', 3, 'UTC')", "DateTime64(3, 'UTC')", datetime(1950, 1, 1, tzinfo=UTC)),
    ("CAST('a', 'Enum8(''a'' = 1)')", "Enum8('a' = 1)", "a"),
    ("toIPv4('1.2.3.4')", "IPv4", "1.2.3.4"),
    ("toIPv6('::1')", "IPv6", "::1"),
    ("toFixedString('ab', 2)", "FixedString(2)", "ab"),
    ("'ünï \\0 \\n \\\\'", "String", "ünï \0 \n \\"),
    ("toIntervalDay(2)", "IntervalDay", 2),
]


@pytest.mark.parametrize(("expression", "kind", "value"), OUT, ids=[row[0] for row in OUT])
def test_value_comes_out_as_plain_python(reading_engine: Engine, expression: str, kind: str, value: object) -> None:
    answer = reading_engine.run(f"SELECT {expression} AS value")
    assert answer.types == [kind]
    assert answer.rows == [(value,)]
    (found,) = answer.rows[0]
    assert type(found) is type(value)
    if isinstance(found, datetime):
        assert found.utcoffset() == value.utcoffset()  # type: ignore[attr-defined]  # of the same type


def test_types_of_an_empty_answer_are_those_of_a_full_one(reading_engine: Engine) -> None:
    columns = ", ".join(f"{expression} AS c{number}" for number, (expression, _, _) in enumerate(OUT))
    full = reading_engine.run(f"SELECT {columns}")
    empty = reading_engine.run(f"SELECT {columns} FROM numbers(0)")
    assert (empty.columns, empty.types, empty.rows) == (full.columns, full.types, [])
    limited = reading_engine.run(f"SELECT {columns} LIMIT 0")
    assert (limited.columns, limited.types, limited.rows) == (full.columns, full.types, [])


def test_not_a_number_and_infinity_stay_what_they_are(reading_engine: Engine) -> None:
    nan, infinity, empty = reading_engine.run("SELECT nan, -inf, avg(number) FROM numbers(0)").rows[0]
    assert isinstance(nan, float)
    assert math.isnan(nan)
    assert infinity == -math.inf
    assert isinstance(empty, float)
    assert math.isnan(empty)


def test_bytes_that_are_no_text_come_out_as_text(reading_engine: Engine) -> None:
    (value,) = reading_engine.run("SELECT unhex('ff41')").rows[0]
    assert isinstance(value, str)


def test_state_of_an_aggregate_cannot_be_read(reading_engine: Engine) -> None:
    with pytest.raises(QueryMistake):
        reading_engine.run("SELECT uniqState(1)")


IN = [
    ("String", "a'b\\c\nd\te\0\u2028é {y:String} %s ; --", None),
    ("String", "", None),
    ("String", "null", None),
    ("String", "\\N", None),
    ("Nullable(String)", None, None),
    ("Int64", -5, None),
    ("UInt64", 18446744073709551615, None),
    ("Float64", 1e300, None),
    ("Bool", True, None),
    ("UUID", UUID(int=7), None),
    ("Decimal(18, 4)", Decimal("-1.2345"), None),
    ("Date", date(2024, 2, 29), None),
    ("DateTime('UTC')", datetime(2024, 7, 1, 12, tzinfo=UTC), None),
    ("DateTime('UTC')", datetime(2024, 7, 1, 14, tzinfo=BERLIN), datetime(2024, 7, 1, 12, tzinfo=UTC)),
    ("DateTime64(6, 'UTC')", datetime(2024, 7, 1, 12, 0, 0, 123456, tzinfo=UTC), None),
    (
        "DateTime64(6, 'UTC')",
        datetime(2024, 7, 1, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(2024, 7, 1, 7, 0, 0, 1, tzinfo=UTC),
    ),
    ("DateTime64(6, 'Europe/Berlin')", datetime(2024, 7, 1, 14, 0, 0, 5, tzinfo=BERLIN), None),
    ("DateTime64(6, 'UTC')", datetime(1965, 7, 1, 12, 0, 0, 5, tzinfo=UTC), None),
    ("Array(String)", ["a'b\\c\nd", "", "é", "x,y]"], None),
    ("Array(String)", [], None),
    ("Array(Nullable(String))", ["a", None], None),
    ("Array(UInt64)", [1, 2], None),
    ("Array(UUID)", [UUID(int=1), UUID(int=2)], None),
    ("Array(DateTime64(6, 'UTC'))", [datetime(2024, 7, 1, 12, 0, 0, 7, tzinfo=UTC)], None),
    ("Array(Array(String))", [["a'"], []], None),
    ("Tuple(String, UInt8)", ("a'b", 1), None),
]


@pytest.mark.parametrize(("kind", "given", "expected"), IN, ids=[f"{row[0]} {row[1]!r}"[:60] for row in IN])
def test_bound_value_arrives_as_it_was_given(
    reading_engine: Engine, kind: str, given: object, expected: object
) -> None:
    answer = reading_engine.run(f"SELECT {{value:{kind}}} AS value", {"value": given})
    assert answer.rows == [(given if expected is None else expected,)]


def test_naive_time_is_taken_as_utc(reading_engine: Engine) -> None:
    naive = datetime(2024, 7, 1, 12, 0, 0, 9)
    answer = reading_engine.run("SELECT {at:DateTime64(6, 'UTC')} AS at", {"at": naive})
    assert answer.rows == [(naive.replace(tzinfo=UTC),)]


def test_wrong_value_for_a_parameter_is_a_mistake(reading_engine: Engine) -> None:
    with pytest.raises(QueryMistake):
        reading_engine.run("SELECT {n:UInt8}", {"n": "many"})


def test_missing_parameter_is_a_mistake(reading_engine: Engine) -> None:
    with pytest.raises(QueryMistake):
        reading_engine.run("SELECT {n:UInt8}")


def test_arrow_table_is_inserted_as_rows_are(engine: Engine) -> None:
    table = pa.table(
        {
            "team_id": pa.array([1, 1], pa.uint32()),
            "distinct_id": ["a", "b"],
            "person_id": [str(UUID(int=1)), str(UUID(int=2))],
            "version": pa.array([1, 2], pa.uint64()),
        }
    )
    assert engine.insert_arrow("person_distinct_ids", table) == 2
    answer = engine.run("SELECT distinct_id, person_id, version FROM person_distinct_ids ORDER BY distinct_id")
    assert answer.rows == [("a", UUID(int=1), 1), ("b", UUID(int=2), 2)]


def test_events_of_many_months_go_in_at_once(engine: Engine) -> None:
    """ClickHouse refuses more than 100 partitions in one insert unless told otherwise."""
    rows = [
        [1, UUID(int=month), "a", datetime(2000 + month // 12, month % 12 + 1, 1, tzinfo=UTC)] for month in range(240)
    ]
    assert engine.insert("events", ["team_id", "uuid", "event", "timestamp"], rows) == 240
    assert engine.run("SELECT count() FROM events").rows == [(240,)]


def test_text_with_every_odd_character_survives_an_insert(engine: Engine) -> None:
    text = "a'b\\c\nd\te\0\u2028é\U0001f600 {x:String}"
    engine.insert("events", ["team_id", "event", "properties"], [[1, text, text]])
    assert engine.run("SELECT event, properties FROM events").rows == [(text, text)]


def test_hot_property_is_null_when_missing_or_null_and_keeps_the_empty_text(engine: Engine) -> None:
    """facts/queries.md 1.0, Extraction."""
    texts = ['{"$browser": "Safari"}', '{"$browser": ""}', '{"$browser": null}', "{}", '{"$browser": 12.5}', "no json"]
    engine.insert("events", ["team_id", "event", "properties"], [[1, str(n), text] for n, text in enumerate(texts)])
    found = engine.run("SELECT `mat_$browser` FROM events ORDER BY event").rows
    assert found == [("Safari",), ("",), (None,), (None,), ("12.5",), (None,)]


def test_property_text_is_what_posthogs_expression_gives(engine: Engine) -> None:
    """PostHog strips the quotes with replaceRegexpAll; ours must say the same, whatever the JSON."""
    values = [
        '"a"',
        '""',
        '"\\""',
        '"\\"a\\""',
        '"null"',
        "null",
        "true",
        "0",
        "-1.50",
        '{"a": "b"}',
        '["a"]',
        '"é\\u00e9"',
    ]
    texts = [f'{{"$os": {value}}}' for value in values] + ["{}", "", "no json", '{"$os": ']
    posthogs = "replaceRegexpAll(nullIf(nullIf(JSONExtractRaw(properties, '$os'), ''), 'null'), '^\"|\"$', '')"
    engine.insert("events", ["team_id", "event", "properties"], [[1, str(n), text] for n, text in enumerate(texts)])
    rows = engine.run(f"SELECT `mat_$os`, {posthogs} FROM events ORDER BY toInt32(event)").rows
    assert len(rows) == len(texts)
    assert [ours for ours, _ in rows] == [theirs for _, theirs in rows]
    assert rows[2][0] == '\\"'
