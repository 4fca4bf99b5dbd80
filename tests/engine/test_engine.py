"""The engine through its own door: values in, values out, limits, errors."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from insights_mcp.local.engine.base import Engine, EngineError, EngineUnavailable, QueryMistake

PERSON = UUID("00000000-0000-0000-0000-0000000000aa")
COLUMNS = ["team_id", "uuid", "event", "properties", "timestamp", "distinct_id", "person_id", "created_at"]


def event(number: int, name: str = "$pageview", properties: str = "{}") -> list[object]:
    at = datetime(2026, 1, 1, 12, 0, 0, number, tzinfo=UTC)
    return [1, UUID(int=number), name, properties, at, f"user-{number}", PERSON, at]


def test_inserted_events_are_read_back_with_their_microseconds(engine: Engine) -> None:
    assert engine.insert("events", COLUMNS, [event(1), event(2, properties='{"$browser": "Chrome"}')]) == 2
    answer = engine.run(
        "SELECT uuid, timestamp, `mat_$browser` AS browser FROM events WHERE team_id = {team:UInt32} ORDER BY uuid",
        {"team": 1},
    )
    assert answer.columns == ["uuid", "timestamp", "browser"]
    assert answer.types == ["UUID", "DateTime64(6, 'UTC')", "LowCardinality(Nullable(String))"]
    assert answer.rows == [
        (UUID(int=1), datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC), None),
        (UUID(int=2), datetime(2026, 1, 1, 12, 0, 0, 2, tzinfo=UTC), "Chrome"),
    ]


def test_empty_answer_still_names_its_columns(engine: Engine) -> None:
    answer = engine.run("SELECT event, count() AS n FROM events GROUP BY event")
    assert (answer.columns, answer.types, answer.rows) == (["event", "n"], ["LowCardinality(String)", "UInt64"], [])


MISTAKES = [
    ("SELECT nonsense FROM events", "UNKNOWN_IDENTIFIER"),
    ("SELECT count() FROM nowhere", "UNKNOWN_TABLE"),
    ("SELECT 1 + 'a'", "ILLEGAL_TYPE_OF_ARGUMENT"),
    ("SELECT toDate(1, 2, 3)", "NUMBER_OF_ARGUMENTS_DOESNT_MATCH"),
    ("SELECT event, count() FROM events", "NOT_AN_AGGREGATE"),
    ("SELECT sum(count()) FROM events", "ILLEGAL_AGGREGATION"),
    ("SELECT toUUID('x')", "CANNOT_PARSE_UUID"),
    ("SELECT [1, 'a']", "NO_COMMON_TYPE"),
    ("SELECT (1", "SYNTAX_ERROR"),
]


@pytest.mark.parametrize(("sql", "name"), MISTAKES)
def test_authors_mistake_is_told_by_its_name(engine: Engine, sql: str, name: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        engine.run(sql)
    assert caught.value.name == name
    assert "version 26" not in caught.value.message
    assert "DB::Exception" not in caught.value.message


def test_large_answer_streams_in_batches(engine: Engine) -> None:
    batches = engine.stream("SELECT number, toString(number) AS text FROM numbers({n:UInt64})", {"n": 300_000})
    first = next(batches)
    assert first.schema.names == ["number", "text"]
    assert 0 < first.num_rows < 300_000
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 300_000


def test_abandoned_stream_gives_its_session_back(engine: Engine) -> None:
    for _ in range(20):
        batches = engine.stream("SELECT number FROM numbers(2000000)")
        next(batches)
        batches.close()  # type: ignore[attr-defined]  # a generator
    assert engine.run("SELECT 1").rows == [(1,)]


def test_stream_that_fails_midway_raises_the_engines_error(engine: Engine) -> None:
    # Over HTTP the headers are out by then, so that only the breaking off is left to tell.
    with pytest.raises((QueryMistake, EngineUnavailable)):
        for _ in engine.stream("SELECT toUInt8(if(number > 90000, 'x', '1')) FROM numbers(100000)"):
            pass


def test_session_of_a_broken_stream_is_not_used_again(engine: Engine) -> None:
    """chDB answers the next statement of such a session with nothing, and without an error."""
    for _ in range(5):
        with pytest.raises(EngineError):
            for _ in engine.stream("SELECT toUInt8(if(number > 90000, 'x', '1')) FROM numbers(100000)"):
                pass
        assert sum(batch.num_rows for batch in engine.stream("SELECT number FROM numbers(10)")) == 10
