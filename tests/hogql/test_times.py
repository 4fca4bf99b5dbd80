"""Time zones, days and moments (facts/queries.md 2, Functions), executed around the changes of clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.printer import print_select
from tests.hogql.asking import CONTEXT, NOW, ask, ask_one, column, in_zone
from tests.queries.world import World

BERLIN = in_zone("Europe/Berlin")
NEW_YORK = in_zone("America/New_York")
KOLKATA = in_zone("Asia/Kolkata")
# Clocks go forward at 01:00 UTC on 31 March 2024 in Berlin, and back at 01:00 UTC on 27 October.
SPRING = datetime(2024, 3, 31, tzinfo=UTC)
AUTUMN = datetime(2024, 10, 27, tzinfo=UTC)


def hourly(first: datetime, hours: int) -> list[dict[str, Any]]:
    return [
        {"event": f"{hour:02}", "distinct_id": "u", "timestamp": first + timedelta(hours=hour)} for hour in range(hours)
    ]


@pytest.fixture
def spring(engine: Engine) -> Engine:
    """Two days of an event an hour, from a day before the clocks go forward in Berlin."""
    World(engine).add_events(hourly(SPRING - timedelta(days=1), 60))
    return engine


def test_days_are_those_of_the_projects_clock(spring: Engine) -> None:
    query = "select toDate(timestamp) as day, count() from events group by day order by day"

    assert ask(spring, query) == [(date(2024, 3, 30), 24), (date(2024, 3, 31), 24), (date(2024, 4, 1), 12)]
    assert ask(spring, query, BERLIN) == [(date(2024, 3, 30), 23), (date(2024, 3, 31), 23), (date(2024, 4, 1), 14)]
    assert ask(spring, query, NEW_YORK)[0] == (date(2024, 3, 29), 4)


def test_a_day_of_changing_clocks_has_23_or_25_hours(engine: Engine) -> None:
    World(engine).add_events(hourly(AUTUMN - timedelta(days=1), 60))
    query = "select toStartOfDay(timestamp) as day, count() from events group by day order by day"

    found = ask(engine, query, BERLIN)
    assert [count for _, count in found] == [22, 25, 13]
    assert [str(day) for day, _ in found] == [
        "2024-10-26 00:00:00+02:00",
        "2024-10-27 00:00:00+02:00",
        "2024-10-28 00:00:00+01:00",
    ]


def test_hours_are_printed_in_the_projects_zone(spring: Engine) -> None:
    query = "select formatDateTime(timestamp, '%H:%i'), toHour(timestamp), toString(timestamp) from events"
    where = "where timestamp >= '2024-03-31 01:30:00' and timestamp < '2024-03-31 04:00:00' order by timestamp"

    # 02:00 does not exist in Berlin that day
    assert ask(spring, f"{query} {where}", BERLIN) == [("03:00", 3, "2024-03-31 03:00:00.000000")]


# The bound as it is written, and how many of the hourly events are at or after it on Berlin's clock.
BOUNDS = {
    "'2024-03-31'": 37,
    "'2024-03-31 00:00:00'": 37,
    "'2024-03-31T00:00:00'": 37,
    "'2024-03-31 03:00:00'": 35,
    "'2024-03-31 01:00:00.000001'": 35,
    "'2024-03-31 00:00:00Z'": 36,
    "'2024-03-31T02:00:00+02:00'": 36,
    "toDate('2024-03-31')": 37,
    "toDateTime('2024-03-31 00:00:00')": 37,
    "toDateTime('2024-03-31T00:00:00Z')": 36,
    "toStartOfDay(toDateTime('2024-03-31 12:00:00'))": 37,
    "toDate('2024-04-01') - interval 1 day": 37,
    "toDateTime('2024-04-01 00:00:00') - interval 24 hour": 38,
    "dateTrunc('month', toDate('2024-03-31'))": 60,
    "toDateTime('31 Mar 2024 00:00:00')": 37,
    "parseDateTimeBestEffort('2024-03-31 00:00:00')": 37,
    "toDateTime64('2024-03-31 00:00:00', 3)": 37,
    "fromUnixTimestamp(1711843200)": 36,
}


def test_bounds_are_on_the_projects_clock_however_they_are_written(spring: Engine) -> None:
    found = {
        bound: ask_one(spring, f"select count() from events where timestamp >= {bound}", BERLIN) for bound in BOUNDS
    }

    assert found == BOUNDS


def test_bounds_mean_the_same_on_either_side_and_in_groups(spring: Engine) -> None:
    queries = [
        "select count() from events where '2024-03-31' <= timestamp",
        "select countIf(timestamp >= '2024-03-31') from events",
        "select count() from events having max(timestamp) >= '2024-03-31' and countIf(timestamp >= '2024-03-31') = 37",
        "select count() from (select timestamp from events) where timestamp >= '2024-03-31'",
        "select count() from events e join events f on e.uuid = f.uuid where f.timestamp >= '2024-03-31'",
        "select sum(c) from (select timestamp >= '2024-03-31' as late, count() as c from events group by late)"
        " where late",
        "select count() from events where timestamp between '2024-03-31' and '2030-01-01'",
    ]

    assert [ask_one(spring, query, BERLIN) for query in queries] == [37, 37, 60, 37, 37, 37, 37]


def test_moments_given_by_callers_are_exact(spring: Engine) -> None:
    for moment, count in (
        (datetime(2024, 3, 31, tzinfo=UTC), 36),
        (datetime(2024, 3, 31), 37),  # without a zone: on the project's clock
        (date(2024, 3, 31), 37),
        (datetime(2024, 3, 31, 0, 0, 0, 1, tzinfo=UTC), 35),
    ):
        query = parse_select("select count() from events where timestamp >= {bound}", {"bound": ast.Constant(moment)})
        printed = print_select(query, BERLIN)
        assert spring.run(printed.sql, printed.params).rows == [(count,)]


def test_an_hour_that_comes_twice_is_told_apart(engine: Engine) -> None:
    World(engine).add_events(hourly(AUTUMN, 4))
    for hour in (0, 1, 2):
        moment = ast.Constant(AUTUMN + timedelta(hours=hour))
        printed = print_select(parse_select("select event from events where timestamp = {m}", {"m": moment}), BERLIN)
        assert engine.run(printed.sql, printed.params).rows == [(f"{hour:02}",)]


def test_now_is_the_clock_of_the_request(engine: Engine) -> None:
    query = "select now(), today(), yesterday(), now('UTC') = now(), toDate(now()), dateDiff('day', today(), now())"

    assert ask(engine, query, in_zone("Pacific/Auckland", replace(CONTEXT, now=NOW))) == [
        (datetime(2024, 3, 15, 12, 30, tzinfo=UTC), date(2024, 3, 15), date(2024, 3, 14), True, date(2024, 3, 16), 1)
    ]


def test_without_a_clock_now_is_the_engines(engine: Engine) -> None:
    context = replace(CONTEXT, now=None, timezone="Asia/Tokyo")

    assert ask_one(engine, "select abs(dateDiff('second', now(), toTimeZone(now(), 'UTC')))", context) in (0, 1)
    assert ask_one(engine, "select today() = toDate(now('UTC')) and yesterday() = today() - 1", context)


@pytest.mark.parametrize("day", ["toDayOfWeek(timestamp)", "dayOfWeek(timestamp)", "date_part('dow', timestamp)"])
def test_days_of_a_week_that_has_begun_only_on_the_projects_clock_are_found(engine: Engine, day: str) -> None:
    sunday = datetime(2024, 3, 3, tzinfo=UTC)  # in Kolkata Monday begins at 18:30
    World(engine).add_events(hourly(sunday, 24))
    counts = [ask_one(engine, f"select count() from events where {day} = {number}", KOLKATA) for number in (7, 1, 2)]
    assert counts == [19, 5, 0]


def test_weeks_begin_where_the_project_says(engine: Engine) -> None:
    query = "select toStartOfWeek(toDate('2024-03-13')), toStartOfWeek(toDate('2024-03-13'), 1), toMonday(today())"

    assert ask(engine, query) == [(date(2024, 3, 10), date(2024, 3, 11), date(2024, 3, 11))]
    monday = replace(CONTEXT, week_start_day=1)
    assert ask(engine, query, monday)[0][0] == date(2024, 3, 11)


def test_starts_of_weeks_and_months_are_days_and_shorter_ones_moments(spring: Engine) -> None:
    starts = ["Week", "Month", "Quarter", "Year", "Day", "Hour", "Minute"]
    columns = ", ".join(f"toTypeName(toStartOf{one}(timestamp))" for one in starts)
    (types,) = ask(spring, f"select {columns} from events limit 1", BERLIN)

    assert types == ("Date",) * 4 + ("DateTime('Europe/Berlin')",) * 2 + ("DateTime('Europe/Berlin')",)


CALLS = {
    "dateDiff('day', toDate('2024-01-01'), toDate('2024-01-31'))": 30,
    "date_diff('hour', toDateTime('2024-01-01 00:00:00'), toDateTime('2024-01-02 00:00:00'))": 24,
    "dateAdd('day', 1, toDate('2024-01-31'))": date(2024, 2, 1),
    "dateAdd(month, 1, toDate('2024-01-31'))": date(2024, 2, 29),
    "dateSub('week', 1, toDate('2024-01-31'))": date(2024, 1, 24),
    "toDate('2024-01-31') + interval 1 month": date(2024, 2, 29),
    "toDate('2024-01-31') + 1": date(2024, 2, 1),
    "toDate('2024-02-01') - toDate('2024-01-01')": 31,
    "dateTrunc('week', toDate('2024-01-31'))": date(2024, 1, 29),
    "date_trunc('month', toDate('2024-01-31'))": date(2024, 1, 1),
    "date_part('year', toDate('2024-01-31'))": 2024,
    "date_part('dow', toDate('2024-01-31'))": 3,
    "to_char(toDateTime('2024-01-31 10:00:00'), '%Y/%m/%d %H')": "2024/01/31 10",
    "make_date(2024, 1, 31)": date(2024, 1, 31),
    "toString(make_timestamp(2024, 1, 31, 10, 0, 0))": "2024-01-31 10:00:00",
    "toString(toTimeZone(toDateTime('2024-01-31 10:00:00'), 'UTC'))": "2024-01-31 09:00:00",
    "toString(timezone('UTC', toDateTime('2024-01-31 10:00:00')))": "2024-01-31 09:00:00",
    "toUnixTimestamp(toDateTime('2024-01-31 10:00:00'))": 1706691600,
    "toYYYYMM(toDate('2024-01-31'))": 202401,
    "toDayOfWeek(toDate('2024-01-31'))": 3,
    "monthName(toDate('2024-01-31'))": "January",
    "toString(fromUnixTimestamp(0))": "1970-01-01 00:00:00",
    "toString(to_timestamp(1.5))": "1970-01-01 01:00:01.500000",
    "toDate('garbage')": None,
    "toDateTime(lower('GARBAGE'))": None,
    "toString(toDateTime('2024-01-31 10:00:00.5'))": "2024-01-31 10:00:00.500000",
    "toString(toDateTime('31 Jan 2024 10:00'))": "2024-01-31 10:00:00.000000",
    "toString(current_timestamp())": "2024-03-15 12:30:00.000000",
    "date_part('era', toDate('2024-01-31'))": None,
    "toString(tumbleStart(toDateTime('2024-01-31 10:00:00'), interval 1 day))": "2024-01-31 00:00:00",
    "toString(tumbleEnd(now(), interval 1 hour))": "2024-03-15 13:00:00",
    "toString(hopStart(toDateTime('2024-01-31 10:00:00'), interval 1 hour, interval 3 hour))": "2024-01-31 08:00:00",
    "toString(toTimeZone(nowInBlock('UTC'), 'UTC'))": "2024-03-15 12:30:00",
    "toDate('2024-01-31 23:00:00')": date(2024, 1, 31),
    "toString(toDateTime(toDate('2024-01-31')))": "2024-01-31 00:00:00",
    "toString(parseDateTime('31.01.2024', '%d.%m.%Y'))": "2024-01-31 00:00:00",
    "age('month', toDate('2024-01-31'), toDate('2024-03-01'))": 1,
    "toLastDayOfMonth(toDate('2024-02-01'))": date(2024, 2, 29),
    "addDays(toDate('2024-02-28'), 2)": date(2024, 3, 1),
    "toString(toStartOfInterval(toDateTime('2024-01-31 10:44:00'), interval 15 minute))": "2024-01-31 10:30:00",
    "toString(now() + make_interval(0, 0, 1, 2, 0, 0))": "2024-03-16 15:30:00.000000",
}


def test_functions_of_time_answer_on_the_projects_clock(engine: Engine) -> None:
    (found,) = ask(engine, f"select {', '.join(CALLS)}", BERLIN)

    assert dict(zip(CALLS, found, strict=True)) == CALLS


def test_bounds_on_time_use_the_primary_key(spring: Engine) -> None:
    """A column inside toTimeZone() would be read whole."""
    bounds = [
        "timestamp >= '2024-03-31'",
        "timestamp > now() - interval 7 day",
        "timestamp >= today() - 7",
        "timestamp >= toStartOfDay(now())",
        "timestamp between '2024-03-31' and '2024-04-01'",
        "timestamp >= toDate('2024-03-31')",
        "'2024-03-31' <= timestamp",
        "t >= '2024-03-31'",
        "toDate(timestamp) = '2024-03-31'",
        "toDate(timestamp) >= today() - 7",
        "toStartOfMonth(timestamp) = '2024-03-01'",
        "day < '2024-03-31'",
    ]
    for bound in bounds:
        printed = print_select(
            parse_select(f"select timestamp as t, toDate(timestamp) as day from events where {bound}"), BERLIN
        )
        plan = spring.command(f"SELECT * FROM (EXPLAIN indexes = 1 {printed.sql})", printed.params).rows
        assert any("toDate(timestamp) in" in str(line) for line in plan), bound


def test_starts_of_days_and_months_are_compared_exactly(spring: Engine) -> None:
    starts = ["toDate", "toStartOfDay", "toStartOfHour", "toStartOfWeek", "toMonday", "toStartOfMonth", "toStartOfYear"]
    bounds = ["'2024-03-31'", "today()", "toDateTime('2024-03-31 03:00:00')"]
    conditions = [
        f"{start}(timestamp) {op} {bound}"
        for start in starts
        for op in ("=", "!=", "<", "<=", ">", ">=")
        for bound in bounds
        if "03:00" not in bound or start in ("toStartOfDay", "toStartOfHour")
    ]
    columns = ", ".join(f"countIf({condition})" for condition in conditions)
    (expected,) = ask(spring, f"select {columns} from events", BERLIN)
    unions = " union all ".join(
        f"select {index} as i, count() as c from events where {condition}" for index, condition in enumerate(conditions)
    )
    found = {str(row[0]): row[1] for row in ask(spring, unions, BERLIN)}

    assert {one: found[str(i)] for i, one in enumerate(conditions)} == dict(zip(conditions, expected, strict=True))


def test_rows_come_ordered_by_time_whatever_the_zone(spring: Engine) -> None:
    ordered = column(spring, "select event from events order by timestamp desc limit 3", BERLIN)

    assert ordered == ["59", "58", "57"]
    assert ask(spring, "select distinct toDate(timestamp) from events order by toDate(timestamp) limit 1", BERLIN)
    assert ask(spring, "select timestamp, count() from events group by timestamp order by timestamp limit 1", BERLIN)
