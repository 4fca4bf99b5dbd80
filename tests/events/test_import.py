import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_mcp.local.engine.tables import EVENTS
from insights_mcp.local.events import Intake
from insights_mcp.local.events.files.fields import ImportOptions
from insights_mcp.local.events.importing import ImportSummary
from insights_mcp.local.problems import Problem
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import list_event_definitions
from insights_mcp.local.store.projects import Team
from insights_mcp.local.store.property_types import PropertyTypes
from tests.events.conftest import Reader

Run = Callable[..., ImportSummary]


@pytest.fixture
def run(intake: Intake, team: Team, tmp_path: Path) -> Run:
    """Write a file, import it, and return the summary."""

    def import_text(content: str | bytes, name: str = "events.csv", **options: str) -> ImportSummary:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return intake.import_file(team, path, ImportOptions(**options))

    return import_text


def lines(*objects: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in objects)


CSV = """event,timestamp,user_id,plan,amount,active,meta,address.city
signed up,2026-10-01T08:00:00Z,ann,pro,10.50,true,"{""a"": [1, 2]}",Berlin
bought,2026-10-02 09:30:00.5+02:00,bob,,7,false,,
"""


def test_csv_columns_become_typed_properties_and_empty_cells_none(run: Run, reader: Reader) -> None:
    summary = run(CSV)
    assert (summary.rows, summary.added, summary.duplicates, summary.rejected) == (2, 2, 0, 0)
    first, second = reader.events()
    assert (first.event, first.distinct_id, first.timestamp) == (
        "signed up",
        "ann",
        datetime(2026, 10, 1, 8, tzinfo=UTC),
    )
    assert first.properties == {
        "plan": "pro",
        "amount": 10.5,
        "active": True,
        "meta": {"a": [1, 2]},
        "address": {"city": "Berlin"},
    }
    assert second.properties == {"amount": 7, "active": False}
    assert second.timestamp == datetime(2026, 10, 2, 7, 30, 0, 500_000, tzinfo=UTC)
    assert len(reader.persons()) == 2


def test_definitions_know_types_and_volumes(run: Run, store: Store) -> None:
    run(CSV + "bought,2026-10-03,ann,free,1,true,,\n")
    types = PropertyTypes(store).of_team(1)
    assert {name: types.type_of("event", name) for name in ("plan", "amount", "active", "meta", "address")} == {
        "plan": "String",
        "amount": "Numeric",
        "active": "Boolean",
        "meta": None,
        "address": None,
    }
    with store.read() as db:
        found, _ = list_event_definitions(db, 1)
    assert {event.name: event.volume for event in found} == {"signed up": 1, "bought": 2}


def test_same_file_again_adds_nothing(run: Run, reader: Reader) -> None:
    run(CSV)
    again = run(CSV)
    assert (again.added, again.duplicates, len(reader.events())) == (0, 2, 2)


def test_same_rows_in_another_file_with_other_column_order_add_nothing(run: Run, reader: Reader) -> None:
    run("event,time,user_id,a,b\nx,2026-10-01,ann,1,2\n")
    other = run("b,a,user_id,event,time\n2,1,ann,x,2026-10-01\n3,1,ann,x,2026-10-01\n", "other.csv")
    assert (other.added, other.duplicates, len(reader.events())) == (1, 1, 2)


def test_equal_rows_of_one_file_are_all_kept_and_counted(run: Run, reader: Reader) -> None:
    row = "x,2026-10-01,ann\n"
    assert run("event,time,user_id\n" + row * 3).added == 3
    more = run("event,time,user_id\n" + row * 5, "more.csv")
    assert (more.added, more.duplicates, len(reader.events())) == (2, 3, 5)


def test_uuid_of_the_file_is_kept_and_counts_once(run: Run, reader: Reader) -> None:
    uuid = "0190e2c0-0000-7000-8000-000000000001"
    summary = run(
        f"event,time,user_id,uuid\na,2026-10-01,ann,{uuid}\nb,2026-10-01,ann,{uuid}\nc,2026-10-01,ann,own-id-7\n"
    )
    assert (summary.added, summary.duplicates) == (2, 1)
    assert {event.event: event.uuid for event in reader.events()}["a"] == uuid


def test_bad_rows_are_counted_and_written_aside_with_line_and_reason(run: Run, reader: Reader) -> None:
    summary = run(
        "event,time,user_id\n"
        "a,2026-10-01,ann\n"
        "too,few\n"
        "b,yesterday or so,ann\n"
        ",2026-10-01,ann\n"
        "c,2026-10-01,\n"
        "d,,ann\n"
        "e,2026-10-02,bob\n"
        "too,many,columns,here\n"
    )
    assert (summary.rows, summary.added, summary.rejected) == (8, 2, 6)
    assert summary.rejected_path
    assert summary.rejected_path.endswith("events.csv.rejected.jsonl")
    aside = [json.loads(line) for line in Path(summary.rejected_path).read_text().splitlines()]
    assert [(line["line"], line["reason"]) for line in aside] == [
        (3, "2 columns, the header has 3"),
        (4, "unreadable time in time: 'yesterday or so'"),
        (5, "no event name in event"),
        (6, "no distinct id in user_id"),
        (7, "no time in time"),
        (9, "4 columns, the header has 3"),
    ]
    assert [event.event for event in reader.events()] == ["a", "e"]


def test_file_in_latin_1_is_read_and_said_to_be(run: Run, reader: Reader) -> None:
    summary = run("event;time;user_id;city\nx;2026-10-01;ann;Köln\n".encode("latin-1"))
    assert (summary.encoding, reader.events()[0].properties) == ("latin-1", {"city": "Köln"})


def test_row_that_is_not_utf_8_in_a_file_that_is_gets_refused_alone(run: Run, reader: Reader) -> None:
    content = "event,time,user_id\n" + "é,2026-10-01,ann\n" * 80_000
    summary = run(content.encode() + b"\xff,2026-10-01,ann\nlast,2026-10-01,ann\n")
    assert (summary.encoding, summary.added, summary.rejected) == ("utf-8", 80_001, 1)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(gzip.compress(CSV.encode()), "events.csv.gz", id="gzip"),
        pytest.param(pa.compress(CSV.encode(), codec="zstd", asbytes=True), "events.csv.zst", id="zstd"),
        pytest.param(CSV.replace("\n", "\r\n"), "events.csv", id="windows line ends"),
        pytest.param("\ufeff\n\n" + CSV, "events.csv", id="byte order mark and empty lines"),
        pytest.param(CSV.encode("utf-16"), "events.csv", id="utf-16"),
        pytest.param(CSV.rstrip("\n"), "events", id="no line end, no suffix"),
        pytest.param(CSV.replace(",", "\t"), "events.tsv", id="tabs"),
    ],
)
def test_wrappings_of_a_csv_do_not_matter(run: Run, reader: Reader, content: str | bytes, name: str) -> None:
    assert run(content, name).added == 2
    assert [event.distinct_id for event in reader.events()] == ["ann", "bob"]


def test_times_without_an_offset_are_of_the_given_zone(run: Run, reader: Reader) -> None:
    run("event,time,user_id\na,2026-07-01 12:00:00,ann\nb,2026-12-01 12:00:00,ann\n", timezone="Europe/Berlin")
    assert [event.timestamp.hour for event in reader.events()] == [10, 11]


@pytest.mark.parametrize(
    "time", ["1790841600", "1790841600000", "1790841600000000", "1790841600.0", "01.10.2026 08:00"]
)
def test_unusual_times_are_understood(run: Run, reader: Reader, time: str) -> None:
    run(f"event,time,user_id\na,{time},ann\nb,13.10.2026 08:00,ann\n")
    assert reader.events()[0].timestamp == datetime(2026, 10, 1, 8, tzinfo=UTC)


def test_person_columns_set_the_latest_value(run: Run, reader: Reader) -> None:
    run("event,time,user_id,person.plan,$set.age\na,2026-10-01,ann,free,30\na,2026-10-02,ann,pro,\n")
    assert reader.person() == {"plan": "pro", "age": 30}
    assert [event.properties for event in reader.events()] == [{}, {}]


def test_json_in_the_properties_column_of_a_csv_is_merged(run: Run, reader: Reader) -> None:
    row = '"{""plan"": ""pro"", ""$set"": {""age"": 3}}"'
    run(f"uuid,event,timestamp,distinct_id,properties,team_id\n,a,2026-10-01,ann,{row},7\n")
    assert (reader.events()[0].properties, reader.person()) == ({"plan": "pro", "$set": {"age": 3}}, {"age": 3})


def test_export_of_posthog_keeps_ids_merges_persons_and_numbers_groups(run: Run, reader: Reader) -> None:
    uuid = "0190e2c0-0000-7000-8000-00000000000"
    base = {"timestamp": "2026-10-01T08:00:00.123000Z", "team_id": 3, "person_id": "x", "elements_chain": 'a:text="x"'}
    summary = run(
        lines(
            {
                **base,
                "uuid": uuid + "1",
                "event": "seen",
                "distinct_id": "anon",
                "properties": {"$groups": {"co": "c1"}},
            },
            {
                **base,
                "uuid": uuid + "2",
                "event": "$identify",
                "distinct_id": "ann",
                "properties": {"$anon_distinct_id": "anon"},
            },
            {
                **base,
                "uuid": uuid + "3",
                "event": "bot",
                "distinct_id": "b",
                "properties": {"$process_person_profile": False},
            },
            {
                **base,
                "uuid": uuid + "4",
                "event": "script",
                "distinct_id": "s",
                "properties": {"$process_person_profile": "false"},
            },
        ),
        "export.jsonl",
    )
    assert summary.added == 4
    events = {event.event: event for event in reader.events()}
    assert events["seen"].person_id == events["$identify"].person_id
    assert (events["seen"].uuid, events["seen"].elements_chain) == (uuid + "1", 'a:text="x"')
    assert events["seen"].properties == {"$groups": {"co": "c1"}, "$group_0": "c1"}
    assert {events[name].person_mode for name in ("bot", "script")} == {"propertyless"}
    assert len(reader.persons()) == 1


@pytest.mark.parametrize(
    ("content", "event", "actor", "properties"),
    [
        pytest.param(
            {"event": "Buy", "properties": {"time": 1790841600, "distinct_id": "ann", "$insert_id": "i1", "x": 1}},
            "Buy",
            "ann",
            {"x": 1},
            id="mixpanel",
        ),
        pytest.param(
            {
                "event_type": "Buy",
                "user_id": None,
                "device_id": "d1",
                "event_time": "2026-10-01 08:00:00.000000",
                "event_id": 7,
                "uuid": "0190e2c0-0000-7000-8000-000000000001",
                "event_properties": {"x": 1},
                "user_properties": {"plan": "pro"},
            },
            "Buy",
            "d1",
            {"event_id": 7, "x": 1, "$set": {"plan": "pro"}},
            id="amplitude",
        ),
        pytest.param(
            {
                "type": "track",
                "event": "Buy",
                "userId": "ann",
                "anonymousId": "a",
                "messageId": "m1",
                "timestamp": "2026-10-01T08:00:00Z",
                "properties": {"x": 1},
            },
            "Buy",
            "ann",
            {"type": "track", "x": 1},
            id="segment",
        ),
        pytest.param(
            {"user_id": 42, "event_name": "Buy", "created_at": "2026-10-01T08:00:00Z", "x": 1, "y": None},
            "Buy",
            "42",
            {"x": 1, "y": None},
            id="flat",
        ),
    ],
)
def test_exports_of_others_are_understood(
    run: Run, reader: Reader, content: object, event: str, actor: str, properties: dict[str, object]
) -> None:
    run(lines(content), "export.json")
    (stored,) = reader.events()
    assert (stored.event, stored.distinct_id, stored.properties) == (event, actor, properties)
    assert stored.timestamp == datetime(2026, 10, 1, 8, tzinfo=UTC)


def test_json_array_over_many_lines_is_read(run: Run, reader: Reader) -> None:
    rows = [{"event": f"e{place}", "time": "2026-10-01", "user_id": "ä"} for place in range(3)]
    assert run(json.dumps(rows, indent=2, ensure_ascii=False), "events.json").added == 3


def test_bad_json_lines_are_refused_alone(run: Run) -> None:
    good = {"event": "a", "time": "2026-10-01", "user_id": "ann"}
    summary = run(
        lines(good) + "{broken\n\n[1]\n" + lines({**good, "time": None}, {**good, "time": "2026-10-02"}), "e.jsonl"
    )
    assert (summary.added, summary.rejected) == (2, 3)


def test_parquet_types_survive(run: Run, reader: Reader, tmp_path: Path) -> None:
    table = pa.table(
        {
            "event": ["a"],
            "time": pa.array([datetime(2026, 10, 1, 8, tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")),
            "user_id": [7],
            "price": [1.5],
            "code": ["0012"],
            "ok": [True],
            "tags": [["x", "y"]],
            "nothing": pa.array([float("nan")]),
        }
    )
    pq.write_table(table, tmp_path / "made.parquet")
    assert run((tmp_path / "made.parquet").read_bytes(), "events.parquet").added == 1
    (event,) = reader.events()
    assert (event.distinct_id, event.timestamp) == ("7", datetime(2026, 10, 1, 8, tzinfo=UTC))
    assert event.properties == {"price": 1.5, "code": "0012", "ok": True, "tags": ["x", "y"]}


def test_columns_beside_the_json_hold_what_the_engine_reads_from_it(run: Run, reader: Reader) -> None:
    run(
        "event,time,user_id,$browser,$os,$host,$session_id,$group_0,$pathname,utm_source.x\n"
        'a,2026-10-01,ann,Chrome,"Mac ""X""",1.50,s1,,"",7\n'
        "a,2026-10-02,ann,,Windows\\11,2,,acme,/ä,\n"
    )
    run(lines({"event": "b", "time": "2026-10-01", "user_id": "x", "$os": 'q"', "$host": 1.5, "$lib": None}), "b.jsonl")
    derived = [column for column in EVENTS if "MATERIALIZED" in column.expression]
    differing = ", ".join(
        f"countIf(`{column.name}` IS DISTINCT FROM {column.expression.removeprefix('MATERIALIZED ')})"
        for column in derived
    )
    (counts,) = reader.engine.command(f"SELECT {differing} FROM events").rows
    assert dict(zip((column.name for column in derived), counts, strict=True)) == {c.name: 0 for c in derived}


def test_mixture_of_numbers_and_words_in_a_later_part_stays_as_written(run: Run, reader: Reader) -> None:
    run("event,time,user_id,n,zip\na,2026-10-01,ann,1,01067\nb,2026-10-02,ann,n/a,99\n")
    assert [event.properties for event in reader.events()] == [{"n": "1", "zip": "01067"}, {"n": "n/a", "zip": "99"}]


def test_options_name_columns_that_cannot_be_guessed(run: Run, reader: Reader) -> None:
    run("what,moment,who\nx,2026-10-01,ann\n", event_column="what", time_column="moment", actor_column="who")
    run("moment,who\n2026-10-01,ann\n", "other.csv", event_name="visit", time_column="moment", actor_column="who")
    assert sorted(event.event for event in reader.events()) == ["visit", "x"]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("what,time,user_id\n1,2,3\n", {}, "--event-column"),
        ("event,moment,user_id\n1,2,3\n", {}, "--time-column"),
        ("event,time,thing\n1,2,3\n", {}, "--actor-column"),
        (
            "event,time,user_id\n1,2,3\n",
            {"time_column": "moment"},
            "There is no column 'moment'. The columns are: event",
        ),
        ("event,time,user_id\n1,2,3\n", {"timezone": "Mars/Base"}, "Mars/Base"),
        ("event,time,user_id\n", {}, "holds no rows"),
        ("", {}, "is empty"),
        (b"PAR1 nonsense", {}, "cannot be read as Parquet"),
        (b"\x1f\x8b nonsense", {}, "not readable as gzip"),
    ],
)
def test_file_that_cannot_be_understood_says_what_to_do(
    run: Run, content: str | bytes, options: dict[str, str], said: str
) -> None:
    with pytest.raises(Problem, match=said):
        run(content, **options)


def test_file_cut_off_keeps_what_was_whole_and_goes_on_when_it_is(run: Run, reader: Reader) -> None:
    chance = random.Random(7)  # so that it does not pack into nothing
    rows = (f"e,2026-10-01,u{place % 7},{chance.random()}\n" for place in range(300_000))
    text = "event,time,user_id,note\n" + "".join(rows)
    packed = gzip.compress(text.encode(), compresslevel=1)
    with pytest.raises(Problem, match="damaged"):
        run(packed[:-1000], "events.csv.gz")
    (whole,) = reader.engine.command("SELECT count() FROM events").rows
    assert 0 < int(str(whole[0])) < 300_000
    assert run(packed, "events.csv.gz").rejected == 0
    assert reader.engine.command("SELECT count(), uniqExact(uuid) FROM events").rows == [(300_000, 300_000)]
